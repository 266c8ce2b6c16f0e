"""The customer in one view: only what the role and the consents allow, masked until the caller is known."""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime

from agent.desk.views import CaseSummary, Customer360, ShownBooking, ShownConsent
from agent.store.conversations import Conversation, Entry
from agent.store.stores import Stores
from tools.consent import is_open
from tools.domain.errors import Fault, NotFound
from tools.domain.ids import CustomerId, RecordLocator
from tools.domain.records import Booking, Case, Claim, Consent, FlightStatus, Profile
from tools.ports import Services, Subject
from tools.telling import describe_booking, describe_flight, mask_contact

SYSTEM = Subject("system")
_ANGRY = re.compile(
    r"\b(?:angry|furious|outrag\w*|ridiculous|unacceptable|terrible|awful|worst|scam|lawyer|sue|never again|disgust\w*|"
    r"useless|incompetent|shame\w*|horrible|rude)\b|!!+",
    re.I,
)
_GLAD = re.compile(r"\b(?:thanks?|thank you|great|perfect|lovely|appreciate\w*|excellent|wonderful|brilliant)\b", re.I)


class Customers:
    def __init__(self, services: Services, stores: Stores) -> None:
        self._services = services
        self._stores = stores

    async def view(self, case: Case, conversation: Conversation | None, now: datetime) -> Customer360:
        level = await self._level(conversation, now)
        customer = case.customer_id or await self._booker(case.record_locator)
        if customer is None:
            return _unknown(level)
        profile, consents, bookings, cases, claims = await self._read(customer)
        known = level != "unverified"
        conversations = await self._stores.conversations.of_customer(customer)
        said = await self._said(conversation)
        return Customer360(
            verified=level,
            customer_id=str(customer),
            name=_name(profile) if known else _masked(profile),
            contact=tuple(_contact(c, known) for c in (profile.email, profile.phone) if c),
            tier=profile.tier,
            miles=profile.miles if known else None,
            language=profile.language,
            bookings=tuple([await self._booking(b) for b in bookings]) if known else (),
            cases=tuple(summarise(c, now) for c in cases if c.status != "closed"),
            consents=tuple(ShownConsent(purpose=c.purpose, channel=c.channel, granted=c.granted) for c in consents),
            conversations=tuple(c.id for c in conversations),
            claims=tuple(f"{c.kind.replace('_', ' ')}: {c.status}" for c in claims) if known else (),
            interests=profile.social_interests if known and is_open(consents, "social_profile", None) else (),
            sentiment=tuple(sentiment(text) for text in said[-8:]),
        )

    async def _read(
        self, customer: CustomerId
    ) -> tuple[Profile, tuple[Consent, ...], tuple[Booking, ...], tuple[Case, ...], tuple[Claim, ...]]:
        services = self._services
        try:
            async with asyncio.TaskGroup() as group:
                profile = group.create_task(services.profile.get(customer))
                consents = group.create_task(services.consent.list_for(customer))
                bookings = group.create_task(services.booking.list_for(customer))
                cases = group.create_task(services.cases.list_for(customer))
                claims = group.create_task(services.compensation.list_for(customer))
        except ExceptionGroup as faults:
            raise faults.exceptions[0] from faults
        return profile.result(), consents.result(), bookings.result(), cases.result(), claims.result()

    async def _booking(self, booking: Booking) -> ShownBooking:
        flights: list[FlightStatus] = []
        for leg in booking.segments:
            flights += (await self._services.booking.flight_status(leg.flight_number, leg.flight_date))[:1]
        return ShownBooking(
            record_locator=booking.record_locator,
            status=booking.status,
            line=describe_booking(booking),
            flights=tuple(describe_flight(flight) for flight in flights),
        )

    async def _booker(self, locator: RecordLocator | None) -> CustomerId | None:
        if locator is None:
            return None
        try:
            return (await self._services.booking.get(locator, subject=SYSTEM)).booker_id
        except (NotFound, Fault):
            return None

    async def _level(self, conversation: Conversation | None, now: datetime) -> str:
        if conversation is None:
            return "unverified"
        if conversation.kind == "customer":
            return "authenticated"
        live = [g for g in await self._stores.conversations.grants(conversation.id) if g.expires_at > now]
        return max((g.level for g in live), key=lambda level: level == "verified", default="unverified")

    async def _said(self, conversation: Conversation | None) -> list[str]:
        if conversation is None:
            return []
        return customer_words(await self._stores.conversations.transcript(conversation.id))


def customer_words(transcript: Sequence[Entry]) -> list[str]:
    return [entry.text for entry in transcript if entry.role == "customer"]


def sentiment(text: str) -> float:
    """-1 to 1 from plain words of anger and thanks: a hint for a person, not a judgement of one."""
    angry, glad = len(_ANGRY.findall(text)), len(_GLAD.findall(text))
    return 0.0 if angry == glad else (glad - angry) / (glad + angry)


def summarise(case: Case, now: datetime) -> CaseSummary:
    return CaseSummary(
        case_id=case.case_id,
        kind=case.kind,
        status=case.status,
        severity=case.severity,
        summary=case.summary,
        opened_at=case.opened_at,
        age_minutes=max(0, int((now - case.opened_at).total_seconds() // 60)),
        assignee=case.assignee,
        record_locator=case.record_locator,
        conversation_id=case.conversation_id,
        position=case.position,
    )


def _unknown(level: str) -> Customer360:
    return Customer360(
        verified=level,
        customer_id=None,
        name="unknown",
        contact=(),
        tier="none",
        miles=None,
        language="en",
        bookings=(),
        cases=(),
        consents=(),
        conversations=(),
        claims=(),
        interests=(),
        sentiment=(),
    )


def _name(profile: Profile) -> str:
    return f"{profile.given_name} {profile.surname}"


def _masked(profile: Profile) -> str:
    return f"{profile.given_name[:1]}••• {profile.surname[:1]}•••"


def _contact(address: str, known: bool) -> str:
    return address if known else mask_contact(address)
