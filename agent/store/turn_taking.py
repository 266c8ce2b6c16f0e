"""Whose turn it is in a conversation, across processes: the earliest accepted message without an answer goes first.

Every accepted message has an owner, the process that answers it. A message whose owner is dead is taken over; one that
failed for good has no owner and holds up nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from agent.store.database import Database
from agent.store.patience import patient
from agent.store.tables import entries, proposals, turns


@dataclass(frozen=True, kw_only=True)
class Owed:
    """An accepted turn without an answer. owner: the process that is to answer it."""

    turn_id: str
    conversation_id: str
    text: str
    address: str
    owner: str | None


@patient
class TurnTaking:
    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner

    async def before(self, conversation_id: str, turn_id: str) -> Owed | None:
        """The earliest turn that this one has to wait for."""
        place = select(entries.c.number).where(entries.c.id == turn_id).scalar_subquery()
        earlier = and_(
            turns.c.conversation_id == conversation_id,
            turns.c.answer.is_(None),
            turns.c.owner.is_not(None),
            entries.c.number < place,
        )
        found = await self._owed(earlier, limit=1)
        return found[0] if found else None

    async def take_over(self, living: Sequence[str], *, unowned: bool) -> tuple[Owed, ...]:
        """What dead processes owe becomes this one's; each turn is taken by one process only. unowned: also what failed
        before."""
        dead = and_(turns.c.owner.is_not(None), turns.c.owner.not_in(living))
        mine = and_(turns.c.answer.is_(None), or_(dead, turns.c.owner.is_(None)) if unowned else dead)
        async with self._database.writing() as connection:
            taken = await connection.execute(update(turns).where(mine).values(owner=self._owner).returning(turns.c.id))
            ids = [row.id for row in taken]
        return await self._owed(turns.c.id.in_(ids)) if ids else ()

    async def own(self) -> tuple[Owed, ...]:
        """What this process owes, at work or not."""
        return await self._owed(and_(turns.c.answer.is_(None), turns.c.owner == self._owner))

    async def at_work(self, turn_id: str) -> bool:
        mine = and_(turns.c.id == turn_id, turns.c.answer.is_(None), turns.c.owner.is_not(None))
        async with self._database.reading() as connection:
            return (await connection.execute(select(turns.c.id).where(mine))).first() is not None

    async def give_up(self, turn_id: str) -> None:
        """It failed, and the person was told so; the messages after it go on."""
        async with self._database.writing() as connection:
            await connection.execute(
                update(turns).where(turns.c.id == turn_id, turns.c.answer.is_(None)).values(owner=None)
            )

    async def take_over_confirmed(self, living: Sequence[str], *, idle_since: object, now: object) -> tuple[str, ...]:
        """Ids of confirmed proposals that nobody is at work on: their process is dead, or has long given up."""
        dead = and_(proposals.c.taken_by.is_not(None), proposals.c.taken_by.not_in(living))
        left = or_(dead, proposals.c.taken_at <= idle_since)
        mine = and_(proposals.c.status == "confirmed", left)
        async with self._database.writing() as connection:
            taken = await connection.execute(
                update(proposals).where(mine).values(taken_by=self._owner, taken_at=now).returning(proposals.c.id)
            )
            return tuple(row.id for row in taken)

    async def waiting(self) -> int:
        """Accepted messages without an answer, of all processes."""
        owed = select(func.count()).select_from(turns).where(turns.c.answer.is_(None), turns.c.owner.is_not(None))
        async with self._database.reading() as connection:
            return int((await connection.execute(owed)).scalar_one())

    async def _owed(self, which: ColumnElement[bool], limit: int | None = None) -> tuple[Owed, ...]:
        wanted = (
            select(turns.c.id, turns.c.conversation_id, entries.c.text, turns.c.address, turns.c.owner)
            .join(entries, entries.c.id == turns.c.id)
            .where(which)
            .order_by(turns.c.conversation_id, entries.c.number)
            .limit(limit)
        )
        async with self._database.reading() as connection:
            return tuple(
                Owed(turn_id=r.id, conversation_id=r.conversation_id, text=r.text, address=r.address, owner=r.owner)
                for r in await connection.execute(wanted)
            )
