"""Which events have come before. Always inside the transaction that keeps their effects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.store.dialect import insert_into
from agent.store.event_tables import inbox


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrived:
    source: str
    event_id: str
    type: str
    key: str


async def accept(connection: AsyncConnection, arrived: Sequence[Arrived], at: datetime) -> frozenset[tuple[str, str]]:
    """(source, id) of those that had not come before; each is accepted once, whoever else takes it at the same time."""
    if not arrived:
        return frozenset()
    first: dict[tuple[str, str], Arrived] = {}
    for one in arrived:
        first.setdefault((one.source, one.event_id), one)
    rows = [
        {"source": one.source, "event_id": one.event_id, "type": one.type, "key": one.key[:80], "at": at}
        for one in first.values()
    ]
    taken = insert_into(connection, inbox).on_conflict_do_nothing().returning(inbox.c.source, inbox.c.event_id)
    return frozenset((row.source, row.event_id) for row in await connection.execute(taken, rows))


async def forget_before(connection: AsyncConnection, before: datetime) -> int:
    """Rows older than the hub keeps its events can repeat no more."""
    return (await connection.execute(delete(inbox).where(inbox.c.at < before))).rowcount
