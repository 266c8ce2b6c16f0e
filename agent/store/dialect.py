"""The few statements that SQLite and PostgreSQL spell differently."""

from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Insert = postgresql.Insert | sqlite.Insert


def insert_into(connection: AsyncConnection, table: Table) -> Insert:
    """An INSERT that knows ON CONFLICT."""
    return postgresql.insert(table) if is_postgres(connection) else sqlite.insert(table)


def later_of(
    connection: AsyncConnection, one: ColumnElement[object], other: ColumnElement[object]
) -> ColumnElement[object]:
    """The later of two moments, either of which may be null."""
    if is_postgres(connection):
        return func.greatest(one, other)
    return func.coalesce(func.max(one, other), one, other)


async def alone_with(connection: AsyncConnection, name: str) -> None:
    """Until the transaction ends, nobody else is here with the same name. SQLite has one writer anyway."""
    if is_postgres(connection):
        await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def is_postgres(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "postgresql"
