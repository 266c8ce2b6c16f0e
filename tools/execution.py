"""What happens after the person's own confirmation, without any model: read again, decide again, act, settle.

The step is written down before the service is called and carries the key `{proposal}:{n}`, so that whoever finds it
after a crash can send it again and the service acts once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tools.audit import AuditRecord, Confirmation, hash_arguments
from tools.context import TurnContext
from tools.domain.errors import NotFound, OutcomeUnknown, Refusal, Rejected, ServiceUnavailable, VersionConflict
from tools.domain.outcomes import Event
from tools.executor import Executor, approvable, propose, version_of
from tools.identity import identity_needed
from tools.ports import Subject, Write
from tools.proposals import Proposal, ProposalStore, Quote, Settlement, Status
from tools.tool import Call, Order, Tool

Clock = Callable[[], datetime]
Pause = Callable[[float], Awaitable[None]]
Rescue = Callable[[Proposal, str], Awaitable[str]]
"""Opens a case for an act that was done only in part, and returns its id."""
POLL_SECONDS = 0.02
WAIT_SECONDS = 20.0

_REFUSED = "the airline's system refused it"
_FAILED = "That did not work: {}. Nothing was changed."
_CHANGED = "Something changed since I showed you that, so I did nothing. Here is what applies now."
_NO_LONGER = "Something changed since I showed you that, and it is no longer possible. Nothing was changed. {}"
_HALF_WAY = "The first part of this is done, and the rest follows by itself as soon as our system answers again."
_PARTLY = "Only a part of this could be done. A colleague has it now (case {}) and will put it right."
_UNKNOWN = (
    "I have sent this to the airline's system and have no answer yet. It will be done once and only once; "
    "I will tell you here as soon as I know."
)
_NOT_TAKEN: Mapping[Status, str] = {
    "awaiting_approval": "A colleague has to approve this first. Nothing was changed yet.",
    "pending": "This proposal has expired. Nothing was changed; just ask again if you still want it.",
}


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """The proposal as it stands now, and what to tell the person. successor: the new card, when it was superseded."""

    proposal: Proposal
    say: str
    successor: Proposal | None = None


class Execution:
    def __init__(
        self, *, executor: Executor, store: ProposalStore, clock: Clock, rescue: Rescue, pause: Pause = asyncio.sleep
    ) -> None:
        self._executor = executor
        self._store = store
        self._clock = clock
        self._rescue = rescue
        self._pause = pause

    async def confirm(self, proposal: Proposal, turn: TurnContext, how: Confirmation) -> Confirmed:
        """Executes once, however many confirm at once; the others wait and get the same answer.

        A proof that has lapsed since the card leaves the proposal as it is; say asks for it again.
        """
        tool = self._executor.tools[proposal.tool]
        if needed := identity_needed(tool, proposal.arguments.get("record_locator"), turn):
            return Confirmed(proposal=proposal, say=needed.say)
        if proposal.status == "pending" and await self._store.take(proposal.id, now=self._clock()):
            return await self._run(proposal, turn, how)
        return await self._settled(proposal.id)

    async def resume(self, proposal: Proposal) -> Confirmed:
        """Finishes what a crash or a lost answer left confirmed: the same steps with the same keys, decided already.

        Only a proposal whose first step was begun may be resumed; one that was not is confirmed anew by the person.
        """
        return await self._act(proposal, self._executor.tools[proposal.tool], None, "resumed")

    async def _run(self, proposal: Proposal, turn: TurnContext, how: Confirmation) -> Confirmed:
        tool = self._executor.tools[proposal.tool]
        arguments = tool.arguments.model_validate(dict(proposal.arguments))
        try:
            call = await self._executor.decide(tool, arguments, turn)
        except NotFound:
            return await self._fail(proposal, "the booking is not there any more")
        except Rejected as refusal:
            return await self._fail(proposal, refusal.detail or _REFUSED)
        except ServiceUnavailable as fault:
            return await self._fail(proposal, f"our {fault.service} system does not answer right now")
        if not isinstance(call, Call):
            return await self._end(proposal, "superseded", _NO_LONGER.format(call.say).strip())
        if self._changed(proposal, call):
            return await self._supersede(proposal, tool, call)
        return await self._act(proposal, tool, call, how)

    def _changed(self, proposal: Proposal, call: Call) -> bool:
        decision = call.the_decision()
        same = (
            Quote.of(decision) == proposal.quote
            and version_of(call) == proposal.version
            and call.resolution.details == proposal.details
        )
        decided = decision.effect == "allow" or (decision.effect == "needs_human" and proposal.approved_by is not None)
        return not decided or not same or proposal.subject != _subject(proposal, call.turn)

    async def _act(self, proposal: Proposal, tool: Tool, call: Call | None, how: Confirmation) -> Confirmed:
        try:
            await self._take_steps(proposal, tool)
        except VersionConflict:
            return await self._conflict(proposal, tool, call)
        except OutcomeUnknown:
            return Confirmed(proposal=replace(proposal, status="confirmed"), say=_UNKNOWN)
        except ServiceUnavailable as fault:
            return await self._unreachable(proposal, fault)
        except Refusal as refusal:
            return await self._refused(proposal, refusal)
        settlement = Settlement(
            status="executed",
            say=proposal.receipt,
            audit=_audit(proposal, "executed", how),
            events=_events(proposal, tool),
        )
        return await self._settle(proposal, settlement)

    async def _unreachable(self, proposal: Proposal, fault: ServiceUnavailable) -> Confirmed:
        """Before the first step nothing was done; after it the reconciler finishes what is begun."""
        if await self._store.finished_steps(proposal.id):
            return Confirmed(proposal=replace(proposal, status="confirmed"), say=_HALF_WAY)
        return await self._fail(proposal, f"our {fault.service} system does not answer right now")

    async def _refused(self, proposal: Proposal, refusal: Refusal) -> Confirmed:
        """Before the first step nothing was done; after it a person has to put it right, and gets the case."""
        why = refusal.detail or _REFUSED
        if not await self._store.finished_steps(proposal.id):
            return await self._fail(proposal, why)
        case = await self._rescue(proposal, why)
        return await self._end(proposal, "failed", _PARTLY.format(case))

    async def _take_steps(self, proposal: Proposal, tool: Tool) -> None:
        order = _order(proposal, tool)
        finished = await self._store.finished_steps(proposal.id)
        version = proposal.version
        for number, step in enumerate(tool.steps, start=1):
            if number not in finished:
                await self._store.begin_step(proposal.id, number)
                write = Write(key=f"{proposal.id}:{number}", subject=proposal.subject, if_match=version)
                await self._store.finish_step(proposal.id, number, await step(order, write))
                finished = await self._store.finished_steps(proposal.id)
            version = finished.get(number) or version

    async def _conflict(self, proposal: Proposal, tool: Tool, call: Call | None) -> Confirmed:
        """The record changed between reading and writing. Nothing was done; decide on what it is now."""
        try:
            fresh = await self._executor.decide(tool, call.arguments, call.turn) if call else None
        except (Refusal, ServiceUnavailable):
            fresh = None
        if not isinstance(fresh, Call):
            return await self._fail(proposal, "the record was changed in the meantime")
        return await self._supersede(proposal, tool, fresh)

    async def _supersede(self, proposal: Proposal, tool: Tool, call: Call) -> Confirmed:
        decision = call.the_decision()
        if decision.effect != "allow" and not approvable(call):
            return await self._end(proposal, "superseded", _NO_LONGER.format(decision.say).strip())
        successor = propose(tool, call, proposal.arguments, proposal.sources)
        settlement = Settlement(
            status="superseded", say=_CHANGED, audit=_audit(proposal, "superseded"), successor=successor
        )
        return await self._settle(proposal, settlement)

    async def _end(self, proposal: Proposal, status: Status, say: str) -> Confirmed:
        return await self._settle(proposal, Settlement(status=status, say=say, audit=_audit(proposal, status)))

    async def _fail(self, proposal: Proposal, why: str) -> Confirmed:
        return await self._end(proposal, "failed", _FAILED.format(why))

    async def _settle(self, proposal: Proposal, settlement: Settlement) -> Confirmed:
        settled = await self._store.settle(proposal, settlement, now=self._clock())
        return Confirmed(proposal=settled, say=settlement.say, successor=settlement.successor)

    async def _settled(self, proposal_id: str) -> Confirmed:
        """What another confirmation of the same proposal came to."""
        waited = 0.0
        while True:
            proposal = await self._store.get(proposal_id)
            if proposal is None:
                raise LookupError(proposal_id)
            if proposal.status != "confirmed" or waited >= WAIT_SECONDS:
                return Confirmed(proposal=proposal, say=proposal.told or _NOT_TAKEN.get(proposal.status, _UNKNOWN))
            await self._pause(POLL_SECONDS)
            waited += POLL_SECONDS


def _subject(proposal: Proposal, turn: TurnContext) -> Subject:
    return turn.subject_for(proposal.arguments.get("record_locator"))


def _order(proposal: Proposal, tool: Tool) -> Order:
    return Order(
        arguments=tool.arguments.model_validate(dict(proposal.arguments)),
        details=proposal.details,
        amounts={amount.name: amount.minor for amount in proposal.quote.amounts},
        currencies={amount.name: amount.currency for amount in proposal.quote.amounts},
        grants={grant.name: grant.quantity for grant in proposal.quote.grants},
    )


def _events(proposal: Proposal, tool: Tool) -> tuple[Event, ...]:
    """Every act is told to the landscape; some also say what changed."""
    data = {"proposal_id": proposal.id, "tool": proposal.tool, "subject": str(proposal.subject)}
    done = Event(key=str(proposal.subject), type="action.executed", data=data)
    return (done, tool.event(_order(proposal, tool))) if tool.event else (done,)


def _audit(proposal: Proposal, outcome: str, how: Confirmation | None = None) -> AuditRecord:
    return AuditRecord(
        kind="execution",
        tool=proposal.tool,
        outcome=outcome,
        arguments_hash=hash_arguments(proposal.arguments),
        clauses=proposal.quote.clauses,
        proposal_id=proposal.id,
        confirmed=how,
    )
