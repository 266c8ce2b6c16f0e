"""What could not be handled: the bytes as they came, why, and whether it has been replayed since."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.store.database import Database
from agent.store.dialect import insert_into
from agent.store.event_tables import dead_letters

Origin = Literal["in", "out", "effect"]
"""An event that came in, one that was to go out, or an effect; key is then the outbox row or the effect."""


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    origin: Origin
    body: bytes
    reason: str
    detail: str
    source: str | None = None
    event_id: str | None = None
    type: str | None = None
    key: str | None = None

    @property
    def fingerprint(self) -> str:
        """The same event delivered again is the same dead letter."""
        named = f"{self.source}\n{self.event_id}" if self.event_id else self.key or ""
        return hashlib.sha256(f"{self.origin}\n{named}\n".encode() + self.body).hexdigest()


@dataclass(frozen=True, kw_only=True)
class KeptLetter(DeadLetter):
    id: int
    at: datetime
    replays: int
    replayed_at: datetime | None


async def bury(connection: AsyncConnection, letters: Sequence[DeadLetter], now: datetime) -> int:
    """Within the transaction that moves on without them; one that was replayed and fails again is open again.

    -> how many are new or open again.
    """
    rows = {
        letter.fingerprint: {
            "fingerprint": letter.fingerprint,
            "origin": letter.origin,
            "source": letter.source,
            "event_id": letter.event_id,
            "type": letter.type,
            "key": letter.key,
            "body": letter.body,
            "reason": letter.reason,
            "detail": letter.detail[:1000],
            "at": now,
            "replays": 0,
        }
        for letter in letters
    }
    if not rows:
        return 0
    new = insert_into(connection, dead_letters)
    opened = {"reason": new.excluded.reason, "detail": new.excluded.detail, "at": now, "replayed_at": None}
    buried = new.on_conflict_do_update(
        index_elements=[dead_letters.c.fingerprint], set_=opened, where=dead_letters.c.replayed_at.is_not(None)
    ).returning(dead_letters.c.id)
    return len((await connection.execute(buried, list(rows.values()))).all())


async def mark_replayed(connection: AsyncConnection, letter_id: int, now: datetime) -> bool:
    """False when somebody has replayed it before."""
    open_letter = and_(dead_letters.c.id == letter_id, dead_letters.c.replayed_at.is_(None))
    values = {"replayed_at": now, "replays": dead_letters.c.replays + 1}
    return (await connection.execute(update(dead_letters).where(open_letter).values(**values))).rowcount == 1


class DeadLetters:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, *, reason: str | None = None, ids: Sequence[int] = ()) -> tuple[KeptLetter, ...]:
        """Those not yet replayed, oldest first."""
        wanted: list[ColumnElement[bool]] = [dead_letters.c.replayed_at.is_(None)]
        if reason is not None:
            wanted.append(dead_letters.c.reason == reason)
        if ids:
            wanted.append(dead_letters.c.id.in_(ids))
        async with self._database.reading() as connection:
            rows = await connection.execute(select(dead_letters).where(*wanted).order_by(dead_letters.c.id))
            return tuple(
                KeptLetter(**{name: value for name, value in row._mapping.items() if name != "fingerprint"})
                for row in rows
            )

    async def fail_again(self, letter_id: int, reason: str, detail: str) -> None:
        values = {"reason": reason, "detail": detail[:1000], "replays": dead_letters.c.replays + 1}
        async with self._database.writing() as connection:
            await connection.execute(update(dead_letters).where(dead_letters.c.id == letter_id).values(**values))

    async def counts(self) -> dict[str, int]:
        """Open dead letters by reason."""
        by_reason = (
            select(dead_letters.c.reason, func.count())
            .where(dead_letters.c.replayed_at.is_(None))
            .group_by(dead_letters.c.reason)
        )
        async with self._database.reading() as connection:
            return {reason: count for reason, count in await connection.execute(by_reason)}
