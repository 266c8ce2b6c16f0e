"""Proposals and their steps (tools.proposals.ProposalStore)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.answers import ProposalEvent
from agent.showing import show_proposal
from agent.store.conversations import Entry, add_entries, add_events
from agent.store.database import Database
from agent.store.ledger import add_audit, add_event_out, lock_conversation
from agent.store.patience import patient
from agent.store.rows import proposal_row, read_proposal
from agent.store.tables import conversations, proposals, steps
from tools.proposals import LIFETIME, OPEN, Proposal, Settlement

_OF_CONVERSATION = (
    select(proposals).where(proposals.c.conversation_id == bindparam("conversation")).order_by(proposals.c.created_at)
)


@patient
class Proposals:
    """owner: the process that is at work on what it takes."""

    def __init__(self, database: Database, owner: str = "") -> None:
        self._database = database
        self._owner = owner

    async def get(self, proposal_id: str) -> Proposal | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(select(proposals).where(proposals.c.id == proposal_id))).first()
        return read_proposal(row._asdict()) if row else None

    async def of(self, conversation_id: str) -> tuple[Proposal, ...]:
        async with self._database.reading() as connection:
            rows = await connection.execute(_OF_CONVERSATION, {"conversation": conversation_id})
            return tuple(read_proposal(row._asdict()) for row in rows)

    async def awaiting(self) -> Mapping[str, str]:
        """The role whose approval is awaited, by case."""
        waiting = proposals.c.status == "awaiting_approval"
        joined = proposals.join(conversations, conversations.c.id == proposals.c.conversation_id)
        wanted = select(conversations.c.case_id, proposals.c.body).select_from(joined)
        async with self._database.reading() as connection:
            rows = await connection.execute(wanted.where(waiting, conversations.c.case_id.is_not(None)))
            return {row.case_id: str(row.body.get("approver") or "supervisor") for row in rows}

    async def take(self, proposal_id: str, *, now: datetime) -> bool:
        open_now = and_(proposals.c.id == proposal_id, proposals.c.status == "pending", proposals.c.expires_at > now)
        async with self._database.writing() as connection:
            at_work = {"status": "confirmed", "taken_at": now, "taken_by": self._owner}
            taken = await connection.execute(update(proposals).where(open_now).values(**at_work))
        return taken.rowcount == 1

    async def approve(self, proposal: Proposal, approver: str, *, now: datetime) -> Proposal | None:
        """awaiting_approval -> pending, with a fresh lifetime; None when somebody was faster."""
        mine = and_(proposals.c.id == proposal.id, proposals.c.status == "awaiting_approval")
        approved = replace(proposal, status="pending", approved_by=approver, expires_at=now + LIFETIME)
        values = {name: proposal_row(approved)[name] for name in ("status", "body", "expires_at")}
        async with self._database.writing() as connection:
            done = await connection.execute(update(proposals).where(mine).values(**values))
        return approved if done.rowcount == 1 else None

    async def begin_step(self, proposal_id: str, step: int) -> None:
        mine = and_(steps.c.proposal_id == proposal_id, steps.c.number == step)
        async with self._database.writing() as connection:
            if (await connection.execute(select(steps.c.number).where(mine))).first() is None:
                await connection.execute(insert(steps).values(proposal_id=proposal_id, number=step, finished=False))

    async def finish_step(self, proposal_id: str, step: int, version: str | None) -> None:
        mine = and_(steps.c.proposal_id == proposal_id, steps.c.number == step)
        async with self._database.writing() as connection:
            await connection.execute(update(steps).where(mine).values(finished=True, version=version))

    async def finished_steps(self, proposal_id: str) -> Mapping[int, str | None]:
        mine = and_(steps.c.proposal_id == proposal_id, steps.c.finished)
        async with self._database.reading() as connection:
            rows = await connection.execute(select(steps).where(mine))
            return {row.number: row.version for row in rows}

    async def begun(self, proposal_id: str) -> bool:
        async with self._database.reading() as connection:
            found = await connection.execute(select(steps.c.number).where(steps.c.proposal_id == proposal_id))
            return found.first() is not None

    async def reopen(self, proposal_id: str) -> None:
        """A confirmation that crashed before its first step did nothing: the person confirms again."""
        mine = and_(proposals.c.id == proposal_id, proposals.c.status == "confirmed")
        async with self._database.writing() as connection:
            await connection.execute(update(proposals).where(mine).values(status="pending"))

    async def close(self, proposal: Proposal, status: str, say: str, *, now: datetime) -> Proposal | None:
        """pending -> declined or expired; None when somebody was faster."""
        mine = and_(proposals.c.id == proposal.id, proposals.c.status.in_(OPEN))
        closed: Proposal = replace(proposal, status=status, told=say)  # type: ignore[arg-type]
        async with self._database.writing() as connection:
            await lock_conversation(connection, proposal.conversation_id)
            done = await connection.execute(update(proposals).where(mine).values(status=status, told=say))
            if done.rowcount != 1:
                return None
            await add_entries(connection, proposal.conversation_id, [_told(closed, now)])
            await add_events(connection, proposal.conversation_id, [ProposalEvent(proposal=show_proposal(closed))], now)
        return closed

    async def settle(self, proposal: Proposal, settlement: Settlement, *, now: datetime) -> Proposal:
        settled = replace(proposal, status=settlement.status, told=settlement.say)
        async with self._database.writing() as connection:
            await lock_conversation(connection, proposal.conversation_id)
            mine = and_(proposals.c.id == proposal.id, proposals.c.status == "confirmed")
            changed = await connection.execute(
                update(proposals).where(mine).values(status=settlement.status, told=settlement.say)
            )
            if changed.rowcount != 1:
                row = (await connection.execute(select(proposals).where(proposals.c.id == proposal.id))).one()
                return read_proposal(row._asdict())
            await _keep(connection, settled, settlement, now)
        return settled


async def add_proposal(connection: AsyncConnection, proposal: Proposal) -> None:
    """One open proposal a conversation: a new one supersedes the old."""
    older = and_(proposals.c.conversation_id == proposal.conversation_id, proposals.c.status.in_(OPEN))
    superseded = {"status": "superseded", "told": "A newer proposal took its place."}
    await connection.execute(update(proposals).where(older).values(**superseded))
    await connection.execute(insert(proposals).values(**proposal_row(proposal)))


async def _keep(connection: AsyncConnection, settled: Proposal, settlement: Settlement, now: datetime) -> None:
    conversation = settled.conversation_id
    await add_entries(connection, conversation, [_told(settled, now)])
    shown = [ProposalEvent(proposal=show_proposal(settled))]
    if settlement.successor is not None:
        await add_proposal(connection, settlement.successor)
        shown.append(ProposalEvent(proposal=show_proposal(settlement.successor)))
    await add_events(connection, conversation, shown, now)
    await add_audit(connection, conversation, [settlement.audit], who=str(settled.subject), at=now)
    for event in settlement.events:
        await add_event_out(connection, event, now)


def _told(proposal: Proposal, at: datetime) -> Entry:
    payload = {"by": "executor", "proposal": proposal.id, "status": proposal.status}
    return Entry(
        id=told_entry_id(proposal), turn_id=None, role="assistant", text=proposal.told or "", payload=payload, at=at
    )


def told_entry_id(proposal: Proposal) -> str:
    """A proposal ends once, so what was told of its end has one id."""
    return f"m_{proposal.id}"
