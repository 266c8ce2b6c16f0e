"""Removing conversations with all that hangs on them. The audit stays: it names people by pseudonym only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Table, delete, func, select, text

from agent.store.database import Database
from agent.store.dialect import insert_into
from agent.store.event_erasure import erase_events
from agent.store.patience import patient
from agent.store.people import forget_person
from agent.store.tables import (
    audit,
    audit_roots,
    claims,
    codes,
    conversations,
    entries,
    erasures,
    events,
    feedback,
    grants,
    metadata,
    outbox,
    proposals,
    resolutions,
    steps,
    turns,
    verdicts,
)
from tools.domain.ids import CustomerId

_OF_CONVERSATION = (claims, codes, entries, events, feedback, grants, proposals, turns)
_OPEN = ("queued", "assigned")


@dataclass(frozen=True, kw_only=True)
class Traces:
    """What stands for a person in our rows beside their number. names: record locators, e-mail addresses, phones."""

    cases: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@patient
class Erasure:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def unfinished(self, subject: str, customer: CustomerId) -> str | None:
        """Why the person's data cannot go yet; None when it can."""
        of_theirs = select(conversations.c.id).where(conversations.c.subject == subject)
        with_staff = of_theirs.where(conversations.c.handoff.in_(_OPEN))
        at_work = select(proposals.c.id).where(
            proposals.c.conversation_id.in_(of_theirs), proposals.c.status.in_(("confirmed", "awaiting_approval"))
        )
        owed = select(turns.c.id).where(
            turns.c.conversation_id.in_(of_theirs), turns.c.answer.is_(None), turns.c.owner.is_not(None)
        )
        untold = select(outbox.c.id).where(outbox.c.published_at.is_(None), outbox.c.key.contains(str(customer)))
        reasons = {
            "a colleague is still looking after one of your conversations": with_staff,
            "something you confirmed is still being done": at_work,
            "a message of yours is still being answered": owed,
            "our systems are still being told what you decided": untold,
        }
        async with self._database.reading() as connection:
            for reason, asked in reasons.items():
                if (await connection.execute(asked.limit(1))).first() is not None:
                    return reason
        return None

    async def erase(self, subject: str, customer: CustomerId, traces: Traces) -> int:
        """-> how many conversations went. In one transaction, with what the event paths know."""
        mine = select(conversations.c.id).where(conversations.c.subject == subject)
        async with self._database.writing() as connection:
            ids = tuple((await connection.execute(mine)).scalars())
            for table, gone in (*_rows_of_cases(traces.cases), *_rows_of(ids)):
                await connection.execute(delete(table).where(gone))
            await erase_events(connection, customer, (*ids, *traces.names))
            for name in (f"customer:{customer}", *(f"conversation:{each}" for each in ids)):
                await forget_person(connection, name)
            await connection.execute(delete(erasures).where(erasures.c.subject == subject))
        await self._wipe()
        return len(ids)

    async def expire(self, before: datetime) -> int:
        """Conversations whose last word is older, unless staff have them."""
        last = select(func.max(entries.c.at)).where(entries.c.conversation_id == conversations.c.id).scalar_subquery()
        old = select(conversations.c.id).where(
            func.coalesce(last, conversations.c.opened_at) < before, conversations.c.handoff.not_in(_OPEN)
        )
        total = 0
        while ids := await self._page(old.limit(200)):
            async with self._database.writing() as connection:
                for table, gone in _rows_of(ids):
                    await connection.execute(delete(table).where(gone))
            total += len(ids)
        return total

    async def ask(self, subject: str, customer: CustomerId, at: datetime) -> None:
        """To be done as soon as nothing is unfinished."""
        row = {"subject": subject, "customer_id": customer, "asked_at": at}
        async with self._database.writing() as connection:
            await connection.execute(insert_into(connection, erasures).values(**row).on_conflict_do_nothing())

    async def asked(self) -> tuple[tuple[str, CustomerId], ...]:
        async with self._database.reading() as connection:
            rows = await connection.execute(select(erasures).order_by(erasures.c.asked_at))
            return tuple((row.subject, CustomerId(row.customer_id)) for row in rows)

    async def feedback_of(self, conversation_id: str) -> tuple[dict[str, object], ...]:
        async with self._database.reading() as connection:
            rows = await connection.execute(select(feedback).where(feedback.c.conversation_id == conversation_id))
            return tuple({"message_id": r.entry_id, "rating": r.rating, "comment": r.comment} for r in rows)

    async def _page(self, which: Select[str]) -> tuple[str, ...]:
        async with self._database.reading() as connection:
            return tuple((await connection.execute(which)).scalars())

    async def _wipe(self) -> None:
        """SQLite overwrites what is deleted; what its journal still holds goes here. PostgreSQL frees it by vacuum."""
        async with self._database.reading() as connection:
            if self._database.alone:
                await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
                return
            for table in (table for table in metadata.sorted_tables if table not in (audit, audit_roots)):
                await connection.execute(text(f"VACUUM {table.name}"))


def _rows_of(ids: Sequence[str]) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Tables with what goes of them, dependants first."""
    theirs = select(proposals.c.id).where(proposals.c.conversation_id.in_(ids))
    cases = select(conversations.c.case_id).where(conversations.c.id.in_(ids), conversations.c.case_id.is_not(None))
    yield steps, steps.c.proposal_id.in_(theirs)
    yield from _rows_of_cases(cases)
    for table in _OF_CONVERSATION:
        yield table, table.c.conversation_id.in_(ids)
    yield conversations, conversations.c.id.in_(ids)


def _rows_of_cases(cases: Sequence[str] | Select[str | None]) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    yield verdicts, verdicts.c.case_id.in_(cases)
    yield resolutions, resolutions.c.case_id.in_(cases)
