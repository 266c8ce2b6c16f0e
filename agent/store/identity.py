"""Grants, one-time codes and attempt counters (tools.step_up.IdentityStore)."""

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.store.database import Database
from agent.store.dialect import alone_with
from agent.store.patience import patient
from agent.store.tables import attempts, codes, grants
from tools.context import Grant
from tools.domain.ids import RecordLocator
from tools.step_up import OneTimeCode


@patient
class Identities:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def count_attempt(self, key: str, *, now: datetime, window: timedelta) -> int:
        recent = and_(attempts.c.key == key, attempts.c.at > now - window)
        async with self._database.writing() as connection:
            await alone_with(connection, key)
            await connection.execute(insert(attempts).values(key=key, at=now))
            return (await connection.execute(select(func.count()).select_from(attempts).where(recent))).scalar_one()

    async def add_grant(self, conversation_id: str, grant: Grant) -> None:
        async with self._database.writing() as connection:
            await _forget(connection, conversation_id, grant.locator, codes_too=False)
            await connection.execute(
                insert(grants).values(
                    conversation_id=conversation_id,
                    locator=grant.locator,
                    level=grant.level,
                    expires_at=grant.expires_at,
                )
            )

    async def save_code(self, conversation_id: str, code: OneTimeCode) -> None:
        mine = and_(codes.c.conversation_id == conversation_id, codes.c.locator == code.locator)
        async with self._database.writing() as connection:
            await connection.execute(delete(codes).where(mine))
            await connection.execute(
                insert(codes).values(
                    conversation_id=conversation_id,
                    locator=code.locator,
                    salt=code.salt,
                    digest=code.digest,
                    expires_at=code.expires_at,
                    attempts_left=code.attempts_left,
                )
            )

    async def spend_attempt(self, conversation_id: str, locator: RecordLocator) -> OneTimeCode | None:
        mine = and_(codes.c.conversation_id == conversation_id, codes.c.locator == locator)
        async with self._database.writing() as connection:
            row = (await connection.execute(select(codes).where(mine).with_for_update())).first()
            if row is None:
                return None
            await connection.execute(update(codes).where(mine).values(attempts_left=codes.c.attempts_left - 1))
        return OneTimeCode(
            locator=locator,
            salt=row.salt,
            digest=row.digest,
            expires_at=row.expires_at,
            attempts_left=row.attempts_left,
        )

    async def drop_code(self, conversation_id: str, locator: RecordLocator) -> None:
        mine = and_(codes.c.conversation_id == conversation_id, codes.c.locator == locator)
        async with self._database.writing() as connection:
            await connection.execute(delete(codes).where(mine))

    async def awaited_code(self, conversation_id: str, now: datetime) -> RecordLocator | None:
        """The booking a code was sent for and not yet given; None when no code is awaited."""
        live = and_(codes.c.conversation_id == conversation_id, codes.c.expires_at > now)
        latest = select(codes.c.locator).where(live).order_by(codes.c.expires_at.desc())
        async with self._database.reading() as connection:
            found = (await connection.execute(latest)).scalar()
        return RecordLocator(found) if found else None


async def _forget(connection: AsyncConnection, conversation_id: str, locator: str, *, codes_too: bool) -> None:
    await connection.execute(
        delete(grants).where(and_(grants.c.conversation_id == conversation_id, grants.c.locator == locator))
    )
    if codes_too:
        await connection.execute(
            delete(codes).where(and_(codes.c.conversation_id == conversation_id, codes.c.locator == locator))
        )
