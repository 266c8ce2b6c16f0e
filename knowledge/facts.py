"""Facts from records: one pure computation of what a decision may look at, for one passenger and one flight.

The records are the services' own, by shape only; `now` is an argument. A record that is not given leaves its facts out,
and a decision that needs them asks for a person.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from knowledge.places import airport, great_circle_km, regions_of
from knowledge.values import Value
from knowledge.vocabulary import FACTS, Fact

__all__ = ["FACTS", "Fact", "booking_facts", "journey_of"]

_STOPOVER = timedelta(hours=24)
"""A longer stay between two flights ends a journey; a shorter one is a connection."""


class Ssr(Protocol):
    @property
    def code(self) -> str: ...


class Passenger(Protocol):
    @property
    def passenger_id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def birth_date(self) -> date: ...
    @property
    def loyalty_number(self) -> str | None: ...
    @property
    def ssr(self) -> Sequence[Ssr]: ...


class Segment(Protocol):
    @property
    def segment_id(self) -> str: ...
    @property
    def flight_number(self) -> str: ...
    @property
    def flight_date(self) -> date: ...
    @property
    def origin(self) -> str: ...
    @property
    def destination(self) -> str: ...
    @property
    def departs_at(self) -> datetime: ...
    @property
    def arrives_at(self) -> datetime: ...
    @property
    def cabin(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def operating_carrier(self) -> str: ...
    @property
    def fare_minor(self) -> int: ...
    @property
    def taxes_minor(self) -> int: ...


class Ancillary(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def price_minor(self) -> int: ...


class Fare(Protocol):
    @property
    def family(self) -> str: ...


class Booking(Protocol):
    @property
    def status(self) -> str: ...
    @property
    def booked_at(self) -> datetime: ...
    @property
    def currency(self) -> str: ...
    @property
    def fare(self) -> Fare: ...
    @property
    def total_paid_minor(self) -> int: ...
    @property
    def taxes_minor(self) -> int: ...
    @property
    def refunded_minor(self) -> int: ...
    @property
    def passengers(self) -> Sequence[Passenger]: ...
    @property
    def segments(self) -> Sequence[Segment]: ...
    @property
    def ancillaries(self) -> Sequence[Ancillary]: ...


class FlightStatus(Protocol):
    @property
    def flight_number(self) -> str: ...
    @property
    def flight_date(self) -> date: ...
    @property
    def state(self) -> str: ...
    @property
    def scheduled_departure(self) -> datetime: ...
    @property
    def scheduled_arrival(self) -> datetime: ...
    @property
    def estimated_departure(self) -> datetime: ...
    @property
    def estimated_arrival(self) -> datetime: ...
    @property
    def cause(self) -> str | None: ...
    @property
    def extraordinary(self) -> bool | None: ...
    @property
    def announced_at(self) -> datetime | None: ...


class Carrier(Protocol):
    """What the pack knows of a carrier: where it is licensed, and its size by Canada's regulations."""

    @property
    def region(self) -> str: ...
    @property
    def size(self) -> str: ...


def booking_facts(
    booking: Booking,
    *,
    passenger: Passenger | None = None,
    segment: Segment | None = None,
    flights: Sequence[FlightStatus] = (),
    carriers: Mapping[str, Carrier] | None = None,
    tier: str | None = None,
    request: Mapping[str, Value] | None = None,
    stated: Mapping[str, Value] | None = None,
    now: datetime,
) -> dict[str, Value]:
    """Compute the facts of one booking for one passenger and one of its flights.

    `flights` is the operation of each flight of the booking. `segment` defaults to the one disrupted most, else to the
    next not flown; `passenger` to the first. `request` and `stated` bring facts by name.
    """
    facts: dict[str, Value] = _of_booking(booking, now)
    segment = segment or _segment_at_issue(booking, flights)
    if segment is not None:
        facts |= _of_segment(booking, segment, carriers or {}, now)
        facts |= _of_reroute(booking, segment)
        facts |= _of_operation(booking, segment, flights)
    facts |= _of_passenger(booking, passenger or booking.passengers[0], segment)
    if tier is not None:
        facts["passenger.tier"] = tier
    return {**_NOT_ASKED, **facts, **(request or {}), **(stated or {})}


_NOT_ASKED: Mapping[str, Value] = {"claim.regime": "any", "claim.question": "none", "baggage.event": "none"}
"""What a request leaves open unless it says otherwise."""


def journey_of(booking: Booking, segment: Segment) -> tuple[Segment, ...]:
    """The flights that belong together with a segment: each leaves where and soon after the one before arrived."""
    journeys: list[list[Segment]] = []
    for leg in sorted(booking.segments, key=lambda leg: leg.departs_at):
        last = journeys[-1][-1] if journeys else None
        if last and last.destination == leg.origin and timedelta() <= leg.departs_at - last.arrives_at < _STOPOVER:
            journeys[-1].append(leg)
        else:
            journeys.append([leg])
    return next(tuple(legs) for legs in journeys if any(leg.segment_id == segment.segment_id for leg in legs))


def _of_booking(booking: Booking, now: datetime) -> dict[str, Value]:
    unused = [leg for leg in booking.segments if leg.status in ("confirmed", "cancelled")]
    facts: dict[str, Value] = {
        "booking.age": now - booking.booked_at,
        "booking.booked_on": booking.booked_at,
        "booking.status": booking.status,
        "booking.fare_family": booking.fare.family,
        "booking.total_paid": booking.total_paid_minor,
        "booking.taxes": booking.taxes_minor,
        "booking.refunded": booking.refunded_minor,
        "booking.unused_value": sum(leg.fare_minor + leg.taxes_minor for leg in unused),
        "booking.unused_taxes": sum(leg.taxes_minor for leg in unused),
        "booking.extras_paid": sum(extra.price_minor for extra in booking.ancillaries),
        "booking.currency": booking.currency,
        "booking.group_size": len(booking.passengers),
        "booking.any_flown": any(leg.status == "flown" for leg in booking.segments),
        "booking.any_no_show": any(leg.status == "no_show" for leg in booking.segments),
        "booking.unaccompanied_minor": any(ssr.code == "UMNR" for person in booking.passengers for ssr in person.ssr),
    }
    if booking.segments:
        facts["booking.time_to_departure"] = min(leg.departs_at for leg in unused or booking.segments) - now
    return facts


def _segment_at_issue(booking: Booking, flights: Sequence[FlightStatus]) -> Segment | None:
    legs = sorted(booking.segments, key=lambda leg: leg.departs_at)
    if not legs:
        return None
    worst = max(legs, key=lambda leg: _disruption(booking, leg, flights))
    if _disruption(booking, worst, flights) > (False, timedelta()):
        return worst
    return next((leg for leg in legs if leg.status == "confirmed"), legs[0])


def _disruption(booking: Booking, segment: Segment, flights: Sequence[FlightStatus]) -> tuple[bool, timedelta]:
    flight = _operation(segment, flights)
    late = _late(flight.scheduled_arrival, flight.estimated_arrival) if flight else timedelta()
    return _is_cancelled(booking, segment, flight), late


def _is_cancelled(booking: Booking, segment: Segment, flight: FlightStatus | None) -> bool:
    """Whether the airline cancelled; the flights of a booking that its passengers cancelled may well run."""
    return (flight is not None and flight.state == "cancelled") or (
        segment.status == "cancelled" and booking.status != "cancelled"
    )


def _operation(segment: Segment, flights: Sequence[FlightStatus]) -> FlightStatus | None:
    wanted = (segment.flight_number, segment.flight_date)
    return next((flight for flight in flights if (flight.flight_number, flight.flight_date) == wanted), None)


def _late(planned: datetime, actual: datetime) -> timedelta:
    return max(actual - planned, timedelta())


def _of_segment(booking: Booking, segment: Segment, carriers: Mapping[str, Carrier], now: datetime) -> dict[str, Value]:
    legs = journey_of(booking, segment)
    seats = max(1, sum(person.type != "infant" for person in booking.passengers))
    facts: dict[str, Value] = {
        "flight.departure": segment.departs_at,
        "flight.time_to_departure": segment.departs_at - now,
        "flight.time_since_departure": now - segment.departs_at,
        "flight.departed": segment.departs_at <= now,
        "flight.status": segment.status,
        "flight.carrier": segment.operating_carrier,
        "flight.cabin": segment.cabin,
        "flight.stops": len(legs) - 1,
        "flight.duration": max(leg.arrives_at - leg.departs_at for leg in legs),
        "flight.one_booking": True,
        "flight.price": -(-segment.fare_minor // seats),
        "flight.unused_price": -(-(segment.fare_minor + segment.taxes_minor) // seats),
        "flight.one_way_fare": -(-sum(leg.fare_minor + leg.taxes_minor for leg in legs) // seats),
    }
    if carrier := carriers.get(segment.operating_carrier):
        facts |= {"flight.carrier_region": carrier.region, "flight.carrier_size": carrier.size}
    return facts | route_facts(legs[0].origin, legs[-1].destination, [leg.origin for leg in legs[1:]])


def route_facts(origin: str, destination: str, connections: Sequence[str] = ()) -> dict[str, Value]:
    """Countries, law regions and distance of a journey between airports (IATA); unknown airports give no facts."""
    start, end = airport(origin), airport(destination)
    facts: dict[str, Value] = {"flight.origin": origin, "flight.destination": destination}
    if start is None or end is None:
        return facts
    between = [found.country for code in connections if (found := airport(code))]
    return facts | {
        "flight.origin_country": start.country,
        "flight.destination_country": end.country,
        "flight.origin_regions": regions_of(start.country),
        "flight.destination_regions": regions_of(end.country),
        "flight.connection_regions": tuple(dict.fromkeys(name for land in between for name in regions_of(land))),
        "flight.international": start.country != end.country,
        "flight.distance_km": great_circle_km(start, end),
    }


def _of_operation(booking: Booking, segment: Segment, flights: Sequence[FlightStatus]) -> dict[str, Value]:
    flight = _operation(segment, flights)
    cancelled = _is_cancelled(booking, segment, flight)
    if flight is None:
        return {"flight.event": "cancelled"} if cancelled else {}
    last = _operation(journey_of(booking, segment)[-1], flights) or flight
    departure = _late(flight.scheduled_departure, flight.estimated_departure)
    arrival = _late(last.scheduled_arrival, last.estimated_arrival)
    facts: dict[str, Value] = {
        "flight.event": "cancelled" if cancelled else "delayed" if departure or arrival else "none",
        "flight.departure_delay": departure,
        "flight.arrival_delay": arrival,
        "flight.cause": flight.cause or "none",
    }
    if flight.extraordinary is not None:
        facts["flight.extraordinary"] = flight.extraordinary
    # What nobody announced gave no notice: that a passenger was told is for the carrier to prove (Art. 5(4) EC 261).
    facts["flight.notice"] = _late(flight.announced_at or flight.scheduled_departure, flight.scheduled_departure)
    return facts


_CABINS = ("economy", "premium_economy", "business")
_NO_REROUTE: Mapping[str, Value] = {
    "reroute.offered": False,
    "reroute.accepted": False,
    "reroute.more_connections": False,
    "reroute.other_airport": False,
    "reroute.lower_cabin": False,
}


def _of_reroute(booking: Booking, segment: Segment) -> dict[str, Value]:
    """Another flight of the booking between the same airports stands for the one that was cancelled."""
    others = [
        leg
        for leg in booking.segments
        if leg.segment_id != segment.segment_id
        and (leg.origin, leg.destination) == (segment.origin, segment.destination)
        and leg.status in ("confirmed", "flown")
    ]
    if segment.status != "cancelled" or not others:
        return dict(_NO_REROUTE)
    new = min(others, key=lambda leg: abs(leg.departs_at - segment.departs_at))
    return {
        **_NO_REROUTE,
        "reroute.offered": True,
        "reroute.accepted": True,
        "reroute.lower_cabin": _CABINS.index(new.cabin) < _CABINS.index(segment.cabin),
        "reroute.departs_earlier": max(segment.departs_at - new.departs_at, timedelta()),
        "reroute.arrives_later": max(new.arrives_at - segment.arrives_at, timedelta()),
    }


def _of_passenger(booking: Booking, passenger: Passenger, segment: Segment | None) -> dict[str, Value]:
    day = segment.departs_at.date() if segment else booking.booked_at.date()
    unknown_status: dict[str, Value] = {} if passenger.loyalty_number else {"passenger.tier": "none"}
    born = passenger.birth_date
    others = [person for person in booking.passengers if person.passenger_id != passenger.passenger_id]
    return unknown_status | {
        "passenger.age_years": day.year - born.year - ((day.month, day.day) < (born.month, born.day)),
        "passenger.type": passenger.type,
        "passenger.with_adult": any(person.type == "adult" for person in others),
        "passenger.assistance": tuple(ssr.code for ssr in passenger.ssr),
        "passenger.volunteer": False,
        "passenger.on_time": segment is None or segment.status != "no_show",
        "passenger.fare_public": True,
        "passenger.refused_for_cause": False,
    }
