"""The end of a turn: reply, proposal, claims, audit, outbox and events in one transaction."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.answers import Answer, TurnEvent
from agent.store.conversations import Entry, add_entries, add_events
from agent.store.database import Database
from agent.store.ledger import add_audit, add_event_out, lock_conversation
from agent.store.patience import patient
from agent.store.proposals import add_proposal
from agent.store.tables import claims, conversations, turns
from knowledge.clause import ClauseRef
from tools.audit import AuditRecord
from tools.domain.outcomes import Event
from tools.proposals import Proposal


@dataclass(frozen=True, kw_only=True)
class Backing:
    """What a claim rests on: a clause in its version, or what a tool (`source`) said, of which booking, by which
    clauses.

    kind: clause, decision, card, receipt or record."""

    kind: str
    source: str
    locator: str | None = None
    clauses: tuple[ClauseRef, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ClaimTold:
    """A sentence that made a claim, and what backs it."""

    entry_id: str
    sentence: str
    evidence: tuple[Backing, ...]


@dataclass(frozen=True, kw_only=True)
class TurnEnd:
    turn_id: str
    conversation_id: str
    answer: Answer
    entries: tuple[Entry, ...]
    events: tuple[TurnEvent, ...]
    who: str
    """The speaker's subject; the audit keeps a pseudonym of it."""
    audit: tuple[AuditRecord, ...]
    proposal: Proposal | None
    claims: tuple[ClaimTold, ...]
    handed_off: Mapping[str, object] | None
    """case_id and position, when this turn put the conversation into the queue."""
    outbox: tuple[Event, ...]
    secret_hash: str | None
    """The conversation's new secret, when its speaker's proof rose."""


class AlreadyAnswered(Exception):
    """Another process answered this turn: it took it over, or was thought dead."""


_ANSWER = (
    update(turns)
    .where(turns.c.id == bindparam("turn"), turns.c.answer.is_(None))
    .values(answer=bindparam("given", type_=turns.c.answer.type))
)


@patient
class Turns:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def end(self, end: TurnEnd, *, now: datetime) -> None:
        """Once. Raises AlreadyAnswered when another process was faster."""
        async with self._database.writing() as connection:
            await lock_conversation(connection, end.conversation_id)
            if not await _answer(connection, end):
                return
            await add_entries(connection, end.conversation_id, end.entries)
            if end.proposal is not None:
                await add_proposal(connection, end.proposal)
            if end.claims:
                rows = [{"conversation_id": end.conversation_id, **_claim_row(claim)} for claim in end.claims]
                await connection.execute(insert(claims), rows)
            await add_audit(connection, end.conversation_id, end.audit, who=end.who, at=now)
            await add_events(connection, end.conversation_id, end.events, now)
            changes = _conversation_changes(end)
            if changes:
                mine = conversations.c.id == end.conversation_id
                await connection.execute(update(conversations).where(mine).values(**changes))
            for event in end.outbox:
                await add_event_out(connection, event, now)

    async def claims_of(self, conversation_id: str) -> tuple[ClaimTold, ...]:
        """Every claim told in a conversation, oldest first, with what backs it."""
        mine = claims.c.conversation_id == conversation_id
        async with self._database.reading() as connection:
            rows = await connection.execute(select(claims).where(mine).order_by(claims.c.id))
            return tuple(_claim(row._asdict()) for row in rows)

    async def offer(self, proposal: Proposal, audit: AuditRecord, *, now: datetime) -> None:
        """A proposal that staff made in a case: kept with its audit, without a turn."""
        async with self._database.writing() as connection:
            await lock_conversation(connection, proposal.conversation_id)
            await add_proposal(connection, proposal)
            await add_audit(connection, proposal.conversation_id, [audit], who=str(proposal.proposed_by), at=now)


async def _answer(connection: AsyncConnection, end: TurnEnd) -> bool:
    """The turn's one answer; False when this very answer was kept before the connection was lost."""
    answer = end.answer.model_copy(update={"secret": None}).model_dump(mode="json")
    kept = await connection.execute(_ANSWER, {"turn": end.turn_id, "given": answer})
    if kept.rowcount == 1:
        return True
    known = (await connection.execute(select(turns.c.answer).where(turns.c.id == end.turn_id))).scalar()
    if known is not None and known["message"]["id"] == answer["message"]["id"]:
        return False
    raise AlreadyAnswered(end.turn_id)


def _claim_row(claim: ClaimTold) -> dict[str, object]:
    evidence = [asdict(backing) for backing in claim.evidence]
    return {"entry_id": claim.entry_id, "sentence": claim.sentence, "evidence": evidence}


def _claim(row: Mapping[str, object]) -> ClaimTold:
    evidence = _BACKINGS.validate_python(row["evidence"])
    return ClaimTold(entry_id=str(row["entry_id"]), sentence=str(row["sentence"]), evidence=evidence)


_BACKINGS: TypeAdapter[tuple[Backing, ...]] = TypeAdapter(tuple[Backing, ...])


def _conversation_changes(end: TurnEnd) -> dict[str, object]:
    changes: dict[str, object] = {}
    if end.secret_hash is not None:
        changes["secret_hash"] = end.secret_hash
    if end.handed_off is not None:
        changes |= {"handoff": "queued", **end.handed_off}
    return changes


def new_id(prefix: str) -> str:
    return f"{prefix}_{uuid.uuid4().hex}"
