"""The executor: validate, identity, ownership, facts, policy, then read or propose. Nothing a model says skips a step.

`call` changes nothing at a service, except the control and step-up tools, which no model can use to reach a record.
A write becomes a Proposal; tools/execution.py runs it after the person's own confirmation.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import ValidationError

from knowledge.decide import Decision
from tools.audit import AuditRecord, hash_arguments
from tools.context import TurnContext
from tools.domain.errors import Fault, NotFound, Rejected
from tools.domain.outcomes import (
    FactsNeeded,
    HumanNeeded,
    Invalid,
    Outcome,
    Proposed,
    Refused,
    Unavailable,
)
from tools.domain.records import Booking
from tools.identity import identity_needed, may_act_on
from tools.policy import ASK_COLLEAGUE, Policy, Share, add_up, ask_for, stated_facts_missing
from tools.ports import Services
from tools.proposals import LIFETIME, Proposal, Quote, act_of
from tools.provenance import Source, trace
from tools.tool import Arguments, Call, Resolution, Tool

Caller = Literal["model", "reader", "desk"]
"""Who makes the call. A model sees only tools that are for models, and every argument of its writes needs a source."""
NOT_YOURS = "I can find no booking {} that is yours."
NOTHING_OF_YOURS = "I can find nothing of yours by that name."


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """What one call came to, for the turn to keep: the outcome, the proposal if there is one, and the audit record."""

    outcome: Outcome
    audit: AuditRecord
    proposal: Proposal | None = None


class Executor:
    def __init__(self, *, tools: tuple[Tool, ...], services: Services, policy: Policy) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._services = services
        self._policy = policy

    @property
    def tools(self) -> Mapping[str, Tool]:
        return self._tools

    async def call(
        self, name: str, arguments: Mapping[str, object], turn: TurnContext, *, by: Caller = "model"
    ) -> Ruling:
        tool = self._tools.get(name)
        if tool is None or (by == "model" and not tool.for_models):
            return _ruling(name, arguments, Invalid(say=_NO_TOOL))
        try:
            valid = tool.arguments.model_validate(dict(arguments))
        except ValidationError as error:
            return _ruling(name, arguments, Invalid(say=_what_is_wrong(error)))
        try:
            return await self._judge(tool, valid, turn, by)
        except Rejected as refusal:
            return _ruling(name, arguments, HumanNeeded(say=_REJECTED, reason=refusal.detail))
        except Fault as fault:
            return _ruling(name, arguments, Unavailable(service=fault.service, say=_UNAVAILABLE.format(fault.service)))

    async def decide(self, tool: Tool, arguments: Arguments, turn: TurnContext) -> Call | Outcome:
        """The call with its booking, its objects and its decision read afresh. Raises NotFound, Fault."""
        booking = await self._owned_booking(tool, arguments, turn)
        call = Call(arguments=arguments, turn=turn, booking=booking)
        if tool.resolve is not None:
            resolved = await tool.resolve(call)
            if not isinstance(resolved, Resolution):
                return resolved
            call = replace(call, resolution=resolved)
        action = call.resolution.action or tool.action
        if action is None:
            return call
        shares = await self._policy.shares(action, call)
        decisions = [share.decision for share in shares]
        decision = decisions[0] if len(decisions) == 1 else add_up(decisions)
        details = {**call.resolution.details, **_parts(shares)}
        resolution = replace(call.resolution, details=details)
        return replace(call, decision=decision, resolution=resolution, facts=shares[0].facts)

    async def _judge(self, tool: Tool, arguments: Arguments, turn: TurnContext, by: Caller) -> Ruling:
        given = _given(arguments)
        if needed := identity_needed(tool, given.get("record_locator"), turn):
            return _ruling(tool.name, given, needed)
        sources = trace(arguments, turn) if by == "model" else dict.fromkeys(given, _CHOSEN_BY[by])
        if isinstance(sources, str):
            return _ruling(tool.name, given, Invalid(say=_UNTRACED.format(sources)))
        try:
            call = await self.decide(tool, arguments, turn)
            if isinstance(call, Call) and tool.read is not None:
                return _ruling(tool.name, given, await tool.read(call), call.decision)
        except NotFound:
            return _ruling(tool.name, given, Refused(say=_not_yours(given), clauses=()))
        if not isinstance(call, Call):
            return _ruling(tool.name, given, call)
        return _rule(tool, call, given, sources)

    async def _owned_booking(self, tool: Tool, arguments: Arguments, turn: TurnContext) -> Booking | None:
        """Checked by the service for the subject, and here again: neither trusts the other."""
        if not tool.about_booking:
            return None
        locator = _given(arguments)["record_locator"]
        booking = await self._services.booking.get(locator, subject=turn.subject_for(locator))  # type: ignore[arg-type]
        if not may_act_on(booking, turn):
            raise NotFound("booking")
        return booking


def _rule(tool: Tool, call: Call, given: Mapping[str, str], sources: Mapping[str, str]) -> Ruling:
    """A write, decided: refuse with the clause, ask, hand to a person, or propose. It never acts."""
    decision = call.the_decision()
    if decision.effect == "deny":
        return _ruling(tool.name, given, Refused(say=decision.say, clauses=decision.clauses), decision)
    if decision.effect == "needs_human" and not approvable(call):
        stated = stated_facts_missing(decision)
        outcome: Outcome = (
            FactsNeeded(facts=stated, say=ask_for(stated))
            if stated
            else HumanNeeded(say=decision.say or ASK_COLLEAGUE, clauses=decision.clauses, reason=decision.reason)
        )
        return _ruling(tool.name, given, outcome, decision)
    if act_of(tool.name, given) in call.turn.at_work:
        return _ruling(tool.name, given, Unavailable(service="booking", say=_AT_WORK), decision)
    proposal = propose(tool, call, given, sources)
    outcome = Proposed(proposal_id=proposal.id, say=decision.say, clauses=decision.clauses)
    return _ruling(tool.name, given, outcome, decision, proposal)


def approvable(call: Call) -> bool:
    """Staff in a case may propose what a clause leaves to a role; that role approves it before it can be confirmed."""
    decision = call.the_decision()
    staff = call.turn.speaker.kind == "staff" and call.turn.case_id is not None
    return staff and decision.reason == "clause" and decision.approver is not None


def propose(tool: Tool, call: Call, given: Mapping[str, str], sources: Mapping[str, str]) -> Proposal:
    """The card is made of canonical arguments, quote and clauses only."""
    if tool.summary is None or tool.receipt is None:
        raise LookupError(f"{tool.name} is a write without summary or receipt")
    waiting = call.the_decision().approver if call.the_decision().effect == "needs_human" else None
    return Proposal(
        id=secrets.token_urlsafe(16),
        conversation_id=call.turn.conversation_id,
        tool=tool.name,
        arguments=given,
        sources=sources,
        summary=tool.summary(call),
        receipt=tool.receipt(call),
        confirm_phrase=tool.phrase(call) if tool.phrase else None,
        quote=Quote.of(call.the_decision()),
        subject=call.turn.subject_for(given.get("record_locator")),
        details=call.resolution.details,
        version=version_of(call),
        created_at=call.turn.now,
        expires_at=call.turn.now + LIFETIME,
        proposed_by=call.turn.subject_for(given.get("record_locator")),
        approver=waiting,
        status="awaiting_approval" if waiting else "pending",
    )


def _parts(shares: Sequence[Share]) -> dict[str, str]:
    """What each passenger is granted, where a decision is about passengers: `P1.compensation` -> minor units."""
    return {
        f"{share.passenger.passenger_id}.{amount.name}": str(amount.minor)
        for share in shares
        if share.passenger and share.decision.effect == "allow"
        for amount in share.decision.amounts
    }


def version_of(call: Call) -> str | None:
    """What `If-Match` must say: the version of the record this decision was taken on."""
    return call.resolution.version or (call.booking.version if call.booking else None)


def _not_yours(given: Mapping[str, str]) -> str:
    locator = given.get("record_locator")
    return NOT_YOURS.format(locator) if locator else NOTHING_OF_YOURS


def _given(arguments: Arguments) -> dict[str, str]:
    return {name: str(value) for name, value in arguments.model_dump(exclude_none=True, mode="json").items()}


def _ruling(
    name: str,
    arguments: Mapping[str, object],
    outcome: Outcome,
    decision: Decision | None = None,
    proposal: Proposal | None = None,
) -> Ruling:
    audit = AuditRecord(
        kind="call",
        tool=name,
        outcome=type(outcome).__name__,
        arguments_hash=hash_arguments(arguments),
        clauses=decision.clauses if decision else (),
        facts={k: str(v) for k, v in decision.facts_used.items()} if decision else {},
        trace=decision.trace if decision else (),
        attested=_attested(arguments, decision),
        proposal_id=proposal.id if proposal else None,
    )
    return Ruling(outcome=outcome, audit=audit, proposal=proposal)


def _attested(arguments: Mapping[str, object], decision: Decision | None) -> tuple[str, ...]:
    """The quotes behind stated facts: the arguments of the same name."""
    stated = decision.on_statement if decision else ()
    names = (name.removeprefix("stated.") for name in stated)
    return tuple(str(arguments[name]) for name in names if name in arguments)


def _what_is_wrong(error: ValidationError) -> str:
    first = error.errors()[0]
    if first["type"] == "extra_forbidden":
        return _NOT_TAKEN
    where = ".".join(str(part) for part in first["loc"]) or "arguments"
    return f"{where}: {first['msg']}"


_CHOSEN_BY: Mapping[Caller, Source] = {"desk": "our option", "reader": "your words"}
"""A colleague accepts an option with its arguments; the deterministic reader takes them out of the person's words."""
_REJECTED = (
    "The airline's system did not accept that. A colleague can look into it; would you like me to hand you over?"
)
_UNAVAILABLE = "I cannot reach our {} system right now. Nothing was changed. Please try again in a few minutes."
_AT_WORK = "This is already on its way: I have sent it and wait for the answer. It will be done once and only once."
_NO_TOOL = "There is no such tool. Use one of the tools you were given."
_NOT_TAKEN = "This tool takes no argument of that name."
_UNTRACED = "{} must come from the person's own words or from a record of theirs. Ask the person for it."
