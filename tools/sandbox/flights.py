"""Operations of flights: the stored one where there is one, the timetable's otherwise."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tools.domain.records import Booking, FlightStatus, Segment
from tools.sandbox.held import FLIGHTS, operation_id
from tools.sandbox.problems import rejected
from tools.sandbox.store import Store
from tools.sandbox.timetable import HORIZON, live, operation, timetable

_PAST = timedelta(days=60)


def operated(store: Store, flight_number: str, flight_date: date) -> FlightStatus | None:
    """As stored or planned; None for a number that is not flown."""
    kept = store.get(FLIGHTS, operation_id(flight_number, flight_date))
    line = timetable().get(flight_number)
    return kept or (operation(line, flight_date) if line else None)


def on_sale(store: Store, flight_number: str, flight_date: date, seats: int, now: datetime) -> FlightStatus:
    """A flight that can still be booked for that many, or the reason why not."""
    flight = operated(store, flight_number, flight_date)
    if flight is None:
        raise rejected("flight-unknown", f"{flight_number} does not fly on {flight_date}.")
    shown = live(flight, now)
    if shown.state not in ("scheduled", "delayed") or flight.scheduled_departure - now > HORIZON:
        raise rejected("flight-closed", f"{flight_number} on {flight_date} is not on sale.")
    if flight.seats_left < seats:
        raise rejected("no-seats", f"{flight_number} on {flight_date} has {flight.seats_left} seats left.")
    return flight


def take_seats(store: Store, flight: FlightStatus, seats: int) -> None:
    store.put(FLIGHTS, replace(flight, seats_left=max(0, flight.seats_left - seats)))


def give_back(store: Store, segment: Segment, seats: int) -> None:
    flight = operated(store, segment.flight_number, segment.flight_date)
    if flight is not None and flight.state != "cancelled":
        store.put(FLIGHTS, replace(flight, seats_left=flight.seats_left + seats))


def nearest(store: Store, flight_number: str, now: datetime) -> tuple[FlightStatus, ...]:
    days = (now.date() + timedelta(days=offset) for offset in (-1, 0, 1))
    found = [flight for day in days if (flight := operated(store, flight_number, day))]
    return tuple(sorted(found, key=lambda flight: abs(flight.estimated_departure - now))[:1])


def on_day(store: Store, flight_number: str, flight_date: date, now: datetime) -> tuple[FlightStatus, ...]:
    if not now - _PAST <= datetime.combine(flight_date, datetime.min.time(), UTC) <= now + HORIZON:
        return ()
    flight = operated(store, flight_number, flight_date)
    return (flight,) if flight else ()


def between(store: Store, origin: str, destination: str, flight_date: date, now: datetime) -> tuple[FlightStatus, ...]:
    numbers = (
        line.number
        for line in timetable().values()
        if (line.origin.code, line.destination.code) == (origin, destination)
    )
    return tuple(flight for number in numbers for flight in on_day(store, number, flight_date, now))


def presented(store: Store, booking: Booking, now: datetime) -> Booking:
    """The booking as of now: a segment whose aircraft has left is flown."""
    return replace(booking, segments=tuple(_as_of(store, segment, now) for segment in booking.segments))


def _as_of(store: Store, segment: Segment, now: datetime) -> Segment:
    if segment.status != "confirmed" or segment.departs_at > now:
        return segment
    flight = operated(store, segment.flight_number, segment.flight_date)
    left = flight is not None and live(flight, now).state in ("departed", "arrived", "diverted")
    return replace(segment, status="flown") if left else segment
