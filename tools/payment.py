"""Refunds without cancelling: what the policy owes for flights not flown, and a refund that is late."""

from typing import ClassVar

from knowledge.values import Value
from tools.domain.ids import RecordLocator
from tools.domain.money import format_minor
from tools.domain.outcomes import Outcome
from tools.extract.reasons import offers_proof, read_reason
from tools.ports import Services, Write
from tools.tool import Arguments, Call, Order, Provenance, Resolution, Tool


class RefundRequest(Arguments):
    record_locator: RecordLocator
    reason: str | None = None
    provenance: ClassVar[dict[str, Provenance]] = {"record_locator": "record", "reason": "quote"}


class Payments:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def resolve(self, call: Call) -> Resolution | Outcome:
        """A refund that is on its way is put before the others; only without one is a new one asked for."""
        wish: RefundRequest = call.arguments
        subject = call.turn.subject_for(wish.record_locator)
        refunds = await self._services.payment.refunds(wish.record_locator, subject=subject)
        waiting = next((refund for refund in refunds if refund.status == "pending" and not refund.expedited), None)
        facts: dict[str, Value] = {
            "claim.question": "refund",
            "baggage.event": "none",
            **_stated(wish.reason, call.turn.said),
        }
        if waiting is None:
            return Resolution(details={"currency": call.the_booking().currency}, facts=facts)
        return Resolution(
            details={
                "refund": waiting.refund_id,
                "amount": format_minor(waiting.amount_minor, waiting.currency),
                "currency": waiting.currency,
            },
            facts={"payment.refund_due_for": call.turn.now - waiting.due_at},
            action="expedite_refund",
            version=waiting.version,
        )

    async def refund(self, order: Order, write: Write) -> str:
        if refund_id := order.details.get("refund"):
            return (await self._services.payment.expedite(refund_id, write=write)).version
        refund = await self._services.payment.refund(
            order.arguments.record_locator,
            amount_minor=order.amounts.get("refund", 0),
            currency=order.details["currency"],
            reason=order.arguments.reason or "requested by the passenger",
            write=write,
        )
        return refund.version


def payment_tools(services: Services) -> tuple[Tool, ...]:
    payments = Payments(services)
    return (
        Tool(
            name="request_refund",
            description=(
                "Proposes a refund that the policy owes for a booking without cancelling it (a cancelled or badly "
                "delayed flight, taxes of a missed flight), or puts a refund that is overdue before the others. "
                "To cancel and get money back use cancel_booking. Example: record_locator 'K7XQ2P'."
            ),
            arguments=RefundRequest,
            kind="write",
            least="verified",
            about_booking=True,
            action="request_refund",
            resolve=payments.resolve,
            summary=_summary,
            receipt=_receipt,
            steps=(payments.refund,),
        ),
    )


def _stated(reason: str | None, said: tuple[str, ...]) -> dict[str, Value]:
    """What the person says of why; nothing when they have not said it."""
    if reason is None:
        return {}
    return {"stated.reason": read_reason(reason), "stated.can_prove": any(offers_proof(text) for text in said)}


def _summary(call: Call) -> str:
    locator = call.the_booking().record_locator
    if amount := call.resolution.details.get("amount"):
        return f"Put the refund of {amount} for booking {locator} before the others"
    return f"Refund {_amount(call)} for booking {locator}"


def _receipt(call: Call) -> str:
    if amount := call.resolution.details.get("amount"):
        return f"Your refund of {amount} is now put before the others."
    return f"{_amount(call)} for booking {call.the_booking().record_locator} goes back to the way you paid."


def _amount(call: Call) -> str:
    amount = call.the_decision().amount("refund")
    return format_minor(amount.minor, amount.currency) if amount else "the amount"
