"""Who reads which partition, and how far it has been read. Ownership is an optimistic lock on an etag."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.store.database import Database
from agent.store.dialect import insert_into
from agent.store.event_tables import checkpoints, ownerships

_NAMES = ("namespace", "hub", "consumer_group")


@dataclass(frozen=True, kw_only=True)
class Stream:
    """One consumer group of one hub."""

    namespace: str
    hub: str
    consumer_group: str

    def columns(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in _NAMES}


@dataclass(frozen=True, kw_only=True)
class Ownership:
    """etag: as it was last read; None claims a partition that nobody ever owned."""

    partition: str
    owner_id: str
    modified_at: datetime
    etag: str | None = None


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    partition: str
    offset: str
    sequence_number: int


class OwnershipLost(Exception):
    """Somebody else reads the partition now; what was being handled belongs to them."""


class Checkpoints:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def owners(self, stream: Stream) -> tuple[Ownership, ...]:
        async with self._database.reading() as connection:
            rows = await connection.execute(select(ownerships).where(_within(ownerships, stream)))
            return tuple(
                Ownership(partition=row.partition, owner_id=row.owner_id, modified_at=row.modified_at, etag=row.etag)
                for row in rows
            )

    async def claim(self, stream: Stream, wanted: Ownership, now: datetime) -> Ownership | None:
        """The ownership with its new etag; None when somebody was faster."""
        etag = uuid.uuid4().hex
        values = {"owner_id": wanted.owner_id, "modified_at": now, "etag": etag}
        try:
            async with self._database.writing() as connection:
                if not await _claim(connection, stream, wanted, values):
                    return None
        except IntegrityError:
            return None
        return Ownership(partition=wanted.partition, owner_id=wanted.owner_id, modified_at=now, etag=etag)

    async def of(self, stream: Stream) -> tuple[Checkpoint, ...]:
        async with self._database.reading() as connection:
            rows = await connection.execute(select(checkpoints).where(_within(checkpoints, stream)))
            return tuple(
                Checkpoint(partition=row.partition, offset=row.offset, sequence_number=row.sequence_number)
                for row in rows
            )


async def _claim(connection: AsyncConnection, stream: Stream, wanted: Ownership, values: Mapping[str, object]) -> bool:
    if wanted.etag is None:
        row = {**stream.columns(), "partition": wanted.partition, **values}
        await connection.execute(insert(ownerships).values(**row))
        return True
    mine = and_(_within(ownerships, stream, wanted.partition), ownerships.c.etag == wanted.etag)
    return (await connection.execute(update(ownerships).where(mine).values(**values))).rowcount == 1


async def hold(connection: AsyncConnection, stream: Stream, partition: str, owner_id: str) -> None:
    """Keeps the partition ours until the transaction ends. Raises OwnershipLost when it is not."""
    mine = select(ownerships.c.owner_id).where(_within(ownerships, stream, partition)).with_for_update()
    if (await connection.execute(mine)).scalar() != owner_id:
        raise OwnershipLost(f"partition {partition} of {stream.hub}")


async def advance(connection: AsyncConnection, stream: Stream, to: Checkpoint, now: datetime) -> None:
    """Within the transaction of what was handled. Forwards only: a reconnected client may hand over old events."""
    values = {"offset": to.offset, "sequence_number": to.sequence_number, "at": now}
    row = {**stream.columns(), "partition": to.partition, **values}
    keys = [checkpoints.c[name] for name in (*_NAMES, "partition")]
    forwards = checkpoints.c.sequence_number < to.sequence_number
    await connection.execute(
        insert_into(connection, checkpoints)
        .values(**row)
        .on_conflict_do_update(index_elements=keys, set_=values, where=forwards)
    )


def _within(table: Table, stream: Stream, partition: str | None = None) -> ColumnElement[bool]:
    named = stream.columns() | ({} if partition is None else {"partition": partition})
    return and_(*(table.c[name] == value for name, value in named.items()))
