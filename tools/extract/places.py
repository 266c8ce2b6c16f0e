"""Airports and cities of a journey: 'from Lisbon to Oslo', 'FRA-LHR'. Names come from airportsdata."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import airportsdata

from tools.extract.found import Found, disjoint, found, words

# Where a city has several airports, the one a traveller who names only the city most likely means.
_MAIN = {
    "london": "LHR", "paris": "CDG", "rome": "FCO", "milan": "MXP", "new york": "JFK", "berlin": "BER", "tokyo": "HND",
    "chicago": "ORD", "washington": "IAD", "istanbul": "IST", "stockholm": "ARN", "oslo": "OSL", "brussels": "BRU",
    "moscow": "SVO", "bucharest": "OTP", "venice": "VCE", "barcelona": "BCN", "manchester": "MAN", "athens": "ATH",
    "dublin": "DUB", "valencia": "VLC", "birmingham": "BHX", "toronto": "YYZ", "montreal": "YUL", "lisbon": "LIS",
    "porto": "OPO", "nice": "NCE", "geneva": "GVA", "madrid": "MAD", "hamburg": "HAM", "vienna": "VIE", "malta": "MLA",
    "tenerife": "TFS", "palma": "PMI", "majorca": "PMI", "mallorca": "PMI", "naples": "NAP", "los angeles": "LAX",
    "edinburgh": "EDI", "warsaw": "WAW", "prague": "PRG", "budapest": "BUD", "copenhagen": "CPH", "helsinki": "HEL",
    "zurich": "ZRH", "munich": "MUC", "frankfurt": "FRA", "amsterdam": "AMS", "boston": "BOS", "san francisco": "SFO",
    "gothenburg": "GOT", "cologne": "CGN", "dusseldorf": "DUS", "heathrow": "LHR", "gatwick": "LGW", "malaga": "AGP",
    "seville": "SVQ", "florence": "FLR", "turin": "TRN",
    "genoa": "GOA", "marseille": "MRS", "lyon": "LYS", "crete": "HER",
    "santiago": "SCL", "san jose": "SJC", "miami": "MIA",
    "dubai": "DXB", "cairo": "CAI", "faro": "FAO", "krakow": "KRK",
    "cracow": "KRK", "nyc": "JFK", "la": "LAX", "reykjavik": "KEF", "riga": "RIX", "vilnius": "VNO", "tallinn": "TLL",
    "sofia": "SOF", "zagreb": "ZAG", "split": "SPU", "dubrovnik": "DBV", "belgrade": "BEG", "luxembourg": "LUX",
}  # fmt: skip
_COUNTRIES = words(
    "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LT LU LV MT NL NO PL PT RO RS SE SI SK TR US CA"
)
_NOT_PLACES = words(
    "the my a an your our this that it me us you him her them one another there here home work be get have go "
    "see fly travel "
    "cancel change book add make do know check buy pay ask say use take put move send give find help for "
    "friend family plane gate "
    "flight seat bag bags date day date name number next later earlier today tomorrow tonight most best same "
    "man lady of mobile"
)
_WORD = r"[^\W\d_][\w'’.-]*"
_PLACE = rf"{_WORD}(?:\s+{_WORD}){{0,2}}"
_BETWEEN = re.compile(rf"\bbetween\s+(?P<a>{_WORD})\s+and\s+(?P<b>{_WORD})(?!\w)", re.I)
_ORIGIN = re.compile(rf"\b(?:from|leaving|departing|out of)\s+(?=(?P<place>{_PLACE}))", re.I)
_DESTINATION = re.compile(rf"\b(?:to|for|into|visit(?:ing)?|towards)\s+(?=(?P<place>{_PLACE}))", re.I)
_HOME = re.compile(
    rf"\b(?:home airport(?:\s+(?:is|to|should be|as|now|be))*|(?:set|save|use|make|take|"
    rf"put))\s+(?=(?P<place>{_PLACE}))",
    re.I,
)
_PAIR = re.compile(rf"(?<!\w)(?P<a>[A-Z]{{3}}|{_WORD})\s*(?:-|–|—|→|->|/|\bto\b|,)\s*(?P<b>[A-Z]{{3}}|{_WORD})(?!\w)")


@dataclass(frozen=True, kw_only=True)
class Route:
    """Values are IATA airport codes; texts are as typed."""

    origin: Found[str] | None = None
    destination: Found[str] | None = None


def route(text: str) -> Route:
    """Where a journey starts and ends, as far as the words say."""
    origin, destination = _first(_ORIGIN, text), _first(_DESTINATION, text)
    pair = next((ends for m in (*_BETWEEN.finditer(text), *_PAIR.finditer(text)) if (ends := _ends(m))), None)
    if pair and not (origin and destination):
        return Route(origin=pair[0], destination=pair[1])
    return Route(origin=origin, destination=destination)


def places(text: str) -> tuple[Found[str], ...]:
    """The ends of a journey, and a home airport: 'set Lisbon as my home airport'."""
    ends = route(text)
    homes = [place for m in _HOME.finditer(text) if (place := _longest(m))]
    return disjoint([place for place in (ends.origin, ends.destination, *homes) if place])


def airport_of(words: str) -> str | None:
    """'Lisbon' or 'lis' -> LIS; None for a name that is no airport or city of ours."""
    name = _fold(words)
    if name in _NOT_PLACES:
        return None
    if len(words) == 3 and words.isupper() and words in _codes():
        return words
    return _MAIN.get(name) or _cities().get(name)


def is_well_known(words: str) -> bool:
    """A city that anybody would take for a place before a name; 'Jackson' and 'Lincoln' are none."""
    return _fold(words) in _MAIN


def _first(pattern: re.Pattern[str], text: str) -> Found[str] | None:
    return next((place for m in pattern.finditer(text) if (place := _longest(m))), None)


def _longest(match: re.Match[str]) -> Found[str] | None:
    words = [*re.finditer(r"\S+", match["place"])]
    for count in range(len(words), 0, -1):
        said = match["place"][: words[count - 1].end()].rstrip(".,'’-")
        if code := airport_of(said):
            start = match.start("place")
            return Found(value=code, text=said, start=start, end=start + len(said))
    return None


def _ends(match: re.Match[str]) -> tuple[Found[str], Found[str]] | None:
    a, b = airport_of(match["a"]), airport_of(match["b"])
    return (found(match, a, "a"), found(match, b, "b")) if a and b else None


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).replace(".", "").split())


@cache
def _codes() -> frozenset[str]:
    return frozenset(airportsdata.load("IATA"))


@cache
def _cities() -> Mapping[str, str]:
    """City names of the countries we serve, one airport each: the first by name order is arbitrary but stable."""
    airports = sorted(airportsdata.load("IATA").values(), key=lambda a: a["iata"], reverse=True)
    return {_fold(a["city"]): a["iata"] for a in airports if a["country"] in _COUNTRIES and len(a["city"]) > 3}
