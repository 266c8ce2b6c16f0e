"""The end of a turn: reply, proposal, claims, audit, outbox and events in one transaction."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, update

from agent.answers import Answer, TurnEvent
from agent.store.conversations import Entry, add_entries, add_events
from agent.store.database import Database
from agent.store.ledger import add_audit, add_event_out, lock_conversation
from agent.store.proposals import add_proposal
from agent.store.tables import claims, conversations, turns
from tools.audit import AuditRecord
from tools.domain.outcomes import Event
from tools.proposals import Proposal


@dataclass(frozen=True, kw_only=True)
class ClaimTold:
    """A sentence that made a claim, and what backs it: clause id and version, or tool."""

    entry_id: str
    sentence: str
    evidence: tuple[str, ...]


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


class Turns:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def end(self, end: TurnEnd, *, now: datetime) -> None:
        async with self._database.writing() as connection:
            await lock_conversation(connection, end.conversation_id)
            await add_entries(connection, end.conversation_id, end.entries)
            if end.proposal is not None:
                await add_proposal(connection, end.proposal)
            if end.claims:
                rows = [
                    {
                        "conversation_id": end.conversation_id,
                        "entry_id": claim.entry_id,
                        "sentence": claim.sentence,
                        "evidence": list(claim.evidence),
                    }
                    for claim in end.claims
                ]
                await connection.execute(insert(claims), rows)
            await add_audit(connection, end.conversation_id, end.audit, who=end.who, at=now)
            await add_events(connection, end.conversation_id, end.events, now)
            changes = _conversation_changes(end)
            if changes:
                mine = conversations.c.id == end.conversation_id
                await connection.execute(update(conversations).where(mine).values(**changes))
            for event in end.outbox:
                await add_event_out(connection, event, now)
            answer = end.answer.model_copy(update={"secret": None}).model_dump(mode="json")
            await connection.execute(update(turns).where(turns.c.id == end.turn_id).values(answer=answer))


def _conversation_changes(end: TurnEnd) -> dict[str, object]:
    changes: dict[str, object] = {}
    if end.secret_hash is not None:
        changes["secret_hash"] = end.secret_hash
    if end.handed_off is not None:
        changes |= {"handoff": "queued", **end.handed_off}
    return changes


def new_id(prefix: str) -> str:
    return f"{prefix}_{uuid.uuid4().hex}"
