"""One database: SQLite in WAL mode for one process, PostgreSQL for more. Writes are short transactions."""

import asyncio
import importlib.resources
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from agent.store.dialect import alone_with
from agent.store.inline import begin_immediate, register


class Database:
    """`writing` is one transaction; `reading` sees committed rows, statement by statement."""

    def __init__(self, url: str) -> None:
        self.url = url
        register()
        self._engine: AsyncEngine = create_async_engine(url, **_options(url))
        if self.alone:
            event.listen(self._engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self._engine.sync_engine, "begin", _begin_sqlite)
            self._reading = self._engine.execution_options(reading=True)
        else:
            self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._writer = asyncio.Lock()
        self._connections: dict[AsyncEngine, AsyncConnection] = {}

    @property
    def alone(self) -> bool:
        """SQLite serves one process; whatever is unfinished at start is nobody else's."""
        return self._engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        if not self.alone:
            async with self._engine.begin() as connection:
                yield connection
            return
        async with self._writer:
            connection = await self._kept(self._engine)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        if self.alone:
            yield await self._kept(self._reading)
            return
        async with self._reading.connect() as connection:
            yield connection

    async def migrate(self) -> None:
        """Brings the schema to this release's. Running it again does nothing."""
        async with self._engine.connect() as connection:
            current = await connection.run_sync(_current_revision)
            await connection.rollback()
        if current != _script().get_current_head():
            async with self._engine.begin() as connection:
                await alone_with(connection, "concierge migration")
                await connection.run_sync(_upgrade)

    async def revisions(self) -> tuple[str | None, str | None]:
        """The schema's as it is, and this release's. Changes nothing."""
        async with self._engine.connect() as connection:
            return await connection.run_sync(_current_revision), _script().get_current_head()

    async def downgrade(self, revision: str) -> None:
        """Back to the schema of an earlier release: 'base', or a revision of agent/store/migrations."""
        async with self._engine.begin() as connection:
            await connection.run_sync(_downgrade, revision)

    async def hold(self) -> AsyncConnection:
        """A connection of the caller's own, to be closed by it: for listening."""
        return await self._reading.connect()

    async def ping(self) -> None:
        async with self.reading() as connection:
            await connection.execute(text("select 1"))

    async def _kept(self, engine: AsyncEngine) -> AsyncConnection:
        """SQLite's one connection for writing, and its one for reading: no statement waits, so all may share it."""
        if engine not in self._connections:
            self._connections[engine] = await engine.connect()
        return self._connections[engine]

    async def close(self) -> None:
        for connection in self._connections.values():
            await connection.close()
        await self._engine.dispose()


def sqlite_url(path: Path) -> str:
    return f"sqlite+inline:///{path}"


def migration_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(importlib.resources.files("agent.store") / "migrations"))
    return config


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(migration_config())


def _current_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("select version_num from alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    config = migration_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _downgrade(connection: Connection, revision: str) -> None:
    config = migration_config()
    config.attributes["connection"] = connection
    command.downgrade(config, revision)


def _options(url: str) -> dict[str, object]:
    return {"pool_pre_ping": True, "pool_size": 10} if url.startswith("postgresql") else {}


def _prepare_sqlite(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    """Durable for a crash of the machine. SQLAlchemy opens transactions itself; a read has none."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=50", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A write transaction takes the lock at once, so that it can wait for it instead of failing half way."""
    if not connection.get_execution_options().get("reading"):
        begin_immediate(connection.connection)
