"""How records are told: what a model may read of them, masked, and how people read dates, routes and contacts.

Everything somebody typed goes under `untrusted`, so that the model is told it is data.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import airportsdata

from tools.domain.money import format_minor
from tools.domain.outcomes import (
    Done,
    FactsNeeded,
    HumanNeeded,
    IdentityNeeded,
    Outcome,
    Proposed,
    Refused,
    Unavailable,
)
from tools.domain.records import Booking, FlightStatus, Passenger, Segment

OUTCOME_NAMES: Mapping[str, str] = {
    "Done": "done",
    "Proposed": "proposed",
    "Refused": "refused",
    "IdentityNeeded": "identity_needed",
    "FactsNeeded": "facts_needed",
    "HumanNeeded": "human_needed",
    "Unavailable": "unavailable",
    "Invalid": "invalid",
}


def outcome_name(outcome: Outcome) -> str:
    return OUTCOME_NAMES[type(outcome).__name__]


def tell_outcome(outcome: Outcome) -> dict[str, object]:
    """The body of the tool message a model reads."""
    told: dict[str, object] = {"outcome": outcome_name(outcome), "say": outcome.say}
    if isinstance(outcome, Done | Proposed | Refused | HumanNeeded) and outcome.clauses:
        told["clauses"] = [asdict(clause) for clause in outcome.clauses]
    if isinstance(outcome, Done):
        told["data"] = dict(outcome.data)
    if isinstance(outcome, IdentityNeeded):
        told["needs"] = {"level": outcome.level, "record_locator": outcome.locator}
    if isinstance(outcome, FactsNeeded):
        told["needs"] = {"facts": list(outcome.facts)}
    if isinstance(outcome, Unavailable):
        told["service"] = outcome.service
    return told


def tell_booking(booking: Booking) -> dict[str, object]:
    """Contact, document and birth data are masked or left out."""
    return {
        "record_locator": booking.record_locator,
        "status": booking.status,
        "fare_family": booking.fare.family,
        "total_paid": format_minor(booking.total_paid_minor, booking.currency),
        "contact": [mask_contact(c) for c in (booking.contact.email, booking.contact.phone) if c],
        "segments": [_tell_segment(segment) for segment in booking.segments],
        "passengers": [
            {"type": p.type, "ssr": [s.code for s in p.ssr], "untrusted": {"name": _name(p)}}
            for p in booking.passengers
        ],
        "ancillaries": [a.kind for a in booking.ancillaries],
        "untrusted": {"remarks": list(booking.remarks)},
    }


def tell_booking_briefly(booking: Booking) -> dict[str, object]:
    return {
        "record_locator": booking.record_locator,
        "status": booking.status,
        "route": route(booking),
        "departs_at": booking.segments[0].departs_at.isoformat() if booking.segments else None,
        "passengers": len(booking.passengers),
        "fare_family": booking.fare.family,
    }


def describe_booking(booking: Booking) -> str:
    """K7XQ2P: FRA to LIS, Thu 3 Dec 2026 14:05, flight GA0412, Flex fare, 1 passenger, confirmed."""
    legs = "; ".join(describe_segment(segment) for segment in booking.segments)
    people = len(booking.passengers)
    return (
        f"{booking.record_locator}: {legs}, {booking.fare.family.capitalize()} fare, "
        f"{people} passenger{'s' if people != 1 else ''}, {booking.status}"
    )


def describe_segment(segment: Segment) -> str:
    when = local_time(segment.departs_at, segment.origin)
    return f"{segment.flight_number} {segment.origin} to {segment.destination}, {when}"


def describe_flight(flight: FlightStatus) -> str:
    """One or two sentences with local times; never a cause that operations has not confirmed."""
    leg = f"Flight {flight.flight_number} from {flight.origin} to {flight.destination}"
    planned = local_time(flight.scheduled_departure, flight.origin)
    if flight.state == "cancelled":
        return f"{leg}, planned for {planned}, is cancelled."
    if flight.estimated_departure != flight.scheduled_departure:
        late = int((flight.estimated_departure - flight.scheduled_departure).total_seconds() // 60)
        now = local_time(flight.estimated_departure, flight.origin)
        return f"{leg} is {_minutes(late)} late: planned for {planned}, now expected to leave {now}."
    return f"{leg} {_STATES.get(flight.state, f'is {flight.state}')}: departure {planned}."


def flight_number(text: str) -> str:
    """As the timetable writes it: 'ga 0101' -> 'GA101'."""
    plain = text.replace(" ", "").upper()
    return plain[:2] + (plain[2:].lstrip("0") or "0")


def route(booking: Booking) -> str:
    stops = [s.origin for s in booking.segments] + [s.destination for s in booking.segments[-1:]]
    return " - ".join(stops)


def mask_contact(address: str) -> str:
    """m•••@example.com, •••• 4711."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}•••@{domain}" if at else f"•••• {address[-4:]}"


def local_time(moment: datetime, airport: str) -> str:
    """Thu 3 Dec 2026 14:05 at that airport; UTC and said so when the airport is unknown."""
    zone = _zones().get(airport)
    there = moment.astimezone(ZoneInfo(zone)) if zone else moment
    return f"{there:%a} {there.day} {there:%b %Y %H:%M}" + ("" if zone else " UTC")


def listed(parts: Iterable[str]) -> str:
    return "\n".join(f"- {part}" for part in parts)


def _tell_segment(segment: Segment) -> dict[str, object]:
    return {
        "flight_number": segment.flight_number,
        "date": segment.flight_date.isoformat(),
        "from": segment.origin,
        "to": segment.destination,
        "departs": local_time(segment.departs_at, segment.origin),
        "cabin": segment.cabin,
        "status": segment.status,
    }


def _name(passenger: Passenger) -> str:
    return f"{passenger.given_name} {passenger.surname}"


def _minutes(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{rest} min"] * bool(rest)
    return " ".join(parts)


@lru_cache(maxsize=1)
def _zones() -> Mapping[str, str]:
    return {code: airport["tz"] for code, airport in airportsdata.load("IATA").items()}


_STATES = {
    "scheduled": "is on time",
    "delayed": "is delayed",
    "boarding": "is boarding",
    "departed": "is in the air",
    "arrived": "has arrived",
    "diverted": "is diverted",
}
