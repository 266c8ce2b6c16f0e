"""`concierge bindings check` over real HTTP."""

import asyncio
import json

import pytest
from fastapi import FastAPI
from typer.testing import CliRunner, Result

from api.bindings_cli import app
from tests.conftest import Clock
from tests.tools.clients.serving import served
from tools.clients.conformance.check import PROMISES
from tools.sandbox.app import close_sandbox, create_sandbox


async def run(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ["check", *arguments])


@pytest.fixture
def airline(clock: Clock) -> FastAPI:
    return create_sandbox(":memory:", now=clock)


async def test_the_embedded_airline_passes(airline: FastAPI) -> None:
    async with served(airline) as url:
        result = await run(url)
    close_sandbox(airline)
    assert result.exit_code == 0, result.output
    assert f"{len(PROMISES)} of {len(PROMISES)} promises kept, 0 deviate." in result.output


async def test_a_deviation_is_named_and_exits_1(airline: FastAPI) -> None:
    async with served(airline) as url:
        result = await run(url, "--surname", "Somebody", "--json", "--no-writes")
    close_sandbox(airline)
    assert result.exit_code == 1
    deviating = [finding for finding in json.loads(result.output) if finding["verdict"] == "deviates"]
    assert [(finding["service"], finding["promise"], finding["detail"]) for finding in deviating] == [
        ("booking", "finds a booking by locator and surname, case ignored", "answered 404 where 200 is due")
    ]


async def test_what_was_not_checked_is_said(airline: FastAPI) -> None:
    async with served(airline) as url:
        result = await run(url, "--no-writes")
    close_sandbox(airline)
    assert result.exit_code == 0
    assert "not checked because they write (--writes)" in result.output


async def test_nobody_there_is_one_readable_line() -> None:
    result = await run("http://127.0.0.1:9")
    assert result.exit_code == 1
    assert result.output.strip() == "concierge: nobody answers at http://127.0.0.1:9"


async def test_a_wrong_address_is_wrong_usage() -> None:
    assert (await run("127.0.0.1:8100")).exit_code == 2
