"""One-time codes and payment cards: digits that must not travel further than they need."""

import re

from tools.extract.found import Found, found

_CODE = re.compile(
    r"(?<![\w+#/€$£.,:-])(?<!\d\s)(?<!(?-i:[A-Z]{2})\s)(?<!tag\s)(\d{6})(?![\w%€$£/:-]|[.,]\d|\s\d|\s?(?:eur|"
    r"euros?|usd|pounds?|dollars?|gbp|"
    r"miles|points)\b)",
    re.I,
)
_ALONE = re.compile(r"\s*(\d{3})[\s-](\d{3})\s*[.!]?\s*")
_CARD = re.compile(r"(?<!\d)(?:\d[\s\u00a0./_*-]{0,3}){12,18}\d(?!\d)")
_ISSUERS = re.compile(r"(?:4|5[0-8]|2[2-7]|3[04-9]|6)")
MASK = "[card]"


def codes(text: str) -> tuple[Found[str], ...]:
    """Exactly six digits standing alone; '123 456' only as the whole message."""
    if alone := _ALONE.fullmatch(text):
        return (found(alone, alone[1] + alone[2]),)
    return tuple(found(m, m[1], 1) for m in _CODE.finditer(text))


def mask_codes(text: str, mask: str = "[code]") -> str:
    return _replace(text, codes(text), mask)


def mask_cards(text: str) -> str:
    """Payment card numbers (13 to 19 digits, an issuer's first digits, Luhn) become '[card]'."""
    return _CARD.sub(_mask_card, text)


def _mask_card(match: re.Match[str]) -> str:
    digits = "".join(str(int(c)) for c in match[0] if c.isdigit())
    return MASK if _ISSUERS.match(digits) and _luhn(digits) else match[0]


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    doubled = (int(d) * (2 if place % 2 else 1) for place, d in enumerate(reversed(digits)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _replace(text: str, values: tuple[Found[str], ...], mask: str) -> str:
    for value in reversed(values):
        text = text[: value.start] + mask + text[value.end :]
    return text
