"""The embedded airline, built once. What a test does to it is undone when the test ends."""

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from tests.conftest import Clock
from tests.tools.sandbox.calling import Caller
from tools.sandbox.app import close_sandbox, create_sandbox


class Undo(Exception):
    pass


@pytest.fixture(scope="session")
def built_airline() -> Iterator[FastAPI]:
    app = create_sandbox(":memory:", now=Clock())
    yield app
    close_sandbox(app)


@pytest.fixture
def sandbox(built_airline: FastAPI, clock: Clock) -> Iterator[FastAPI]:
    built_airline.state.airline = replace(built_airline.state.airline, now=clock)
    with suppress(Undo), built_airline.state.airline.store.transaction():
        yield built_airline
        raise Undo


@pytest.fixture
async def caller(sandbox: FastAPI) -> AsyncIterator[Caller]:
    transport = httpx.ASGITransport(sandbox)
    async with httpx.AsyncClient(transport=transport, base_url="http://airline") as http:
        yield Caller(http)
