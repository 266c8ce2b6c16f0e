"""Rate limits that several processes share: one row a key, one statement a request (agent/rates.py has the rule)."""

from collections.abc import Mapping

from sqlalchemy import case, delete, func, select, text

from agent.rates import MINUTE, TINY, Clock
from agent.store.database import Database
from agent.store.dialect import insert_into, is_postgres
from agent.store.patience import patient
from agent.store.tables import rate_limits


@patient
class SharedRates:
    """For several processes over one database."""

    def __init__(self, database: Database, now: Clock) -> None:
        self._database = database
        self._now = now

    async def take(self, wanted: Mapping[str, int]) -> float:
        now = self._now()
        rows = [
            {"key": key, "due": now + MINUTE / a_minute, "share": MINUTE / a_minute}
            for key, a_minute in sorted(wanted.items())
        ]
        async with self._database.writing() as connection:
            if is_postgres(connection):
                await connection.execute(text("set local synchronous_commit = off"))
            wait = 0.0
            for row in rows:
                fresh = insert_into(connection, rate_limits).values(key=row["key"], due=row["due"])
                later = case((rate_limits.c.due > now, rate_limits.c.due), else_=now) + row["share"]
                within = later - now <= MINUTE + TINY
                taken = fresh.on_conflict_do_update(
                    index_elements=[rate_limits.c.key], set_={"due": later}, where=within
                ).returning(rate_limits.c.due)
                if (await connection.execute(taken)).first() is None:
                    known = select(rate_limits.c.due).where(rate_limits.c.key == row["key"])
                    due = float((await connection.execute(known)).scalar_one())
                    wait = max(wait, due + float(str(row["share"])) - now - MINUTE)
        return max(wait, 0.0)

    async def forget(self) -> None:
        """Whose allowance is whole again is as good as new."""
        async with self._database.writing() as connection:
            await connection.execute(delete(rate_limits).where(rate_limits.c.due < self._now()))

    async def count(self) -> int:
        async with self._database.reading() as connection:
            return int((await connection.execute(select(func.count()).select_from(rate_limits))).scalar_one())
