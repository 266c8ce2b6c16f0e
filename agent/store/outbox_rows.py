"""The outbox as the relay reads it: what waits, in its order, and what is published."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.store.database import Database
from agent.store.event_tables import marks
from agent.store.tables import outbox

_ORIGIN = "origin"


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An event that is owed to the landscape. source, event_id: when it was sent in somebody else's name."""

    id: int
    key: str
    type: str
    data: Mapping[str, object]
    created_at: datetime
    source: str | None
    event_id: str | None
    traceparent: str | None


@dataclass(frozen=True, kw_only=True)
class Backlog:
    waiting: int
    oldest: datetime | None


class OutboxRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, limit: int) -> tuple[Waiting, ...]:
        """The oldest first."""
        unpublished = select(outbox).where(outbox.c.published_at.is_(None)).order_by(outbox.c.id).limit(limit)
        async with self._database.reading() as connection:
            return tuple(
                Waiting(
                    id=row.id,
                    key=row.key,
                    type=row.type,
                    data=row.data,
                    created_at=row.created_at,
                    source=row.source,
                    event_id=row.event_id,
                    traceparent=row.traceparent,
                )
                for row in await connection.execute(unpublished)
            )

    async def publish(self, ids: Sequence[int], at: datetime) -> None:
        async with self._database.writing() as connection:
            await mark_published(connection, ids, at)

    async def add(
        self, *, key: str, type: str, data: Mapping[str, object], source: str, event_id: str, at: datetime
    ) -> None:
        """An event of another source, for `concierge events send`."""
        row = {"key": key, "type": type, "data": dict(data), "source": source, "event_id": event_id}
        async with self._database.writing() as connection:
            await connection.execute(insert(outbox).values(**row, created_at=at))

    async def backlog(self) -> Backlog:
        waiting = outbox.c.published_at.is_(None)
        async with self._database.reading() as connection:
            row = (await connection.execute(select(func.count(), func.min(outbox.c.created_at)).where(waiting))).one()
        return Backlog(waiting=row[0], oldest=row[1])

    async def origin(self) -> str:
        """What makes this database's row numbers unique among all that were ever made: random, kept with them."""
        kept = select(marks.c.value).where(marks.c.name == _ORIGIN)
        async with self._database.reading() as connection:
            found = (await connection.execute(kept)).scalar()
        if found is not None:
            return str(found)
        try:
            async with self._database.writing() as connection:
                await connection.execute(insert(marks).values(name=_ORIGIN, value=uuid.uuid4().hex))
        except IntegrityError:
            pass  # another process made one at the same moment
        return await self.origin()


async def mark_published(connection: AsyncConnection, ids: Sequence[int], at: datetime) -> None:
    await connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(published_at=at))
