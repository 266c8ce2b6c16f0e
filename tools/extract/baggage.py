"""Seats, bag tags and loyalty numbers."""

import re

from tools.extract.found import Found, disjoint, found, outside
from tools.extract.locators import locators

_SEAT = re.compile(r"(?<![\w-])([1-9]\d?)\s?([A-HJK])(?![\w-])")
_SMALL_SEAT = re.compile(r"(?<![\w-])([1-9]\d?)([a-hjk])(?![\w-])")
_SEAT_CUE = re.compile(r"\b(?:seat|sit|window|aisle|row)", re.I)
# IATA Resolution 740: ten digits, of which airlines print the last six behind their two-letter code.
_TAG = re.compile(r"(?<![\w+])(\d{4}[ -]?\d{6}|[A-Z]{2}[ -]?\d{6})(?![\w]|[ -]\d)")
_CUED_TAG = re.compile(
    r"\btags?\b(?:[\s.:#=-]|\b(?:number|no|nr|id|is|on|it)\b){1,8}([A-Za-z]{0,2}[ -]?\d{4}[ -]?\d{2,6})(?![\w])", re.I
)
_PHONE_CUE = re.compile(r"\b(?:phone|mobile|cell|tel|telephone|call|sms|whatsapp)\b", re.I)
_LOYALTY = re.compile(
    r"\b(?:frequent\s+fl[iy]er|loyalty|member(?:ship)?|miles|ffn?|status|club)\b"
    r"(?:[\s.:#=-]|\b(?:card|number|no|nr|id|is|account|programme|"
    r"program)\b){1,10}([A-Za-z]{0,3}[ -]?\d(?:[ -]?\d){5,11})(?!\w)",
    re.I,
)


def seats(text: str) -> tuple[Found[str], ...]:
    """'22F'; in small letters only where the text speaks of seats."""
    values = [found(m, m[1] + m[2]) for m in _SEAT.finditer(text) if " " not in m[0]]
    if _SEAT_CUE.search(text):
        values += [found(m, m[1] + m[2].upper()) for m in _SMALL_SEAT.finditer(text)]
    return outside(disjoint(values), locators(text))


def bag_tags(text: str) -> tuple[Found[str], ...]:
    """'0220 123456', 'GA 482913', or whatever follows the word tag."""
    cued = [found(m, _compact(m[1]), 1) for m in _CUED_TAG.finditer(text)]
    plain = [] if _PHONE_CUE.search(text) else [found(m, _compact(m[1]), 1) for m in _TAG.finditer(text)]
    return outside(disjoint([*cued, *plain]), loyalty_numbers(text))


def loyalty_numbers(text: str) -> tuple[Found[str], ...]:
    """After a cue: 'frequent flyer number GM 1234 5678'."""
    return tuple(found(m, _compact(m[1]), 1) for m in _LOYALTY.finditer(text))


def _compact(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()
