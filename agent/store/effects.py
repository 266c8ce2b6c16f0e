"""What events have us do at the airline's services: each effect once, by its key, kept until it is settled.

Effects that share an order key are done one after the other, in the order they were added. A row whose lease has run
out belongs to whoever takes it next.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Literal

from sqlalchemy import ColumnElement, Update, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.store.database import Database
from agent.store.dialect import Insert, insert_into, is_postgres
from agent.store.event_tables import effects

Again = Literal["never", "when_grown", "while_pending", "always"]
"""What an effect that exists already does when it is added once more: nothing; start again if its measure has grown;
take the new body if its measure has grown and it is not done yet; start again."""


@dataclass(frozen=True, kw_only=True)
class NewEffect:
    key: str
    kind: str
    order_key: str
    body: Mapping[str, object] = field(default_factory=dict)
    measure: int = 0
    again: Again = "never"
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Effect:
    """revision: grows each time the effect starts again. plan: what was decided before the first act, so that a repeat
    after a crash sends the very same request. result: what the last finished revision came to."""

    key: str
    kind: str
    order_key: str
    body: Mapping[str, object]
    measure: int
    revision: int
    attempts: int
    plan: Mapping[str, object] | None
    result: Mapping[str, object] | None


@dataclass(frozen=True, kw_only=True)
class EffectCounts:
    pending: int
    overdue: int
    settled: int
    dead: int


class Effects:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, owner: str, *, now: datetime, lease: timedelta, limit: int) -> tuple[Effect, ...]:
        due = select(effects.c.number).where(effects.c.state == "pending", effects.c.due_at <= now).limit(1)
        async with self._database.reading() as connection:
            if (await connection.execute(due)).first() is None:
                return ()
        async with self._database.writing() as connection:
            claimed = _claimed(connection, owner, now=now, lease=lease, limit=limit)
            rows = (await connection.execute(claimed)).all()
        return tuple(_effect(row._asdict()) for row in sorted(rows, key=lambda row: row.number))

    async def plan(self, effect: Effect, plan: Mapping[str, object]) -> None:
        async with self._database.writing() as connection:
            await connection.execute(_this(effect).values(plan=dict(plan)))

    async def postpone(self, effect: Effect, owner: str, until: datetime, *, counted: bool) -> None:
        """Gives it back for later; counted: as a failed attempt."""
        freed = {"due_at": until, "leased_by": None, "leased_until": None, "attempts": effect.attempts + int(counted)}
        async with self._database.writing() as connection:
            await connection.execute(_this(effect).where(effects.c.leased_by == owner).values(**freed))

    async def get(self, key: str) -> Effect | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(select(effects).where(effects.c.key == key))).first()
        return _effect(row._asdict()) if row else None

    async def counts(self, now: datetime) -> EffectCounts:
        late = and_(effects.c.state == "pending", effects.c.due_at <= now)
        by_state = select(effects.c.state, func.count()).group_by(effects.c.state)
        async with self._database.reading() as connection:
            found = {state: count for state, count in await connection.execute(by_state)}
            overdue = (await connection.execute(select(func.count()).select_from(effects).where(late))).scalar_one()
        return EffectCounts(
            pending=found.get("pending", 0), overdue=overdue, settled=found.get("done", 0), dead=found.get("dead", 0)
        )

    async def of_kind(self, kind: str) -> tuple[Effect, ...]:
        async with self._database.reading() as connection:
            rows = await connection.execute(select(effects).where(effects.c.kind == kind).order_by(effects.c.number))
            return tuple(_effect(row._asdict()) for row in rows)


async def add_effects(connection: AsyncConnection, new: Iterable[NewEffect], now: datetime) -> None:
    """Within the transaction of what caused them."""
    for again, group in groupby(sorted(new, key=lambda effect: effect.again), key=lambda effect: effect.again):
        await connection.execute(_inserting(connection, again), [_row(effect, now) for effect in _one_each(group)])


async def settle(
    connection: AsyncConnection, effect: Effect, owner: str, *, state: str, result: Mapping[str, object], now: datetime
) -> bool:
    """False when it started again meanwhile, or belongs to somebody else now; then nothing of this run is kept."""
    ended = {"state": state, "result": dict(result), "settled_at": now}
    freed = {"leased_by": None, "leased_until": None}
    mine = _this(effect).where(effects.c.leased_by == owner).values(**ended, **freed)
    return (await connection.execute(mine)).rowcount == 1


async def revive(connection: AsyncConnection, key: str, now: datetime) -> bool:
    """Puts a dead effect back to work."""
    again = {"state": "pending", "attempts": 0, "due_at": now, "leased_by": None, "leased_until": None}
    dead = and_(effects.c.key == key, effects.c.state == "dead")
    return (await connection.execute(update(effects).where(dead).values(**again))).rowcount == 1


def _this(effect: Effect) -> Update:
    """The effect, unless it has started again since it was claimed."""
    return update(effects).where(and_(effects.c.key == effect.key, effects.c.revision == effect.revision))


def _one_each(new: Iterable[NewEffect]) -> Iterable[NewEffect]:
    """Of several of one key, what adding them one by one would leave."""
    kept: dict[str, NewEffect] = {}
    for effect in new:
        known = kept.get(effect.key)
        if known is None or (effect.again != "never" and effect.measure >= known.measure):
            kept[effect.key] = effect
    return kept.values()


def _row(effect: NewEffect, now: datetime) -> dict[str, object]:
    return {
        "key": effect.key,
        "kind": effect.kind,
        "order_key": effect.order_key[:80],
        "body": dict(effect.body),
        "measure": effect.measure,
        "revision": 1,
        "state": "pending",
        "attempts": 0,
        "due_at": effect.due_at or now,
        "created_at": now,
    }


def _inserting(connection: AsyncConnection, again: Again) -> Insert:
    new = insert_into(connection, effects)
    if again == "never":
        return new.on_conflict_do_nothing(index_elements=[effects.c.key])
    taken = new.excluded
    renewed: dict[str, object] = {"body": taken.body, "measure": taken.measure}
    if again != "while_pending":
        renewed |= {"revision": effects.c.revision + 1, "state": "pending", "attempts": 0, "due_at": taken.due_at}
        renewed |= {"leased_by": None, "leased_until": None}
    return new.on_conflict_do_update(
        index_elements=[effects.c.key], set_=renewed, where=_RENEWED_WHEN[again](taken.measure)
    )


def _grown(measure: ColumnElement[int]) -> ColumnElement[bool]:
    return measure > effects.c.measure


def _grown_and_pending(measure: ColumnElement[int]) -> ColumnElement[bool]:
    return and_(_grown(measure), effects.c.state == "pending")


def _not_shrunk(measure: ColumnElement[int]) -> ColumnElement[bool]:
    return measure >= effects.c.measure


_RENEWED_WHEN = {"when_grown": _grown, "while_pending": _grown_and_pending, "always": _not_shrunk}


def _claimed(connection: AsyncConnection, owner: str, *, now: datetime, lease: timedelta, limit: int) -> Update:
    """The oldest due effect of each order key, where none of that key is at work."""
    due = and_(effects.c.state == "pending", effects.c.due_at <= now)
    free = or_(effects.c.leased_until.is_(None), effects.c.leased_until < now)
    other = effects.alias("other")
    before = or_(and_(other.c.due_at <= now, other.c.number < effects.c.number), other.c.leased_until >= now)
    rival = select(other.c.number).where(
        other.c.order_key == effects.c.order_key,
        other.c.state == "pending",
        other.c.number != effects.c.number,
        before,
    )
    chosen = select(effects.c.number).where(due, free, ~rival.exists()).order_by(effects.c.number).limit(limit)
    if is_postgres(connection):
        chosen = chosen.with_for_update(skip_locked=True)
    values = {"leased_by": owner, "leased_until": now + lease}
    return update(effects).where(effects.c.number.in_(chosen)).values(**values).returning(effects)


def _effect(row: Mapping[str, object]) -> Effect:
    names = ("key", "kind", "order_key", "body", "measure", "revision", "attempts", "plan", "result")
    return Effect(**{name: row[name] for name in names})  # type: ignore[arg-type]
