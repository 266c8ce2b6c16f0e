"""Resolutions shown to staff, and their verdicts: each is a labelled example for the evals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, insert, select

from agent.store.database import Database
from agent.store.patience import patient
from agent.store.tables import resolutions, verdicts


@dataclass(frozen=True, kw_only=True)
class KeptVerdict:
    """verdict: accepted, edited or rejected. option: as it was shown. by: a staff subject."""

    resolution_id: str
    option_id: str
    case_id: str
    situation: str
    verdict: str
    option: Mapping[str, object]
    reason: str
    reply: str
    by: str
    at: datetime


@patient
class Resolutions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, resolution_id: str, *, case_id: str, body: Mapping[str, object], at: datetime) -> None:
        row = {"id": resolution_id, "case_id": case_id, "body": dict(body), "at": at}
        async with self._database.writing() as connection:
            await connection.execute(insert(resolutions).values(**row))

    async def get(self, resolution_id: str) -> Mapping[str, object] | None:
        async with self._database.reading() as connection:
            found = await connection.execute(select(resolutions.c.body).where(resolutions.c.id == resolution_id))
            body: Mapping[str, object] | None = found.scalar()
        return body

    async def judged(self) -> Mapping[str, Mapping[str, object]]:
        """Those with a verdict, by id."""
        mine = select(resolutions.c.id, resolutions.c.body).where(
            resolutions.c.id.in_(select(verdicts.c.resolution_id).distinct())
        )
        async with self._database.reading() as connection:
            return {row.id: row.body for row in await connection.execute(mine)}

    async def judge(self, verdict: KeptVerdict) -> bool:
        """False when this option was judged already: the first verdict stands."""
        mine = and_(verdicts.c.resolution_id == verdict.resolution_id, verdicts.c.option_id == verdict.option_id)
        async with self._database.writing() as connection:
            if (await connection.execute(select(verdicts.c.option_id).where(mine))).first() is not None:
                return False
            await connection.execute(insert(verdicts).values(**vars(verdict)))
        return True

    async def verdicts(self) -> tuple[KeptVerdict, ...]:
        names = [column.name for column in verdicts.c]
        async with self._database.reading() as connection:
            rows = await connection.execute(select(verdicts).order_by(verdicts.c.at))
            return tuple(KeptVerdict(**{name: row._asdict()[name] for name in names}) for row in rows)
