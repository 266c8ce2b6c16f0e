"""One passenger and what has happened to them, read from the services as they are now.

The event knows more than the operations system may have written down yet, so what it says of the flight goes on top.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from knowledge.facts import Carrier, booking_facts
from knowledge.values import Value
from tools.domain.errors import NotFound
from tools.domain.ids import CustomerId, RecordLocator
from tools.domain.records import Booking, FlightStatus, Passenger, Profile, Segment
from tools.ports import Services, Subject

SYSTEM = Subject("system")
_FRESH = timedelta(seconds=10)
_YEAR = timedelta(days=365)


class Manifests(Protocol):
    """Who flies: the bookings with a seat on one operation of a flight."""

    async def on_flight(self, flight_number: str, flight_date: date) -> tuple[Booking, ...]: ...


@dataclass(frozen=True, kw_only=True)
class Affected:
    """event: the effect's body. segment: the disrupted flight; None for a bag whose flight is not named."""

    event: Mapping[str, Any]
    booking: Booking
    passenger: Passenger
    segment: Segment | None
    flights: tuple[FlightStatus, ...]
    profile: Profile | None

    @property
    def place(self) -> str:
        return f"{self.booking.record_locator}/{self.passenger.passenger_id}"

    @property
    def customer(self) -> CustomerId | None:
        """Who is told: the passenger, or the guardian of a child without a record of its own."""
        return self.passenger.customer_id or self.passenger.guardian_id

    @property
    def claimant(self) -> CustomerId:
        """Whose account receives what is granted."""
        return self.customer or self.booking.booker_id

    @property
    def operation(self) -> FlightStatus | None:
        return next((flight for flight in self.flights if self.segment and _flies(flight, self.segment)), None)


class Reader:
    """Flight operations are remembered for some seconds, for a disruption asks for the same one again and again."""

    def __init__(self, services: Services, *, clock: Callable[[], datetime]) -> None:
        self._services = services
        self._clock = clock
        self._operations: dict[tuple[str, date], tuple[datetime, FlightStatus | None]] = {}

    async def read(self, event: Mapping[str, Any]) -> Affected | None:
        """None when the passenger is not on that flight any more. Raises Fault."""
        try:
            booking = await self._services.booking.get(RecordLocator(event["record_locator"]), subject=SYSTEM)
        except NotFound:
            return None
        passenger = next((p for p in booking.passengers if p.passenger_id == event["passenger_id"]), None)
        segment = disrupted_segment(booking, event)
        if passenger is None or booking.status == "cancelled" or (segment is None and "flight_number" in event):
            return None
        flights = [await self._operation(leg.flight_number, leg.flight_date) for leg in booking.segments]
        customer = passenger.customer_id or passenger.guardian_id
        return Affected(
            event=event,
            booking=booking,
            passenger=passenger,
            segment=segment,
            flights=tuple(_as_announced(flight, event) for flight in flights if flight),
            profile=await self._profile(customer) if customer else None,
        )

    async def facts(self, affected: Affected, carriers: Mapping[str, Carrier]) -> dict[str, Value]:
        """What the policy pack may look at."""
        given = await self._gestures(affected.customer) if affected.customer else 0
        own: dict[str, Value] = {"staff.role": "none", "goodwill.given_before": given}
        if kind := affected.event.get("baggage"):
            own |= {"baggage.event": kind, "baggage.checked": True, "baggage.reported_after": timedelta()}
        return booking_facts(
            affected.booking,
            passenger=affected.passenger,
            segment=affected.segment,
            flights=affected.flights,
            carriers=carriers,
            tier=affected.profile.tier if affected.profile else None,
            request=own,
            now=self._clock(),
        )

    async def _operation(self, number: str, day: date) -> FlightStatus | None:
        now = self._clock()
        read_at, known = self._operations.get((number, day), (None, None))
        if read_at is not None and now - read_at < _FRESH:
            return known
        found = await self._services.booking.flight_status(number, day)
        self._operations = {key: kept for key, kept in self._operations.items() if now - kept[0] < _FRESH}
        self._operations[number, day] = (now, found[0] if found else None)
        return found[0] if found else None

    async def _profile(self, customer: CustomerId) -> Profile | None:
        try:
            return await self._services.profile.get(customer, subject=SYSTEM)
        except NotFound:
            return None

    async def _gestures(self, customer: CustomerId) -> int:
        """Gestures of goodwill in the last twelve months, as the fact is defined."""
        try:
            claims = await self._services.compensation.list_for(customer, subject=SYSTEM)
        except NotFound:
            return 0
        return sum(c.kind.startswith("goodwill") and self._clock() - c.opened_at < _YEAR for c in claims)


def disrupted_segment(booking: Booking, event: Mapping[str, Any]) -> Segment | None:
    """The flight of the event in this booking, unless the passengers have left it."""
    wanted = (event.get("flight_number"), event.get("flight_date"))
    for leg in booking.segments:
        if (leg.flight_number, leg.flight_date.isoformat()) == wanted and leg.status in ("confirmed", "cancelled"):
            return leg
    return None


def delay_of(event: Mapping[str, Any], segment: Segment) -> timedelta:
    """How late it leaves: as the event says, else by its new time of departure."""
    if minutes := event.get("delay_minutes"):
        return timedelta(minutes=minutes)
    new = event.get("estimated_departure")
    return max(datetime.fromisoformat(new) - segment.departs_at, timedelta()) if new else timedelta()


def _flies(flight: FlightStatus, segment: Segment) -> bool:
    return (flight.flight_number, flight.flight_date) == (segment.flight_number, segment.flight_date)


def _as_announced(flight: FlightStatus, event: Mapping[str, Any]) -> FlightStatus:
    if (flight.flight_number, flight.flight_date.isoformat()) != (event.get("flight_number"), event.get("flight_date")):
        return flight
    known: dict[str, Any] = {name: event[name] for name in ("cause", "extraordinary") if event.get(name) is not None}
    if announced := event.get("announced_at"):
        known["announced_at"] = datetime.fromisoformat(announced)
    if event["event"] == "flight.cancelled":
        return replace(flight, state="cancelled", **known)
    if event["event"] == "flight.delayed":
        return replace(flight, state="delayed", **known | _new_times(flight, event))
    return flight


def _new_times(flight: FlightStatus, event: Mapping[str, Any]) -> dict[str, Any]:
    """Without a word on the arrival, it is as late as the departure."""
    planned, arrival = flight.scheduled_departure, event.get("estimated_arrival")
    new = event.get("estimated_departure")
    departs = datetime.fromisoformat(new) if new else planned + timedelta(minutes=event["delay_minutes"])
    late = max(departs - planned, timedelta())
    arrives = datetime.fromisoformat(arrival) if arrival else flight.scheduled_arrival + late
    return {"estimated_departure": departs, "estimated_arrival": arrives}


def passengers_on(bookings: Sequence[Booking], event: Mapping[str, Any]) -> list[tuple[Booking, Passenger, Segment]]:
    return [
        (booking, passenger, segment)
        for booking in bookings
        if booking.status == "confirmed" and (segment := disrupted_segment(booking, event))
        for passenger in booking.passengers
    ]
