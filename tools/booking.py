"""Bookings and flights: read them, ask what may be done with them, cancel them."""

from datetime import date as day
from typing import ClassVar, Literal

from tools.domain.ids import RecordLocator
from tools.domain.money import format_minor
from tools.domain.outcomes import Done, HumanNeeded, Outcome, Refused
from tools.policy import ASK_COLLEAGUE, Policy
from tools.ports import Services, Write
from tools.telling import (
    describe_booking,
    describe_flight,
    flight_number,
    listed,
    route,
    tell_booking,
    tell_booking_briefly,
)
from tools.tool import Arguments, Call, FlightNumber, NoArguments, Order, Provenance, Tool

GovernedAction = Literal["cancel_booking"]


class OneBooking(Arguments):
    record_locator: RecordLocator
    provenance: ClassVar = {"record_locator": "record"}


class FlightQuery(Arguments):
    flight_number: FlightNumber
    date: day | None = None


class EligibilityQuery(OneBooking):
    action: GovernedAction
    provenance: ClassVar[dict[str, Provenance]] = {"record_locator": "record", "action": "choice"}


class Bookings:
    """What the tools of this subject do, over the services."""

    def __init__(self, services: Services, policy: Policy) -> None:
        self._services = services
        self._policy = policy

    async def read(self, call: Call) -> Outcome:
        booking = call.the_booking()
        return Done(say=f"Here is your booking {describe_booking(booking)}.", data=tell_booking(booking))

    async def list(self, call: Call) -> Outcome:
        customer = call.turn.speaker.customer_id
        bookings = await self._services.booking.list_for(customer) if customer else ()
        if not bookings:
            return Done(say="You have no bookings with us.", data={"bookings": []})
        say = "These are your bookings:\n" + listed(describe_booking(b) for b in bookings)
        return Done(say=say, data={"bookings": [tell_booking_briefly(b) for b in bookings]})

    async def flight_status(self, call: Call) -> Outcome:
        query: FlightQuery = call.arguments
        number = flight_number(query.flight_number)
        flights = await self._services.booking.flight_status(number, query.date)
        if not flights:
            return Done(say=f"I can find no flight {number} on that day.", data={"flights": 0})
        return Done(say=" ".join(describe_flight(f) for f in flights), data={"flights": len(flights)})

    async def eligibility(self, call: Call) -> Outcome:
        query: EligibilityQuery = call.arguments
        decision = await self._policy.decide(query.action, call)
        if decision.effect == "deny":
            return Refused(say=decision.say, clauses=decision.clauses)
        if decision.effect == "needs_human":
            return HumanNeeded(say=decision.say or ASK_COLLEAGUE, clauses=decision.clauses, reason=decision.reason)
        data: dict[str, object] = {
            "eligible": True,
            "action": query.action,
            "record_locator": query.record_locator,
            "amounts": {amount.name: format_minor(amount.minor, amount.currency) for amount in decision.amounts},
        }
        return Done(say=decision.say, clauses=decision.clauses, data=data)

    async def cancel(self, order: Order, write: Write) -> str:
        locator: RecordLocator = order.arguments.record_locator
        refund = order.amounts.get("refund", 0)
        return (await self._services.booking.cancel(locator, refund_minor=refund, write=write)).version


def booking_tools(services: Services, policy: Policy) -> tuple[Tool, ...]:
    """The tools of this subject, bound to the services."""
    bookings = Bookings(services, policy)
    return (
        Tool(
            name="get_booking",
            description=(
                "Reads one booking of the person: flights, passengers, fare, extras. Use it when the person asks "
                "what is in a booking. Example: record_locator 'K7XQ2P'."
            ),
            arguments=OneBooking,
            kind="read",
            least="booking",
            about_booking=True,
            read=bookings.read,
        ),
        Tool(
            name="list_bookings",
            description=(
                "Lists the bookings of the signed-in customer. Use it when a signed-in customer speaks of a booking "
                "without its record locator. Takes no argument."
            ),
            arguments=NoArguments,
            kind="read",
            least="authenticated",
            read=bookings.list,
        ),
        Tool(
            name="get_flight_status",
            description=(
                "Tells whether a flight is on time, late or cancelled. Use it for any question about a flight's "
                "operation; never guess it. Example: flight_number 'GA0412', date '2026-12-03' (optional)."
            ),
            arguments=FlightQuery,
            kind="read",
            least="anonymous",
            read=bookings.flight_status,
        ),
        Tool(
            name="check_eligibility",
            description=(
                "Asks the policy whether an action is possible for a booking and what it would give, without "
                "proposing it. Use it for 'can I' and 'how much would I get back'. "
                "Example: action 'cancel_booking', record_locator 'K7XQ2P'."
            ),
            arguments=EligibilityQuery,
            kind="read",
            least="booking",
            about_booking=True,
            read=bookings.eligibility,
        ),
        Tool(
            name="cancel_booking",
            description=(
                "Proposes to cancel a whole booking with the refund the policy gives. It changes nothing: the person "
                "sees a card and confirms. Use it only when the person asks to cancel. "
                "Example: record_locator 'K7XQ2P'."
            ),
            arguments=OneBooking,
            kind="write",
            least="verified",
            about_booking=True,
            action="cancel_booking",
            summary=_cancel_summary,
            receipt=_cancel_receipt,
            phrase=lambda call: f"cancel {call.the_booking().record_locator}",
            steps=(bookings.cancel,),
        ),
    )


def _amount(call: Call, name: str) -> int:
    return next((a.minor for a in call.the_decision().amounts if a.name == name), 0)


def _cancel_summary(call: Call) -> str:
    booking = call.the_booking()
    people = len(booking.passengers)
    who = f"{people} passenger{'s' if people != 1 else ''}"
    return f"Cancel booking {booking.record_locator} ({route(booking)}, {who})"


def _cancel_receipt(call: Call) -> str:
    booking = call.the_booking()
    refund = _amount(call, "refund")
    money = (
        f"{format_minor(refund, booking.currency)} goes back to {booking.payment.label}."
        if refund
        else "There is no refund for it."
    )
    return f"Booking {booking.record_locator} is cancelled. {money}"
