"""The event paths over a real database and the embedded airline, with time that stands still."""

import asyncio
import itertools
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
from tools.clients.services import connect_services
from tools.ports import Services
from tools.sandbox.app import close_sandbox, create_sandbox

OPERATIONS = "/gamma/operations"


@pytest.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """Each test that asks for it runs over both."""
    url = sqlite_url(tmp_path / "events.db")
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    opened = Database(url)
    await opened.migrate()
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    """For what no database changes."""
    opened = Database(sqlite_url(tmp_path / "events.db"))
    await opened.migrate()
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
