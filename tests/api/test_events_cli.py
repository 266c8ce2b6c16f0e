"""`concierge events`: what it prints, what it leaves behind, and its exit codes."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.store.database import Database, sqlite_url
from agent.store.dead_letters import DeadLetter, bury
from api.events_cli import app
from tests.broker.broker import RunningBroker, running_broker
from tests.broker.conftest import CLIENT_LEAKS, leftovers
from tests.broker.log import Hub
from tests.conftest import NOON
from tools.domain.errors import SettingsError

__all__ = ["leftovers"]
pytestmark = CLIENT_LEAKS
CANCELLED = ("send", "flight.cancelled", "--flight", "ga 131", "--date", "2026-06-16", "--json")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CONCIERGE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def hub(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningBroker]:
    with running_broker(Hub("concierge", 2)) as broker:
        monkeypatch.setenv("CONCIERGE_EVENTHUB_CONNECTION", broker.connection_string("concierge"))
        yield broker


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    if isinstance(result.exception, SettingsError):
        raise result.exception
    return result.exit_code, result.output


def test_an_event_that_is_sent_waits_in_the_outbox_under_its_key(home: Path) -> None:
    code, out = run(*CANCELLED, "--id", "x1")
    assert (code, json.loads(out)) == (
        0,
        {"id": "x1", "source": "/gamma/operations", "type": "flight.cancelled", "key": "GA131/2026-06-16"},
    )
    code, out = run("status", "--json")
    assert (code, json.loads(out)["outbox_waiting"]) == (0, 1)
    assert "1 waiting" in run("status")[1]


@pytest.mark.parametrize(
    "wrong",
    [
        ("send", "weather.changed"),
        ("send", "flight.delayed", "--flight", "GA131"),
        ("send", "consent.changed", "--data", "{no json"),
        ("send", "consent.changed", "--data", "[1]"),
        ("send", "flight.cancelled", "--flight", "131"),
    ],
)
def test_an_event_that_nobody_could_read_is_not_sent(home: Path, wrong: tuple[str, ...]) -> None:
    assert run(*wrong)[0] == 2
    assert json.loads(run("status", "--json")[1])["outbox_waiting"] == 0


def test_without_a_hub_there_is_nothing_to_relay_or_consume(home: Path) -> None:
    for command in ("relay", "consume"):
        with pytest.raises(SettingsError, match="CONCIERGE_EVENTHUB_NAMESPACE"):
            run(command)


def test_the_outbox_goes_to_the_hub_and_the_status_shows_the_lag(hub: RunningBroker) -> None:
    run(*CANCELLED)
    code, out = run("relay", "--once", "--json")
    assert (code, json.loads(out)) == (0, {"relayed": 1})
    assert hub.count("concierge") == 1
    found = json.loads(run("status", "--json")[1])
    assert sum(partition["lag"] for partition in found["partitions"]) == 1
    assert "nobody" in run("status")[1]


def test_a_replay_that_changes_nothing_ends_with_one(home: Path) -> None:
    run("status")
    asyncio.run(_bury(home))
    assert json.loads(run("status", "--json")[1])["dead_letters"] == {"malformed": 1}
    code, out = run("replay", "--json")
    assert (code, json.loads(out)) == (1, {"done": [], "still_dead": [1]})
    assert run("replay", "--reason", "poison")[0] == 0


async def _bury(home: Path) -> None:
    database = Database(sqlite_url(home / "concierge.db"))
    letter = DeadLetter(origin="in", body=b"{not json", reason="malformed", detail="body")
    async with database.writing() as connection:
        await bury(connection, [letter], NOON)
    await database.close()
