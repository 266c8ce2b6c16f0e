"""Flight numbers: a carrier's two-character code and up to four digits, or 'flight 412' of our own."""

import re

from tools.extract.found import Found, disjoint, found, words

OWN_CARRIER = "GA"
_OWN = re.compile(r"(?<![\w])(ga)[ -]?(\d{1,4})([A-Z]?)(?!\w)", re.I)
_OTHER = re.compile(r"(?<![\w])([A-Z]{2}|[A-Z]\d|\d[A-Z])[ -]?(\d{3,4})([A-Z]?)(?!\w)")
_CUED = re.compile(
    r"\bflight(?:\s+(?:number|no\.?|nr\.?|is|:))*\s+()(\d{2,4})()(?![\w%:/.-]|\s*(?:euro|eur|hour|min))", re.I
)
_NOT_CARRIERS = words("EC EU UK US IN ON AT TO OF BY NO MC KG CM EUR GBP AM PM")


def flights(text: str) -> tuple[Found[str], ...]:
    """'ga 0412' -> GA412: leading zeros name the same flight."""
    own = [found(m, canonical_flight(m[0])) for m in _OWN.finditer(text)]
    other = [found(m, canonical_flight(m[0])) for m in _OTHER.finditer(text) if m[1] not in _NOT_CARRIERS]
    cued = [found(m, canonical_flight(OWN_CARRIER + m[2]), 2) for m in _CUED.finditer(text)]
    return disjoint([*own, *other, *cued])


def canonical_flight(number: str) -> str:
    """'ga 088' -> GA88; text that is no flight number comes back in capitals without spaces."""
    compact = re.sub(r"[\s-]", "", number).upper()
    match = re.fullmatch(r"([A-Z]{2}|[A-Z]\d|\d[A-Z])(\d{1,4})([A-Z]?)", compact)
    return f"{match[1]}{int(match[2])}{match[3]}" if match else compact
