"""A second opinion on every write, by rules of its own: whose booking, what the pack says now, how old the card is."""

from dataclasses import dataclass, replace

from agent.bootstrap import Platform
from tests.agent.talk import Talk
from tools.context import Grant, Speaker, TurnContext
from tools.domain.ids import ConversationId, MessageId, RecordLocator
from tools.domain.records import Booking
from tools.policy import Policy
from tools.ports import Subject
from tools.proposals import Proposal, Quote
from tools.tool import Call, Resolution

SYSTEM = Subject("system")


@dataclass(frozen=True, kw_only=True)
class Judge:
    platform: Platform
    person: Talk

    async def faults(self, proposal_id: str) -> tuple[str, ...]:
        """What is wrong with executing this proposal now; nothing when all is well."""
        proposal = await self.platform.stores.proposals.get(proposal_id)
        if proposal is None:
            return ("no such proposal",)
        conversations = self.platform.stores.conversations
        grants = await conversations.grants(self.person.conversation_id)
        now = self.platform.concierge._clock()
        booking = await self._booking(proposal)
        found = [
            (proposal.conversation_id != self.person.conversation_id, "of another conversation"),
            (proposal.status != "confirmed", f"is {proposal.status}"),
            (proposal.expires_at <= now, "has expired"),
            (booking is not None and not owns(self.person.speaker, booking, grants, "verified"), "not their booking"),
            (not await self._is_allowed(proposal, booking, grants), "is not what the pack allows now"),
        ]
        return tuple(fault for is_so, fault in found if is_so)

    async def _booking(self, proposal: Proposal) -> Booking | None:
        locator = proposal.arguments.get("record_locator")
        return await self.platform.services.booking.get(RecordLocator(locator), subject=SYSTEM) if locator else None

    async def _is_allowed(self, proposal: Proposal, booking: Booking | None, grants: tuple[Grant, ...]) -> bool:
        tool = self.platform.executor.tools[proposal.tool]
        said = await said_in(self.person)
        turn = TurnContext(
            conversation_id=ConversationId(self.person.conversation_id),
            message_id=MessageId("m_judge"),
            speaker=self.person.speaker,
            grants=grants,
            said=said,
            now=self.platform.concierge._clock(),
        )
        call = Call(arguments=tool.arguments.model_validate(dict(proposal.arguments)), turn=turn, booking=booking)
        resolved = await tool.resolve(call) if tool.resolve else Resolution()
        if not isinstance(resolved, Resolution):
            return False
        policy = Policy(pack=self.platform.pack, services=self.platform.services)
        action = resolved.action or str(tool.action)
        decision = await policy.decide(action, replace(call, resolution=resolved))
        return decision.effect == "allow" and Quote.of(decision) == proposal.quote


def owns(speaker: Speaker, booking: Booking, grants: tuple[Grant, ...], level: str) -> bool:
    """level: what an anonymous person must have proved, booking or verified."""
    if speaker.kind == "anonymous":
        proofs = [grant for grant in grants if grant.locator == booking.record_locator]
        return any(level == "booking" or grant.level == "verified" for grant in proofs)
    people = {
        booking.booker_id,
        *(p.customer_id for p in booking.passengers),
        *(p.guardian_id for p in booking.passengers),
    }
    return speaker.customer_id in people


async def said_in(person: Talk) -> tuple[str, ...]:
    transcript = await person.platform.stores.conversations.transcript(person.conversation_id)
    return tuple(entry.text for entry in transcript if entry.role == "customer")
