"""Claims at the compensation system: passenger rights, baggage, and goodwill by staff."""

from datetime import timedelta
from typing import ClassVar, Literal

from knowledge.values import Value
from tools.domain.ids import CustomerId, RecordLocator
from tools.domain.money import format_minor
from tools.domain.outcomes import FactsNeeded, Invalid, Outcome
from tools.domain.records import Booking, ClaimKind, Segment
from tools.extras import passenger_meant
from tools.policy import staff_role
from tools.ports import Services, Write
from tools.telling import flight_number
from tools.tool import Arguments, Call, FlightNumber, Order, Provenance, Resolution, Tool

YEAR = timedelta(days=365)


class CompensationClaim(Arguments):
    record_locator: RecordLocator
    flight_number: FlightNumber | None = None
    provenance: ClassVar[dict[str, Provenance]] = {"record_locator": "record", "flight_number": "record"}


class BaggageReport(Arguments):
    record_locator: RecordLocator
    kind: Literal["delayed", "damaged", "lost"]
    bag_tag: str | None = None
    description: str | None = None
    provenance: ClassVar[dict[str, Provenance]] = {
        "record_locator": "record",
        "kind": "choice",
        "bag_tag": "words",
        "description": "quote",
    }


class Goodwill(Arguments):
    kind: Literal["voucher", "miles"]
    amount: int
    """Whole euros of a voucher, or miles."""
    provenance: ClassVar[dict[str, Provenance]] = {"kind": "choice", "amount": "words"}


class Compensation:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def resolve_claim(self, call: Call) -> Resolution | Outcome:
        wish: CompensationClaim = call.arguments
        booking = call.the_booking()
        segment = _segment(booking, wish.flight_number)
        if wish.flight_number is not None and segment is None:
            return Invalid(say=f"Flight {wish.flight_number} is not in this booking.")
        subject = call.turn.subject_for(wish.record_locator)
        made = await self._services.compensation.list_for_booking(wish.record_locator, subject=subject)
        claimed = {claim.passenger_id for claim in made if claim.kind == "compensation"}
        passengers = tuple(p for p in booking.passengers if p.passenger_id not in claimed)
        facts: dict[str, Value] = {
            "claim.regime": "any",
            "claim.question": "compensation",
            "claim.wants_refund": False,
            "claim.paid_already": not passengers,
        }
        at_issue = segment or _at_issue(booking)
        details = {"customer": str(booking.booker_id), "segment": at_issue.segment_id, "currency": booking.currency}
        facts["claim.age"] = max(call.turn.now - at_issue.arrives_at, timedelta())
        return Resolution(
            facts=facts, details=details, passengers=passengers or booking.passengers[:1], segment=segment
        )

    async def claim(self, order: Order, write: Write) -> str | None:
        """One claim a passenger, each under a key of its own."""
        version = None
        for passenger, minor in shares_of(order).items():
            claim = await self._services.compensation.open_claim(
                kind="compensation",
                customer=CustomerId(order.details["customer"]),
                locator=order.arguments.record_locator,
                passenger_id=passenger,
                segment_id=order.details["segment"],
                amount_minor=minor,
                currency=order.currencies.get("compensation", order.details["currency"]),
                write=Write(key=f"{write.key}:{passenger}", subject=write.subject),
            )
            version = claim.version
        return version

    async def resolve_report(self, call: Call) -> Resolution | Outcome:
        wish: BaggageReport = call.arguments
        booking = call.the_booking()
        flown = [leg for leg in booking.segments if leg.arrives_at <= call.turn.now]
        if not flown:
            return Invalid(say="No flight of this booking has landed yet, so there is no bag to report.")
        passenger = passenger_meant(booking, None) or booking.passengers[0]
        last = flown[-1]
        facts: dict[str, Value] = {
            "baggage.event": wish.kind,
            "baggage.missing_for": call.turn.now - last.arrives_at,
            "baggage.reported_after": call.turn.now - last.arrives_at,
            "baggage.checked": any(extra.kind == "bag" for extra in booking.ancillaries),
        }
        details = {
            "customer": str(booking.booker_id),
            "segment": last.segment_id,
            "passenger": passenger.passenger_id,
            "currency": booking.currency,
        }
        return Resolution(facts=facts, details=details, segment=last)

    async def report(self, order: Order, write: Write) -> str:
        wish: BaggageReport = order.arguments
        kinds: dict[str, ClaimKind] = {
            "delayed": "baggage_delayed",
            "damaged": "baggage_damaged",
            "lost": "baggage_lost",
        }
        told = {"bag_tag": wish.bag_tag, "description": wish.description}
        claim = await self._services.compensation.open_claim(
            kind=kinds[wish.kind],
            customer=CustomerId(order.details["customer"]),
            locator=wish.record_locator,
            passenger_id=order.details["passenger"],
            segment_id=order.details["segment"],
            amount_minor=0,
            currency=order.details["currency"],
            details={name: value for name, value in told.items() if value},
            write=Write(key=write.key, subject=write.subject),
        )
        return claim.version

    async def resolve_goodwill(self, call: Call) -> Resolution | Outcome:
        wish: Goodwill = call.arguments
        if call.turn.case_id is None or call.turn.case_customer is None:
            return FactsNeeded(facts=("case",), say="Goodwill needs a case with a customer.")
        customer = CustomerId(call.turn.case_customer)
        claims = await self._services.compensation.list_for(customer)
        recent = [c for c in claims if c.kind.startswith("goodwill") and call.turn.now - c.opened_at < YEAR]
        value = wish.amount * 100 if wish.kind == "voucher" else 0
        facts: dict[str, Value] = {
            "goodwill.value": value,
            "goodwill.miles": wish.amount if wish.kind == "miles" else 0,
            "goodwill.given_before": len(recent),
            "staff.role": staff_role(call.turn.speaker),
            "staff.own_case": False,
            "booking.currency": "EUR",
        }
        return Resolution(facts=facts, details={"customer": str(customer)})

    async def give(self, order: Order, write: Write) -> str:
        wish: Goodwill = order.arguments
        voucher = wish.kind == "voucher"
        claim = await self._services.compensation.open_claim(
            kind="goodwill_voucher" if voucher else "goodwill_miles",
            customer=CustomerId(order.details["customer"]),
            locator=None,
            passenger_id=None,
            segment_id=None,
            amount_minor=wish.amount * 100 if voucher else wish.amount,
            currency="EUR" if voucher else "MIL",
            write=write,
        )
        return claim.version


def compensation_tools(services: Services) -> tuple[Tool, ...]:
    compensation = Compensation(services)
    return (
        Tool(
            name="claim_compensation",
            description=(
                "Proposes the compensation that passenger-rights law gives for a cancelled, delayed or overbooked "
                "flight, for every passenger of the booking. Use it when the person asks for compensation. "
                "Example: record_locator 'K7XQ2P', flight_number 'GA101' (optional)."
            ),
            arguments=CompensationClaim,
            kind="write",
            least="verified",
            about_booking=True,
            action="claim_compensation",
            resolve=compensation.resolve_claim,
            summary=lambda call: f"Claim compensation for booking {call.the_booking().record_locator}",
            receipt=_claim_receipt,
            steps=(compensation.claim,),
        ),
        Tool(
            name="report_baggage",
            description=(
                "Proposes a report of a bag that is delayed, damaged or lost. Use it when the person's bag did not "
                "arrive or is broken. Example: record_locator 'K7XQ2P', kind 'delayed', bag_tag 'GA048817'."
            ),
            arguments=BaggageReport,
            kind="write",
            least="verified",
            about_booking=True,
            action="report_baggage",
            resolve=compensation.resolve_report,
            summary=lambda call: f"Report a {call.arguments.kind} bag for booking {call.the_booking().record_locator}",
            receipt=lambda call: f"Your report of a {call.arguments.kind} bag is open; we are looking into it.",
            steps=(compensation.report,),
        ),
        Tool(
            name="issue_goodwill",
            description=(
                "For staff in a case: proposes a voucher (whole euros) or miles as goodwill, within the role's "
                "authority. Example: kind 'voucher', amount 50."
            ),
            arguments=Goodwill,
            kind="write",
            least="agent",
            action="issue_goodwill",
            resolve=compensation.resolve_goodwill,
            summary=lambda call: f"Give {_gift(call.arguments)} as goodwill",
            receipt=lambda call: f"{_gift(call.arguments)} is given as goodwill.",
            steps=(compensation.give,),
        ),
    )


def shares_of(order: Order) -> dict[str, int]:
    """Minor units by passenger id: the parts of the decision that were confirmed, added up for each."""
    parts: dict[str, int] = {}
    for name, value in order.details.items():
        passenger, dot, _ = name.partition(".")
        if dot:
            parts[passenger] = parts.get(passenger, 0) + int(value)
    return parts


def _segment(booking: Booking, named: str | None) -> Segment | None:
    number = flight_number(named) if named else None
    return next((leg for leg in booking.segments if leg.flight_number == number), None)


def _at_issue(booking: Booking) -> Segment:
    """The cancelled flight, else the one flown last, else the first."""
    cancelled = [leg for leg in booking.segments if leg.status == "cancelled"]
    flown = [leg for leg in booking.segments if leg.status == "flown"]
    return (cancelled or flown[-1:] or list(booking.segments))[0]


def _claim_receipt(call: Call) -> str:
    amounts = ", ".join(format_minor(a.minor, a.currency) for a in call.the_decision().amounts)
    return f"Your claim over {amounts} for booking {call.the_booking().record_locator} is open."


def _gift(wish: Goodwill) -> str:
    return f"a voucher of {wish.amount} EUR" if wish.kind == "voucher" else f"{wish.amount} miles"
