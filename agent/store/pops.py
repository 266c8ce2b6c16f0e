"""Screen pops: who seems to be calling, for the agent the call is routed to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.store.database import Database
from agent.store.dialect import insert_into
from agent.store.event_tables import screen_pops
from agent.store.patience import patient
from tools.domain.ids import CustomerId


@dataclass(frozen=True, kw_only=True)
class ScreenPop:
    """body: what the agent sees, masked until the caller has proved who they are. customer_id stays on the server."""

    id: int = 0
    call_id: str
    agent: str
    customer_id: CustomerId | None
    body: Mapping[str, object]
    at: datetime


@patient
class ScreenPops:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def after(self, last: int, *, agent: str) -> tuple[ScreenPop, ...]:
        newer = and_(screen_pops.c.id > last, screen_pops.c.agent == agent)
        async with self._database.reading() as connection:
            rows = await connection.execute(select(screen_pops).where(newer).order_by(screen_pops.c.id))
            return tuple(ScreenPop(**row._mapping) for row in rows)


async def add_pop(connection: AsyncConnection, pop: ScreenPop) -> None:
    """One a call, however often the call is announced."""
    row = {
        "call_id": pop.call_id,
        "agent": pop.agent,
        "customer_id": pop.customer_id,
        "body": dict(pop.body),
        "at": pop.at,
    }
    await connection.execute(insert_into(connection, screen_pops).values(**row).on_conflict_do_nothing())
