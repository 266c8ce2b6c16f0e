"""A proposal is the exact action: tool, canonical arguments, quote, decision, subject, conversation and expiry. Once.

pending ── declined | expired | superseded
   └────── confirmed ── executed | failed | superseded (what it was decided on changed: nothing was done)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from knowledge.clause import ClauseRef
from knowledge.decide import Amount, Decision, Grant
from tools.audit import AuditRecord, canonical
from tools.domain.outcomes import Event
from tools.ports import Subject

Status = Literal["pending", "awaiting_approval", "confirmed", "executed", "failed", "declined", "expired", "superseded"]
LIFETIME = timedelta(minutes=15)
OPEN: frozenset[Status] = frozenset({"pending", "awaiting_approval"})


@dataclass(frozen=True, kw_only=True)
class Quote:
    """The part of a decision that a person confirms. Two quotes are the same promise only if they are equal."""

    clauses: tuple[ClauseRef, ...]
    amounts: tuple[Amount, ...]
    grants: tuple[Grant, ...]

    @classmethod
    def of(cls, decision: Decision) -> "Quote":
        return cls(clauses=decision.clauses, amounts=decision.amounts, grants=decision.grants)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    id: str
    conversation_id: str
    tool: str
    arguments: Mapping[str, str]
    """Canonical: only what was given, as text, validated again at confirmation."""
    sources: Mapping[str, str]
    details: Mapping[str, str]
    """The exact values of the act that the services named: which segment, which price."""
    summary: str
    confirm_phrase: str | None
    quote: Quote
    subject: Subject
    version: str | None
    """Of the booking it was decided on."""
    created_at: datetime
    expires_at: datetime
    receipt: str
    """What the person is told when it has been executed."""
    proposed_by: Subject
    """Who asked for it: the subject itself, or staff in a case."""
    approver: str | None = None
    """The role that has to approve it before anybody can confirm it."""
    approved_by: str | None = None
    status: Status = "pending"
    told: str | None = None
    """What the person was told when it ended."""


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """How a confirmed proposal ended; kept in one transaction with what the person is told, its audit and its event."""

    status: Status
    say: str
    audit: AuditRecord
    successor: Proposal | None = None
    events: tuple[Event, ...] = ()


class ProposalStore(Protocol):
    """Durable before it returns; agent/store implements it."""

    async def get(self, proposal_id: str) -> Proposal | None: ...
    async def take(self, proposal_id: str, *, now: datetime) -> bool:
        """pending and not expired -> confirmed. True for exactly one caller, ever. Never while approval is awaited."""
        ...

    async def begin_step(self, proposal_id: str, step: int) -> None:
        """The durable record before the call; doing it again changes nothing."""
        ...

    async def finish_step(self, proposal_id: str, step: int, version: str | None) -> None: ...
    async def finished_steps(self, proposal_id: str) -> Mapping[int, str | None]:
        """The version each finished step left, by its number."""
        ...

    async def settle(self, proposal: Proposal, settlement: Settlement, *, now: datetime) -> Proposal: ...


def act_of(tool: str, arguments: Mapping[str, str]) -> str:
    """One text for one act, to tell whether it is the same."""
    return f"{tool}:{canonical(arguments)}"
