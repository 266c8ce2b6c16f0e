"""What a sentence says is the person's right, or costs nothing, or is paid in full."""

import re
from collections.abc import Iterator

from agent.claims import verbs
from agent.claims.deeds import ADV, NOT, Deed, denied
from agent.claims.things import PERK

_ENTITLED = re.compile(
    rf"(?P<asked>\b(?:what|whether|if|how much|which)\s)?\byou(?:\s(?:are|were)|['’]re)\s{ADV}(?:entitled|eligible|"
    rf"owed|due|"
    rf"guaranteed|covered|insured)\b|\byou qualify|\byou have (?:a|the) right\b",
    re.I,
)
_REFUNDABLE = re.compile(r"(?<!non-)(?<!non)\brefundable\b", re.I)
_CAN_GIVE = re.compile(
    rf"\b(?:i|we)\s(?:can|could|am able to|are able to|['’]?d be happy to|am happy to|are happy to|are pleased to|"
    rf"would like to)"
    rf"\s+{NOT}{ADV}(?P<verb>offer|give|grant|waive|refund|upgrade|compensate|reimburse|credit|issue|"
    rf"make an exception|pay)\b",
    re.I,
)
_YOU_GET = re.compile(
    r"\byou(?:\salso|\sthen|\snow)?\s(?:get|receive|are given|are paid|are offered|(?:can|may|could) (?:also )?have)\b",
    re.I,
)
_INCLUDES = re.compile(r"\b(?:includes?|comes? with|included)\b", re.I)
_NOUNS = frozenset(
    {"refund", "compensation", "voucher", "hotel", "meal", "upgrade", "lounge", "miles", "discount", "exception"}
)
_FOREIGN = re.compile(
    r"\b(?:anspruch auf|steh(?:t|en) ihnen|ihnen (?:steht|stehen)|erhalten sie|sie erhalten|sie bekommen|droit à|"
    r"vous recevez|vous recevrez|derecho a|recibirá|tiene derecho|diritto a|riceverà|recht op|u krijgt|u ontvangt|"
    r"direito a|receberá)\b",
    re.I,
)


def rights(text: str) -> Iterator[Deed]:
    """Whatever a sentence in English grants."""
    for match in _ENTITLED.finditer(text):
        if not match["asked"] and not denied(text, match):
            yield from _each(match, _perks(text[match.end() :]) or ["right"])
    for match in _REFUNDABLE.finditer(text):
        if not denied(text, match):
            yield from _each(match, ["refund"])
    yield from _offered(text)


def _offered(text: str) -> Iterator[Deed]:
    for match in _CAN_GIVE.finditer(text):
        acts = verbs.acts_of(match["verb"].split()[0].lower())
        yield Deed(mood="right", acts=acts, words=match[0], perk="offer")
    for match in (match for pattern in (_YOU_GET, _INCLUDES) for match in pattern.finditer(text)):
        if not denied(text, match):
            yield from _each(match, [perk for perk in _perks(text[match.end() :]) if perk in _NOUNS])


def foreign_rights(text: str) -> Iterator[Deed]:
    """The same in the main words of six other languages."""
    for match in _FOREIGN.finditer(text):
        if not denied(text, match):
            yield from _each(match, [perk for perk in _perks(text) if perk in _NOUNS] or ["right"])


def free_and_full(text: str) -> Iterator[Deed]:
    """Free of charge and in full are figures too."""
    for match in PERK.finditer(text):
        if match.lastgroup in ("free", "full", "half") and not _undone(text, match):
            yield from _each(match, [match.lastgroup])


def _each(match: re.Match[str], perks: list[str]) -> Iterator[Deed]:
    yield from (Deed(mood="right", acts=frozenset(), words=match[0], perk=perk) for perk in dict.fromkeys(perks))


def _perks(text: str) -> list[str]:
    return [match.lastgroup for match in PERK.finditer(text) if match.lastgroup]


def _undone(text: str, match: re.Match[str]) -> bool:
    """'no fee' is no denial; 'not free' and 'cannot be refunded in full' are."""
    before = text[max(0, match.start() - 28) : match.start()]
    return bool(
        re.search(r"\b(?:not|never|cannot|nor|nicht|pas|sin que|non|niet|não)\b[^,;.]*$|n['’]t\b[^,;.]*$", before, re.I)
    )
