"""SQLite without a thread between: statements of a local file take microseconds, a hop to a thread takes more.

What waits leaves the event loop free meanwhile: a commit for the disk, and a transaction for another process to let go.
One process writes by one connection at a time (Database.writing), so no statement here ever waits for another of ours.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import URL, PoolProxiedConnection, pool
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.base import SQLiteExecutionContext
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.util import await_

PATIENCE_SECONDS = 20.0
PAUSE_SECONDS = 0.005


def register() -> None:
    """Makes `sqlite+inline:///file` known to SQLAlchemy."""
    registry.register("sqlite.inline", __name__, "InlineDialect")


class _Execution(SQLiteExecutionContext):
    def create_server_side_cursor(self) -> Any:
        """Every cursor of SQLite reads row by row."""
        return self._dbapi_connection.cursor()


class InlineDialect(SQLiteDialect_pysqlite):
    driver = "inline"
    is_async = True
    supports_statement_cache = True
    supports_server_side_cursors = True
    execution_ctx_cls = _Execution

    @classmethod
    def get_pool_class(cls, url: URL) -> type[pool.Pool]:
        return pool.AsyncAdaptedQueuePool

    def connect(self, *args: Any, **options: Any) -> DBAPIConnection:
        ours = {"factory": _Connection, "check_same_thread": False, "isolation_level": None}
        return cast(DBAPIConnection, sqlite3.connect(*args, **{**options, **ours}))

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        cursor.execute(statement, parameters)
        await_(_at_once())

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        cursor.executemany(statement, parameters)
        await_(_at_once())

    def do_commit(self, dbapi_connection: Any) -> None:
        if dbapi_connection.in_transaction:
            await_(_to_its_end(dbapi_connection.commit))


async def _at_once() -> None:
    """SQLAlchemy takes a driver that never waits for one that blocks, and refuses it."""


async def _to_its_end(work: Callable[[], object]) -> None:
    """In a thread, and waited for also when nobody wants it any more: the connection is needed again."""
    done = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        await asyncio.shield(done)
    except asyncio.CancelledError:
        await done
        raise


def begin_immediate(connection: PoolProxiedConnection) -> None:
    """Takes the write lock, and waits for another process that holds it without stopping this one."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection.cursor().execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            await_(asyncio.sleep(PAUSE_SECONDS))
        else:
            return


class _Cursor(sqlite3.Cursor):
    async def _async_soft_close(self) -> None:
        """SQLAlchemy asks drivers with a thread of their own to let go of it."""


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)
