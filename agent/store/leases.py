"""Work that only one process does at a time: whoever holds the lease. One that dies loses it when it runs out."""

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_

from agent.store.database import Database
from agent.store.dialect import insert_into
from agent.store.event_tables import leases


class Leases:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, name: str, owner: str, *, now: datetime, length: timedelta) -> bool:
        """Takes or renews it; False while somebody else holds it."""
        values = {"owner": owner, "until": now + length}
        async with self._database.writing() as connection:
            free = or_(leases.c.owner == owner, leases.c.until < now)
            taken = (
                insert_into(connection, leases)
                .values(name=name, **values)
                .on_conflict_do_update(index_elements=[leases.c.name], set_=values, where=free)
            )
            return (await connection.execute(taken)).rowcount == 1

    async def give_back(self, name: str, owner: str) -> None:
        mine = and_(leases.c.name == name, leases.c.owner == owner)
        async with self._database.writing() as connection:
            await connection.execute(delete(leases).where(mine))
