"""The embedded airline, generated once and copied for each test."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tests.conftest import Clock
from tests.tools.sandbox.calling import Caller
from tools.sandbox.app import close_sandbox, create_sandbox


@pytest.fixture(scope="session")
def seeded_airline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("airline") / "airline.db"
    close_sandbox(create_sandbox(database, now=Clock()))
    return database


@pytest.fixture
def sandbox(seeded_airline: Path, tmp_path: Path, clock: Clock) -> Iterator[FastAPI]:
    database = Path(shutil.copy(seeded_airline, tmp_path / "airline.db"))
    app = create_sandbox(database, now=clock)
    yield app
    close_sandbox(app)


@pytest.fixture
async def caller(sandbox: FastAPI) -> AsyncIterator[Caller]:
    transport = httpx.ASGITransport(sandbox)
    async with httpx.AsyncClient(transport=transport, base_url="http://airline") as http:
        yield Caller(http)
