"""Consents: deny by default. Granting is proposed and confirmed; taking back works at once, in plain words."""

from typing import ClassVar

from knowledge.values import Value
from tools.domain.ids import CustomerId
from tools.domain.outcomes import Done, Event, Invalid, Outcome
from tools.domain.records import Channel, Consent, Purpose
from tools.journeys import age_on
from tools.ports import Services, Subject, Write
from tools.telling import listed
from tools.tool import Arguments, Call, NoArguments, Order, Provenance, Resolution, Tool

NAMES: dict[Purpose, str] = {
    "marketing": "offers and news",
    "personalisation": "personal recommendations",
    "social_profile": "use of your social profile",
    "partner_sharing": "sharing with partners",
    "service_notifications": "messages about your flights",
}


class ConsentWish(Arguments):
    purpose: Purpose
    channel: Channel | None = None
    granted: bool
    provenance: ClassVar[dict[str, Provenance]] = {"purpose": "choice", "channel": "choice", "granted": "choice"}


class Withdrawal(Arguments):
    purpose: Purpose
    channel: Channel | None = None


class Consents:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def read(self, call: Call) -> Outcome:
        mine = [c for c in await self._services.consent.list_for(_customer(call)) if c.granted]
        if not mine:
            return Done(say="You have given no consents; nothing is sent or used beyond what your journey needs.")
        say = "You have agreed to:\n" + listed(_told(c) for c in mine)
        data = {"consents": [{"purpose": c.purpose, "channel": c.channel} for c in mine]}
        return Done(say=say, data=data)

    async def resolve(self, call: Call) -> Resolution | Outcome:
        if call.turn.speaker.customer_id is None:
            return Invalid(say="Only a signed-in customer can change consents.")
        wish: ConsentWish = call.arguments
        known = await self._find(call, wish.purpose, wish.channel)
        profile = await self._services.profile.get(_customer(call))
        facts: dict[str, Value] = {
            "passenger.age_years": age_on(call.turn.now.date(), profile.birth_date),
            "consent.purpose": wish.purpose,
            "consent.wish": "grant" if wish.granted else "withdraw",
            "consent.granted": known is not None and known.granted,
        }
        details = {"customer": str(_customer(call)), "before": str(known is not None and known.granted)}
        return Resolution(facts=facts, details=details, version=known.version if known else None)

    async def set(self, order: Order, write: Write) -> str:
        wish: ConsentWish = order.arguments
        customer = CustomerId(order.details["customer"])
        consent = await self._services.consent.set(customer, wish.purpose, wish.channel, wish.granted, write=write)
        return consent.version

    async def withdraw(self, call: Call) -> Outcome:
        """At once and without a card: the deterministic reader found it in the person's own words."""
        if call.turn.speaker.customer_id is None:
            return Invalid(say="Please sign in, so that I know whose consent to take back.")
        wish: Withdrawal = call.arguments
        live = [c for c in await self._services.consent.list_for(_customer(call)) if c.granted and _covers(wish, c)]
        for consent in live:
            write = Write(
                key=f"{call.turn.message_id}:withdraw:{consent.purpose}:{consent.channel}",
                subject=Subject(f"customer:{_customer(call)}"),
                if_match=consent.version,
            )
            await self._services.consent.set(consent.customer_id, consent.purpose, consent.channel, False, write=write)
        what = NAMES[wish.purpose] + (f" by {wish.channel}" if wish.channel else "")
        events = tuple(_changed(c.customer_id, c.purpose, c.channel, granted=False) for c in live)
        say = f"Done: you get no more {what}." if live else f"You had not agreed to {what}, and it stays that way."
        return Done(say=say, data={"withdrawn": len(live)}, events=events)

    async def _find(self, call: Call, purpose: Purpose, channel: Channel | None) -> Consent | None:
        mine = await self._services.consent.list_for(_customer(call))
        return next((c for c in mine if c.purpose == purpose and c.channel == channel), None)


def consent_tools(services: Services) -> tuple[Tool, ...]:
    consents = Consents(services)
    return (
        Tool(
            name="get_consents",
            description=(
                "Reads what the signed-in customer has agreed to. Use it when they ask about their consents or "
                "messages. Takes no argument."
            ),
            arguments=NoArguments,
            kind="read",
            least="authenticated",
            read=consents.read,
        ),
        Tool(
            name="set_consent",
            description=(
                "Proposes to give or take back a consent of the signed-in customer. "
                "Example: purpose 'service_notifications', channel 'sms', granted true."
            ),
            arguments=ConsentWish,
            kind="write",
            least="authenticated",
            action="set_consent",
            resolve=consents.resolve,
            summary=_summary,
            receipt=_receipt,
            steps=(consents.set,),
            event=lambda order: _changed(
                CustomerId(order.details["customer"]),
                order.arguments.purpose,
                order.arguments.channel,
                granted=order.arguments.granted,
            ),
        ),
        Tool(
            name="withdraw_consent",
            description="Takes a consent back at once. Only the deterministic reader calls it.",
            arguments=Withdrawal,
            kind="control",
            least="authenticated",
            read=consents.withdraw,
            for_models=False,
        ),
    )


def is_open(consents: tuple[Consent, ...], purpose: Purpose, channel: Channel | None) -> bool:
    """Deny by default: only a live consent for that very purpose and channel opens it."""
    return any(c.granted and c.purpose == purpose and c.channel == channel for c in consents)


def _covers(wish: Withdrawal, consent: Consent) -> bool:
    return consent.purpose == wish.purpose and wish.channel in (None, consent.channel)


def _changed(customer: CustomerId, purpose: Purpose, channel: Channel | None, *, granted: bool) -> Event:
    data = {"customer_id": str(customer), "purpose": purpose, "channel": channel, "granted": granted}
    return Event(key=str(customer), type="consent.changed", data=data)


def _customer(call: Call) -> CustomerId:
    customer = call.turn.speaker.customer_id
    if customer is None:
        raise LookupError("the executor let through a call that needs a customer")
    return customer


def _told(consent: Consent) -> str:
    return NAMES[consent.purpose] + (f" by {consent.channel}" if consent.channel else "")


def _what(wish: ConsentWish) -> str:
    return NAMES[wish.purpose] + (f" by {wish.channel}" if wish.channel else "")


def _summary(call: Call) -> str:
    return f"{'Agree to' if call.arguments.granted else 'Take back your consent to'} {_what(call.arguments)}"


def _receipt(call: Call) -> str:
    if call.arguments.granted:
        return f"Done: you have agreed to {_what(call.arguments)}. You can take it back at any time."
    return f"Done: you get no more {_what(call.arguments)}."
