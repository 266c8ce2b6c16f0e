"""Flights to take: search them, book one, change to another, rebook a disrupted journey."""

from datetime import date as day
from datetime import timedelta
from typing import ClassVar

from knowledge.values import Value
from tools.domain.ids import CustomerId, RecordLocator
from tools.domain.money import format_minor
from tools.domain.outcomes import Done, FactsNeeded, Invalid, Outcome
from tools.domain.records import Booking, FareFamily, FlightRef, FlightStatus, NewPassenger, Segment
from tools.ports import Services, Write
from tools.telling import describe_segment, flight_number, local_time
from tools.tool import Airport, Arguments, Call, FlightNumber, Order, Provenance, Resolution, Tool


class FlightSearch(Arguments):
    origin: Airport
    destination: Airport
    date: day


class NewBooking(Arguments):
    flight_number: FlightNumber
    date: day
    fare_family: FareFamily = "classic"
    provenance: ClassVar[dict[str, Provenance]] = {"flight_number": "record", "date": "words", "fare_family": "choice"}


class FlightChange(Arguments):
    record_locator: RecordLocator
    flight_number: FlightNumber | None = None
    new_date: day | None = None
    new_flight_number: FlightNumber | None = None
    provenance: ClassVar[dict[str, Provenance]] = {
        "record_locator": "record",
        "flight_number": "record",
        "new_date": "words",
        "new_flight_number": "record",
    }


class Journeys:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def search(self, call: Call) -> Outcome:
        query: FlightSearch = call.arguments
        found = await self._services.booking.search_flights(query.origin.upper(), query.destination.upper(), query.date)
        if not found:
            return Done(say=f"I find no flight from {query.origin} to {query.destination} on that day.", data={})
        lines = [f"- {_offer(flight)}" for flight in found]
        data = {"flights": [{"flight_number": f.flight_number, "date": f.flight_date.isoformat()} for f in found]}
        return Done(say="These flights go that day:\n" + "\n".join(lines), data=data)

    async def resolve_booking(self, call: Call) -> Resolution | Outcome:
        wish: NewBooking = call.arguments
        customer = call.turn.speaker.customer_id
        if customer is None:
            return Invalid(say="Only a signed-in customer can book.")
        flight = FlightRef(flight_number=flight_number(wish.flight_number), flight_date=wish.date)
        operated = await self._services.booking.flight_status(flight.flight_number, flight.flight_date)
        if not operated:
            return Invalid(say=f"There is no flight {flight.flight_number} on that day.")
        quote = await self._services.booking.quote_fare([flight], ["adult"], family=wish.fare_family)
        methods = await self._services.payment.methods(customer)
        if not methods:
            return Invalid(say="There is no stored payment method. The person can add one in their account.")
        details = {
            "customer": str(customer),
            "total": str(quote.total_minor),
            "payment_token": methods[0].token,
            "paid_with": methods[0].label,
        }
        profile = await self._services.profile.get(customer)
        facts: dict[str, Value] = {
            "offer.total": quote.total_minor,
            "booking.currency": quote.currency,
            "booking.group_size": 1,
            "flight.time_to_departure": operated[0].scheduled_departure - call.turn.now,
            "passenger.age_years": age_on(wish.date, profile.birth_date),
            "passenger.with_adult": False,
        }
        return Resolution(details=details, facts=facts)

    async def book(self, order: Order, write: Write) -> str:
        wish: NewBooking = order.arguments
        customer = CustomerId(order.details["customer"])
        profile = await self._services.profile.get(customer)
        traveller = NewPassenger(
            given_name=profile.given_name,
            surname=profile.surname,
            type="adult",
            birth_date=profile.birth_date,
            customer_id=customer,
        )
        booking = await self._services.booking.book(
            customer,
            [FlightRef(flight_number=flight_number(wish.flight_number), flight_date=wish.date)],
            [traveller],
            family=wish.fare_family,
            payment_token=order.details["payment_token"],
            total_minor=int(order.details["total"]),
            write=write,
        )
        return booking.version

    async def resolve_change(self, call: Call) -> Resolution | Outcome:
        wish: FlightChange = call.arguments
        segment = _segment_meant(call.the_booking(), wish.flight_number)
        if segment is None:
            return FactsNeeded(facts=("flight_number",), say="Which of the flights of this booking do you mean?")
        if wish.new_date is None and wish.new_flight_number is None:
            return FactsNeeded(facts=("new_date",), say="To which day or flight would you like to change?")
        flight = await self._flight_wished(wish, segment)
        if flight is None:
            return Invalid(say="I find no such flight on that day.")
        quote = await self._services.booking.quote_change(
            wish.record_locator, segment.segment_id, _ref(flight), subject=call.turn.subject_for(wish.record_locator)
        )
        facts = {**_shift(segment, flight), "change.fare_difference": quote.fare_difference_minor}
        return Resolution(
            segment=segment,
            details=_move(segment, flight) | {"fare_difference": str(quote.fare_difference_minor)},
            facts={**facts, "change.time_to_departure": segment.departs_at - call.turn.now},
        )

    async def change(self, order: Order, write: Write) -> str:
        booking = await self._services.booking.change_segment(
            order.arguments.record_locator,
            order.details["segment"],
            _ordered(order),
            fare_difference_minor=order.amounts.get("fare_difference", 0),
            fee_minor=order.amounts.get("change_fee", 0),
            write=write,
        )
        return booking.version

    async def resolve_rebooking(self, call: Call) -> Resolution | Outcome:
        wish: FlightChange = call.arguments
        segment = _named(call.the_booking(), wish.flight_number) or await self._disrupted(call.the_booking())
        if segment is None:
            return FactsNeeded(facts=("flight_number",), say="Which of the flights of this booking do you mean?")
        flight = await self._flight_wished(wish, segment) or await self._next_flight(segment)
        if flight is None:
            return Invalid(say="I find no later flight with seats on this route; a colleague can look further.")
        return Resolution(segment=segment, details=_move(segment, flight), facts=_shift(segment, flight))

    async def rebook(self, order: Order, write: Write) -> str:
        locator, segment = order.arguments.record_locator, order.details["segment"]
        return (await self._services.booking.rebook(locator, segment, _ordered(order), write=write)).version

    async def _disrupted(self, booking: Booking) -> Segment | None:
        """The flight that is cancelled, else the one that is late, else the only one still to be flown."""
        ahead = [leg for leg in booking.segments if leg.status in ("confirmed", "cancelled")]
        late = None
        for leg in ahead:
            found = await self._services.booking.flight_status(leg.flight_number, leg.flight_date)
            if leg.status == "cancelled" or any(flight.state == "cancelled" for flight in found):
                return leg
            if any(flight.estimated_departure > flight.scheduled_departure for flight in found):
                late = late or leg
        return late or (ahead[0] if len(ahead) == 1 else None)

    async def _flight_wished(self, wish: FlightChange, segment: Segment) -> FlightStatus | None:
        if wish.new_date is None and wish.new_flight_number is None:
            return None
        when = wish.new_date or segment.flight_date
        number = flight_number(wish.new_flight_number or segment.flight_number)
        found = await self._services.booking.flight_status(number, when)
        if found or wish.new_flight_number:
            return next(iter(found), None)
        others = await self._services.booking.search_flights(segment.origin, segment.destination, when)
        return next(iter(others), None)

    async def _next_flight(self, segment: Segment) -> FlightStatus | None:
        """The first later flight on the same route with a seat, today or on the two days after."""
        for days in range(3):
            when = segment.flight_date + timedelta(days=days)
            for flight in await self._services.booking.search_flights(segment.origin, segment.destination, when):
                later = flight.scheduled_departure > segment.departs_at
                if later and flight.seats_left > 0 and flight.state not in ("cancelled", "departed", "arrived"):
                    return flight
        return None


def journey_tools(services: Services) -> tuple[Tool, ...]:
    journeys = Journeys(services)
    return (
        Tool(
            name="search_flights",
            description=(
                "Finds flights between two airports on a day, with today's lowest fare. Use it when the person looks "
                "for a flight. Example: origin 'VIE', destination 'BCN', date '2026-12-03'."
            ),
            arguments=FlightSearch,
            kind="read",
            least="anonymous",
            read=journeys.search,
        ),
        Tool(
            name="book_flight",
            description=(
                "Proposes to book one flight for the signed-in customer, paid with their stored method. Use it only "
                "when the person has chosen a flight and a day. Example: flight_number 'GA101', date '2026-12-03', "
                "fare_family 'classic'."
            ),
            arguments=NewBooking,
            kind="write",
            least="authenticated",
            action="book_flight",
            resolve=journeys.resolve_booking,
            summary=_booking_summary,
            receipt=lambda call: f"Your flight is booked and {_paid(call)} is charged. It is in your list of bookings.",
            steps=(journeys.book,),
        ),
        Tool(
            name="change_flight",
            description=(
                "Proposes to move one flight of a booking to another day or flight, with the fee and the difference "
                "in price. Not for a cancelled or late flight: use rebook_disrupted. "
                "Example: record_locator 'K7XQ2P', flight_number 'GA101', new_date '2026-12-05'."
            ),
            arguments=FlightChange,
            kind="write",
            least="verified",
            about_booking=True,
            action="change_flight",
            resolve=journeys.resolve_change,
            summary=lambda call: f"Change {_moved(call)}",
            receipt=lambda call: f"Booking {call.the_booking().record_locator} is changed: {_moved(call)}.",
            steps=(journeys.change,),
        ),
        Tool(
            name="rebook_disrupted",
            description=(
                "Proposes another flight, free of charge, for a journey that was cancelled or is badly delayed. With "
                "no flight named it takes the next one with seats. Example: record_locator 'K7XQ2P'."
            ),
            arguments=FlightChange,
            kind="write",
            least="verified",
            about_booking=True,
            action="rebook_disrupted",
            resolve=journeys.resolve_rebooking,
            summary=lambda call: f"Rebook {_moved(call)}",
            receipt=lambda call: f"Booking {call.the_booking().record_locator} is rebooked: {_moved(call)}.",
            steps=(journeys.rebook,),
        ),
    )


def age_on(when: day, born: day) -> int:
    """Whole years."""
    return when.year - born.year - ((when.month, when.day) < (born.month, born.day))


def _segment_meant(booking: Booking, named: str | None) -> Segment | None:
    """The flight the person named; without a name, the only one that is still to be flown."""
    ahead = [leg for leg in booking.segments if leg.status in ("confirmed", "cancelled")]
    return _named(booking, named) if named else (ahead[0] if len(ahead) == 1 else None)


def _named(booking: Booking, named: str | None) -> Segment | None:
    ahead = [leg for leg in booking.segments if leg.status in ("confirmed", "cancelled")]
    return next((leg for leg in ahead if named and leg.flight_number == flight_number(named)), None)


def _shift(segment: Segment, flight: FlightStatus) -> dict[str, bool | int | timedelta]:
    return {
        "reroute.shift": abs(flight.scheduled_departure - segment.departs_at),
        "reroute.same_route": (flight.origin, flight.destination) == (segment.origin, segment.destination),
        "reroute.seats_left": flight.seats_left,
    }


def _move(segment: Segment, flight: FlightStatus) -> dict[str, str]:
    return {
        "segment": segment.segment_id,
        "from": describe_segment(segment),
        "flight_number": flight.flight_number,
        "flight_date": flight.flight_date.isoformat(),
        "to": f"{flight.flight_number}, {local_time(flight.scheduled_departure, flight.origin)}",
    }


def _ordered(order: Order) -> FlightRef:
    number, when = order.details["flight_number"], order.details["flight_date"]
    return FlightRef(flight_number=number, flight_date=day.fromisoformat(when))


def _ref(flight: FlightStatus) -> FlightRef:
    return FlightRef(flight_number=flight.flight_number, flight_date=flight.flight_date)


def _moved(call: Call) -> str:
    details = call.resolution.details
    return f"{details['from']} to {details['to']}"


def _booking_summary(call: Call) -> str:
    wish: NewBooking = call.arguments
    return (
        f"Book {flight_number(wish.flight_number)} on {wish.date:%d %b %Y}, {wish.fare_family.capitalize()} fare, for "
        f"{_paid(call)} with {call.resolution.details['paid_with']}"
    )


def _paid(call: Call) -> str:
    return format_minor(int(call.resolution.details["total"]), str(call.resolution.facts["booking.currency"]))


def _offer(flight: FlightStatus) -> str:
    price = f", from {format_minor(flight.price_minor, 'EUR')}" if flight.price_minor else ""
    seats = "" if flight.seats_left else ", full"
    return f"{flight.flight_number}, {local_time(flight.scheduled_departure, flight.origin)}{price}{seats}"
