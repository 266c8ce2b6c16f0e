"""What makes two messages alike: their meaning with the particulars taken out, their spelling, and what they name."""

import re
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tools.extract.message import Extracted

Floats = NDArray[np.float32]

LEXICAL: Final = 4096
"""Buckets of hashed spelling features."""

_WORD = re.compile(r"[^\W\d_][^\W\d_']*")
_ASKS = re.compile(
    r"\s*(?:what|how|when|where|who|why|which|can|could|do|does|is|are|may|am|will|would|"
    r"should)\b",
    re.I,
)
_OTHER_AIRLINE = re.compile(
    r"\b(?:lufthansa|ryanair|easy ?jet|klm|air (?:france|canada|berlin|india|china)|british airways|emirates|"
    r"delta|united|"
    r"american airlines|wizz(?: air)?|vueling|iberia|austrian|finnair|turkish airlines|qatar|etihad|eurowings|"
    r"transavia|"
    r"norwegian air|alitalia|aer lingus|southwest|jetblue|qantas|singapore airlines|(?:an)?other airlines?)\b",
    re.I,
)
_TRAVEL = re.compile(
    r"\b(?:fl[iy]|plane|book|ticket|seat|bag|luggage|suitcase|refund|gate|airport|travel|trip|journey|reserv|check-?in|"
    r"board|passenger|fare|miles|cabin|airline|voucher|cancel|delay|compensation|itinerary|newsletter|consent|profile|"
    r"account|marketing|claim|complain|name)",
    re.I,
)
_OWN = re.compile(r"\b(?:my|our|me|mine|we|us)\b", re.I)


def general(text: str, read: Extracted) -> str:
    """'pls cancel R4TN8W' -> 'pls cancel my booking': what is particular to one customer says nothing of the wish."""
    named = (
        (read.locators, "my booking"),
        (read.flights, "flight"),
        (read.emails, "new email address"),
        (read.phones, "new phone number"),
        (read.bag_tags, "bag tag"),
        (read.seats, "seat"),
    )
    spans = [(v.start, v.end, word) for values, word in named for v in values]
    ends = (read.route.origin, read.route.destination)
    spans += [(place.start, place.end, "city") for place in ends if place and place.text.isupper()]
    for start, end, word in sorted(spans, reverse=True):
        text = text[:start] + word + text[end:]
    return text.lower()


def spelling(text: str) -> Floats:
    """Words, pairs of words and letter groups, hashed and weighted; length 1. Typing errors keep most of them."""
    vector = np.zeros(LEXICAL, dtype=np.float32)
    for feature in _spelled(text):
        code = zlib.crc32(feature.encode())
        vector[code % LEXICAL] += 1 if code & 0x80000000 else -1
    vector = np.sign(vector) * np.log1p(np.abs(vector))
    norm = float(np.linalg.norm(vector))
    return vector / norm if norm else vector


def marks(text: str, read: Extracted) -> Floats:
    """What a message names and how it is built, as numbers from zero to about one."""
    found = (
        read.locators, read.flights, read.dates, read.emails, read.phones, read.bag_tags, read.seats, read.surnames,
        read.needs, read.withdrawals, read.purposes, read.channels,
    )  # fmt: skip
    shape = (
        text.strip().endswith("?") or _ASKS.match(text),
        read.route.origin or read.route.destination,
        len(text) < 12,
        len(text) < 25,
        _OWN.search(text),
    )
    travel = bool(_TRAVEL.search(text))
    told = [bool(value) for value in (*found, *shape)]
    return np.array([*told, 1.5 * bool(_OTHER_AIRLINE.search(text)), 0.7 * travel, 0.7 * (not travel)], np.float32)


def _spelled(text: str) -> Iterator[str]:
    words = _WORD.findall(text)
    if words:
        yield f"first:{words[0]}"
    for word in words:
        yield f"w:{word}"
        padded = f"^{word}$"
        for size in (3, 4):
            yield from (padded[at : at + size] for at in range(len(padded) - size + 1))
    yield from (f"{one}_{two}" for one, two in pairwise(words))
