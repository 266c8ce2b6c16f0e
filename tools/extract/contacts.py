"""E-mail addresses and telephone numbers."""

import re

from tools.extract.found import Found, found, outside

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}(?![\w@-])")
_PHONE = re.compile(r"(?<![\w.,+])(?:\+|00)?\(?\d(?:[\s().\u00a0-]{0,2}\d){6,14}(?![\w]|[.,]\d)")
_PHONE_CUE = re.compile(r"\b(?:phone|mobile|cell|tel|telephone|number|call|text|sms|whatsapp|handy)\b", re.I)
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_NOT_PHONE_CUE = re.compile(r"\b(?:tag|card|loyalty|flyer|member\w*|ticket|passport|claim|case)\b[^.,;]{0,24}$", re.I)


def emails(text: str) -> tuple[Found[str], ...]:
    """Lower case, as addresses are compared."""
    return tuple(found(m, m[0].lower()) for m in _EMAIL.finditer(text))


def phones(text: str) -> tuple[Found[str], ...]:
    """'+44 7700 900-123' -> +447700900123. Without '+' a cue such as 'phone' must stand in the text."""
    cued = bool(_PHONE_CUE.search(text))
    matches = [m for m in _PHONE.finditer(text) if _is_phone(m, text, cued)]
    return outside([found(m, _digits(m[0])) for m in matches], emails(text))


def _is_phone(match: re.Match[str], text: str, cued: bool) -> bool:
    if _DATE.fullmatch(match[0]) or _NOT_PHONE_CUE.search(text[: match.start()]):
        return False
    international = match[0].startswith(("+", "00"))
    return 7 <= len(re.sub(r"\D", "", match[0])) <= 15 and (international or cued)


def _digits(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    if text.startswith("+"):
        return "+" + digits
    return "+" + digits[2:] if digits.startswith("00") else digits
