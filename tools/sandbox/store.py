"""The embedded airline's records in one SQLite file: each a JSON document with its owners beside it.

Every call runs to its end without awaiting, so an event loop sees each transaction as one step; other processes on the
same file are kept apart by SQLite's own lock.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from tools.domain.errors import SettingsError

R = TypeVar("R")
_PATIENCE = 10.0
"""Seconds to wait for another process's transaction."""

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS record (kind TEXT, id TEXT, body BLOB NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS lookup (term TEXT, kind TEXT, id TEXT, PRIMARY KEY (term, kind, id)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS lookup_of_record ON lookup (kind, id)",
    "CREATE TABLE IF NOT EXISTS answer (key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, "
    "etag TEXT, body BLOB NOT NULL, at TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
)
_TABLES = ("record", "lookup", "answer", "meta")


@dataclass(frozen=True)
class Kind(Generic[R]):
    """How one type of record is kept. lookups: the terms it is found by; its owners' subjects are among them."""

    name: str
    type: type[R]
    id: Callable[[R], str]
    lookups: Callable[[R], Iterable[str]]

    @cached_property
    def adapter(self) -> TypeAdapter[R]:
        return TypeAdapter(self.type)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a write came to, as it is repeated to whoever sends the same key again."""

    status: int
    body: bytes
    etag: str | None = None


class Store:
    """Raises SettingsError when the file cannot be had or is no database."""

    def __init__(self, database: str | Path) -> None:
        self._lock = RLock()
        try:
            if str(database) != ":memory:":
                Path(database).parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(database, isolation_level=None, check_same_thread=False, timeout=_PATIENCE)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._create()
        except (OSError, sqlite3.Error) as fault:
            raise SettingsError(
                f"The embedded airline cannot keep its records in {database}: {fault}. Delete the file or name another."
            ) from fault

    def _create(self) -> None:
        with self.transaction():
            for statement in _SCHEMA:
                self._db.execute(statement)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and alone. May be nested: an inner one that fails undoes only its own part."""
        with self._lock:
            nested = self._db.in_transaction
            self._db.execute("SAVEPOINT part" if nested else "BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK TO part" if nested else "ROLLBACK")
                if nested:
                    self._db.execute("RELEASE part")
                raise
            self._db.execute("RELEASE part" if nested else "COMMIT")

    def get(self, kind: Kind[R], key: str) -> R | None:
        with self._lock:
            row = self._db.execute("SELECT body FROM record WHERE kind = ? AND id = ?", (kind.name, key)).fetchone()
        return kind.adapter.validate_json(row[0]) if row else None

    def find(self, kind: Kind[R], term: str) -> tuple[R, ...]:
        with self._lock:
            rows = self._db.execute(
                # CROSS JOIN keeps SQLite from reading every record of the kind for the sake of the order.
                "SELECT record.body FROM lookup CROSS JOIN record ON record.kind = lookup.kind "
                "AND record.id = lookup.id WHERE lookup.term = ? AND lookup.kind = ? ORDER BY lookup.id",
                (term, kind.name),
            ).fetchall()
        return tuple(kind.adapter.validate_json(body) for (body,) in rows)

    def all(self, kind: Kind[R]) -> tuple[R, ...]:
        with self._lock:
            rows = self._db.execute("SELECT body FROM record WHERE kind = ? ORDER BY id", (kind.name,)).fetchall()
        return tuple(kind.adapter.validate_json(body) for (body,) in rows)

    def put(self, kind: Kind[R], *records: R) -> None:
        """Keeps each, in place of the one with its id."""
        bodies = [(kind.name, kind.id(record), kind.adapter.dump_json(record)) for record in records]
        terms = [(term, kind.name, kind.id(record)) for record in records for term in set(kind.lookups(record))]
        with self.transaction():
            self._db.executemany("DELETE FROM lookup WHERE kind = ? AND id = ?", [body[:2] for body in bodies])
            self._db.executemany("INSERT OR REPLACE INTO record VALUES (?, ?, ?)", bodies)
            self._db.executemany("INSERT INTO lookup VALUES (?, ?, ?)", terms)

    def count(self, kind: Kind[R]) -> int:
        with self._lock:
            row = self._db.execute("SELECT count(*) FROM record WHERE kind = ?", (kind.name,)).fetchone()
        return int(row[0])

    def answered(self, key: str) -> tuple[str, Answer] | None:
        """The fingerprint of the request that used the key first, and what it was answered."""
        with self._lock:
            row = self._db.execute(
                "SELECT fingerprint, status, etag, body FROM answer WHERE key = ?", (key,)
            ).fetchone()
        return (row[0], Answer(status=row[1], etag=row[2], body=row[3])) if row else None

    def keep_answer(self, key: str, fingerprint: str, answer: Answer, at: str) -> None:
        with self.transaction():
            self._db.execute(
                "INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?)",
                (key, fingerprint, answer.status, answer.etag, answer.body, at),
            )

    def meta(self) -> dict[str, str]:
        with self._lock:
            return dict(self._db.execute("SELECT name, value FROM meta").fetchall())

    def restart(self, meta: dict[str, str]) -> None:
        """Forgets everything and starts again under these marks."""
        with self.transaction():
            for table in _TABLES:
                self._db.execute(f"DROP TABLE {table}")
            self._create()
            self._db.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
