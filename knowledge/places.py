"""Airports, countries, law regions and distances, from `airportsdata`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import asin, cos, radians, sin, sqrt

import airportsdata

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of WGS84 (IUGG)."""

# The 27 Member States, and the outermost regions that carry a country code of their own (Art. 349 TFEU). The Canaries,
# Madeira and the Azores come under ES and PT.
_MEMBERS = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
_OUTERMOST = "GP MQ GF RE YT MF"
# Regulation 261 also binds Norway, Iceland and Liechtenstein (EEA Agreement) and Switzerland (air transport agreement).
_ASSOCIATED = "NO IS LI CH"
# The French overseas departments (Art. 10(2) of Regulation (EC) No 261/2004).
_FRENCH_DEPARTMENTS = "GP MQ GF RE YT"
_US = "US PR VI GU AS MP"

# States outside the Montreal Convention of 1999, from ICAO's list of parties.
_OUTSIDE_MC99 = "AF BI DJ DZ ER IQ IR LR LY MM MR NI PG SO SS TJ TL TM VE YE"
_NOT_MC99 = frozenset(_OUTSIDE_MC99.split())

_REGIONS: Mapping[str, frozenset[str]] = {
    "EU": frozenset(f"{_MEMBERS} {_OUTERMOST}".split()),
    "EU261": frozenset(f"{_MEMBERS} {_OUTERMOST} {_ASSOCIATED}".split()),
    "FR-OVERSEAS": frozenset(_FRENCH_DEPARTMENTS.split()),
    "UK": frozenset({"GB"}),
    "US": frozenset(_US.split()),
    "CA": frozenset({"CA"}),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Airport:
    """Where an airport lies. `country` is ISO 3166 alpha-2."""

    code: str
    country: str
    latitude: float
    longitude: float


@cache
def _airports() -> Mapping[str, Airport]:
    return {
        code: Airport(code=code, country=row["country"], latitude=row["lat"], longitude=row["lon"])
        for code, row in airportsdata.load("IATA").items()
    }


def airport(code: str) -> Airport | None:
    """An airport by IATA code, None when unknown."""
    return _airports().get(code)


def regions_of(country: str) -> tuple[str, ...]:
    """The law regions a country lies in, by the names that rules and scopes use."""
    named = (name for name, members in _REGIONS.items() if country in members)
    return (*named, "MC99") if country not in _NOT_MC99 else tuple(named)


def great_circle_km(origin: Airport, destination: Airport) -> float:
    """Great-circle distance (haversine), as Art. 7(4) of Regulation (EC) No 261/2004 measures, to a tenth of a km."""
    latitude, other = radians(origin.latitude), radians(destination.latitude)
    turn = radians(destination.longitude - origin.longitude)
    chord = sin((other - latitude) / 2) ** 2 + cos(latitude) * cos(other) * sin(turn / 2) ** 2
    return round(2 * EARTH_RADIUS_KM * asin(sqrt(chord)), 1)
