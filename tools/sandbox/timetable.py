"""The timetable of Gamma Airways: every flight out of Vienna and back, on any day, and its state at any moment.

A day's operation of a flight exists as soon as somebody asks for it; it is stored only once it is booked or disrupted.
"""

import json
import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from tools.domain.records import FlightState, FlightStatus

HUB = "VIE"
HORIZON = timedelta(days=330)
"""How far ahead seats are sold."""
_LONG_HAUL_KM = 4_000
_SEATS = 174
_BOARDING = timedelta(minutes=40)
_TOLERANCE = timedelta(minutes=15)
"""Operations control calls a flight delayed from here on."""


@dataclass(frozen=True, kw_only=True)
class Airport:
    code: str
    city: str
    country: str
    lat: float
    lon: float
    tz: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One flight number, flown daily. departs is local time at the origin."""

    number: str
    origin: Airport
    destination: Airport
    departs: time
    minutes: int
    price_minor: int

    @property
    def long_haul(self) -> bool:
        return distance_km(self.origin, self.destination) > _LONG_HAUL_KM


def distance_km(a: Airport, b: Airport) -> float:
    """Great circle on a sphere of 6,371 km."""
    lat, other = math.radians(a.lat), math.radians(b.lat)
    across = math.radians(b.lon - a.lon)
    h = math.sin((other - lat) / 2) ** 2 + math.cos(lat) * math.cos(other) * math.sin(across / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(h))


@cache
def airports() -> Mapping[str, Airport]:
    held = json.loads((Path(__file__).parent / "network.json").read_text(encoding="utf-8"))
    return MappingProxyType({code: Airport(code=code, **fields) for code, fields in held.items()})


@cache
def timetable() -> Mapping[str, Line]:
    """Every line by its flight number: GA101 to Barcelona in the morning, GA102 back, GA103 and GA104 later."""
    lines: dict[str, Line] = {}
    away = [airport for code, airport in airports().items() if code != HUB]
    for place, airport in enumerate(away):
        for rotation in range(1 if distance_km(airports()[HUB], airport) > _LONG_HAUL_KM else 2):
            for line in _rotation(airport, 100 + 10 * place + 1 + 2 * rotation, rotation, place):
                lines[line.number] = line
    return MappingProxyType(lines)


def _rotation(airport: Airport, number: int, rotation: int, place: int) -> Iterator[Line]:
    hub = airports()[HUB]
    km = distance_km(hub, airport)
    minutes = 5 * round((30 + km / 13.3) / 5)
    price = 100 * round((3_900 + 7.2 * km) / 100) - 10 if km <= _LONG_HAUL_KM else 100 * round(4.6 * km / 100) - 10
    out = time(6 + place % 4 + 8 * rotation, 5 * (place * 7 % 12))
    landed = (datetime.combine(date(2025, 1, 1), out, ZoneInfo(hub.tz)) + timedelta(minutes=minutes + 60)).astimezone(
        ZoneInfo(airport.tz)
    )
    yield Line(number=f"GA{number}", origin=hub, destination=airport, departs=out, minutes=minutes, price_minor=price)
    yield Line(
        number=f"GA{number + 1}",
        origin=airport,
        destination=hub,
        departs=time(landed.hour, landed.minute),
        minutes=minutes,
        price_minor=price,
    )


def operation(line: Line, flight_date: date) -> FlightStatus:
    """The flight as planned. Its seats and price differ from day to day, the same for everybody who asks."""
    departs = datetime.combine(flight_date, line.departs, ZoneInfo(line.origin.tz)).astimezone(ZoneInfo("UTC"))
    arrives = departs + timedelta(minutes=line.minutes)
    chance = zlib.crc32(f"{line.number}/{flight_date}".encode())
    return FlightStatus(
        flight_number=line.number,
        flight_date=flight_date,
        origin=line.origin.code,
        destination=line.destination.code,
        state="scheduled",
        scheduled_departure=departs,
        scheduled_arrival=arrives,
        estimated_departure=departs,
        estimated_arrival=arrives,
        seats_left=9 + chance % (_SEATS - 80),
        price_minor=line.price_minor + 100 * (chance // 1_000 % 90),
    )


def disrupt(
    flight: FlightStatus, *, delay: timedelta | None, cause: str, extraordinary: bool | None, announced_at: datetime
) -> FlightStatus:
    """delay None: cancelled."""
    told = replace(flight, cause=cause, extraordinary=extraordinary, announced_at=announced_at)
    if delay is None:
        return replace(told, state="cancelled", seats_left=0)
    return replace(
        told,
        state="delayed",
        estimated_departure=flight.scheduled_departure + delay,
        estimated_arrival=flight.scheduled_arrival + delay,
    )


def live(flight: FlightStatus, now: datetime) -> FlightStatus:
    """The flight as the board shows it at that moment."""
    return replace(flight, state=_state(flight, now))


def _state(flight: FlightStatus, now: datetime) -> FlightState:
    if flight.state in ("cancelled", "diverted"):
        return flight.state
    if now >= flight.estimated_arrival:
        return "arrived"
    if now >= flight.estimated_departure:
        return "departed"
    if now >= flight.estimated_departure - _BOARDING:
        return "boarding"
    return "delayed" if is_late(flight) else "scheduled"


def is_late(flight: FlightStatus) -> bool:
    return flight.estimated_arrival - flight.scheduled_arrival >= _TOLERANCE


def is_disrupted(flight: FlightStatus) -> bool:
    return flight.state in ("cancelled", "diverted") or is_late(flight)
