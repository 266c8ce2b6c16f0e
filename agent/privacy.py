"""What a customer may ask for: everything we hold of them, and that it goes. And that nothing is kept for ever."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from agent.errors import Forbidden
from agent.rights import Erased, Export
from agent.store.conversations import Conversation
from agent.store.erasure import Erasure, Traces
from agent.store.stores import Stores
from agent.viewing import show_conversation
from tools.context import Speaker
from tools.domain.errors import Fault, NotFound
from tools.domain.ids import CustomerId
from tools.ports import Services, Subject

_ERASED = "Your {} conversations and what hung on them are erased. Our audit keeps its records without your name."
_DEFERRED = "We will erase your conversations as soon as this has ended: {}. You need not ask again."
_OPEN_CLAIM = "a claim of yours is still open"
_UNKNOWN = "we cannot see right now what else our systems have of yours"


class Privacy:
    def __init__(
        self, *, stores: Stores, services: Services, clock: Callable[[], datetime], retention: timedelta
    ) -> None:
        self._stores = stores
        self._services = services
        self._clock = clock
        self._retention = retention
        self._erasure = Erasure(stores.database)

    async def export(self, speaker: Speaker) -> Export:
        _, customer = _customer(speaker)
        mine = await self._stores.conversations.of(speaker)
        cases = await self._services.cases.list_for(customer, subject=Subject(f"customer:{customer}"))
        return Export(
            exported_at=self._clock(),
            customer_id=customer,
            conversations=tuple([await self._whole(conversation) for conversation in mine]),
            cases=tuple(asdict(case) for case in cases),
        )

    async def erase(self, speaker: Speaker) -> Erased:
        """At once, or as soon as nothing is unfinished; the answer says which and why."""
        subject, customer = _customer(speaker)
        ended = await self._end(subject, customer)
        if isinstance(ended, int):
            return Erased(status="erased", detail=_ERASED.format(ended))
        await self._erasure.ask(subject, customer, self._clock())
        return Erased(status="deferred", detail=_DEFERRED.format(ended))

    async def tidy(self) -> None:
        """What was deferred and can go now; what is older than it may be."""
        for subject, customer in await self._erasure.asked():
            await self._end(subject, customer)
        await self._erasure.expire(self._clock() - self._retention)

    async def _end(self, subject: str, customer: CustomerId) -> int | str:
        """-> how many conversations went, or why none can yet."""
        try:
            claims = await self._services.compensation.list_for(customer, subject=Subject(f"customer:{customer}"))
            if any(claim.status == "open" for claim in claims):
                return _OPEN_CLAIM
            traces = await self._traces(customer)
        except Fault:
            return _UNKNOWN
        if reason := await self._erasure.unfinished(subject, customer):
            return reason
        return await self._erasure.erase(subject, customer, traces)

    async def _traces(self, customer: CustomerId) -> Traces:
        """A booking that others travel on is theirs too, and does not stand for this person."""
        asking = Subject(f"customer:{customer}")
        cases = await self._services.cases.list_for(customer, subject=asking)
        bookings = await self._services.booking.list_for(customer, subject=asking)
        alone = [b for b in bookings if {p.customer_id for p in b.passengers} <= {customer}]
        contacts = await self._contacts(customer, asking)
        return Traces(
            cases=tuple(case.case_id for case in cases),
            names=tuple(name for name in (*contacts, *(b.record_locator for b in alone)) if name),
        )

    async def _contacts(self, customer: CustomerId, asking: Subject) -> tuple[str | None, ...]:
        try:
            profile = await self._services.profile.get(customer, subject=asking)
        except NotFound:
            return ()
        return profile.email, profile.phone

    async def _whole(self, conversation: Conversation) -> dict[str, Any]:
        transcript = await self._stores.conversations.transcript(conversation.id)
        proposals = await self._stores.proposals.of(conversation.id)
        view = show_conversation(conversation, transcript, proposals).model_dump(mode="json")
        claims = [asdict(claim) for claim in await self._stores.turns.claims_of(conversation.id)]
        return {**view, "claims": claims, "feedback": await self._erasure.feedback_of(conversation.id)}


def _customer(speaker: Speaker) -> tuple[str, CustomerId]:
    if speaker.kind != "customer" or speaker.subject is None or speaker.customer_id is None:
        raise Forbidden("This is for signed-in customers.")
    return speaker.subject, speaker.customer_id
