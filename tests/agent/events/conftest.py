"""The event paths over a real database and the embedded airline, with time that stands still."""

import asyncio
import itertools
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import pytest
from fastapi import FastAPI

from agent.events.build import Events, build_events
from agent.events.cloudevents import CloudEvent, new_event
from agent.store.database import Database, sqlite_url
from knowledge.pack import PolicyPack, load_pack
from tests.conftest import Clock
from tests.postgres import PostgresServer
from tools.clients.services import connect_services
from tools.ports import Services
from tools.sandbox.app import close_sandbox, create_sandbox

OPERATIONS = "/gamma/operations"


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The schema, made once and copied for each test."""
    path = tmp_path_factory.mktemp("schema") / "events.db"
    asyncio.run(_migrate(sqlite_url(path)))
    return path


@pytest.fixture(scope="session")
def migrated_url(postgres_server: PostgresServer) -> str:
    url = postgres_server.new_database()
    asyncio.run(_migrate(url))
    return url


async def _migrate(url: str) -> None:
    database = Database(url)
    await database.migrate()
    await database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def events_url(request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(Path(shutil.copy(migrated_file, tmp_path / "events.db")))
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_database(like=request.getfixturevalue("migrated_url"))


@pytest.fixture
async def database(events_url: str) -> AsyncIterator[Database]:
    """Each test that asks for it runs over both."""
    opened = Database(events_url)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """For what no database changes."""
    opened = Database(sqlite_url(Path(shutil.copy(migrated_file, tmp_path / "events.db"))))
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def event_pack() -> PolicyPack:
    """Three clauses of an airline of its own, so that these tests hold whatever Gamma Airways decides."""
    return load_pack(Path(__file__).parent / "pack")


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[FastAPI]:
    app = create_sandbox(":memory:", now=clock)
    yield app
    close_sandbox(app)


@pytest.fixture
async def services(sandbox: FastAPI, clock: Clock) -> AsyncIterator[Services]:
    connected = connect_services(sandbox, now=clock, sleep=asyncio.sleep, monotonic=time.monotonic)
    yield connected
    await connected.aclose()


@pytest.fixture
def events(sqlite: Database, services: Services, event_pack: PolicyPack, clock: Clock) -> Events:
    """Without a hub: the outbox feeds the intake."""
    return build_events(database=sqlite, services=services, pack=event_pack, clock=clock)


MakeEvent = Callable[..., CloudEvent]


@pytest.fixture
def make_event(clock: Clock) -> MakeEvent:
    """An event of somebody else's, each with an id of its own."""
    numbers = itertools.count(1)

    def make(
        type: str,
        data: Mapping[str, object],
        *,
        source: str = OPERATIONS,
        id: str | None = None,
        at: datetime | None = None,
    ) -> CloudEvent:
        name = id or f"e{next(numbers)}"
        return new_event(id=name, source=source, type=type, key="k", data=data, at=at or clock())

    return make
