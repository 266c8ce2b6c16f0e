"""Killed at any point and started again, the conversation, the proposal and the service agree."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.bootstrap import Platform, build
from agent.errors import ProposalGone
from agent.interface import Message
from tests.agent.talk import customer
from tests.kill.story import MESSAGE_KEY, POINTS, overrides, settings
from tools.domain.ids import RecordLocator
from tools.ports import Subject
from tools.sandbox.people import ADA

ROOT = Path(__file__).parents[2]
KEY_POINTS = ("after stores.conversations.accept", "before stores.turns.end", "after services.booking.cancel")
REST = tuple(name for name in POINTS if name not in KEY_POINTS)


@pytest.fixture(scope="module")
def living_home(indexed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seeded by the real clock, which the killed process uses too."""
    home = tmp_path_factory.mktemp("living") / "home"
    shutil.copytree(indexed_home, home)
    code = (
        "import asyncio, pathlib, sys\n"
        "from agent.bootstrap import build\n"
        "from tests.kill.story import overrides, settings\n"
        "async def main():\n"
        "    async with build(settings(pathlib.Path(sys.argv[1]), ''), overrides()): pass\n"
        "asyncio.run(main())"
    )
    subprocess.run([sys.executable, "-c", code, str(home)], cwd=ROOT, check=True)  # noqa: S603
    return home


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "sqlite":
        yield ""
    else:
        yield request.getfixturevalue("postgres_url")


@pytest.mark.parametrize("point", [*KEY_POINTS, *(pytest.param(name, marks=pytest.mark.soak) for name in REST)])
async def test_a_kill_loses_nothing_and_doubles_nothing(
    living_home: Path, tmp_path: Path, database_url: str, point: str
) -> None:
    home = tmp_path / "home"
    shutil.copytree(living_home, home)
    died = subprocess.run(  # noqa: S603, ASYNC221 the test waits for nothing else
        [sys.executable, "-m", "tests.kill.story", str(home), point, database_url], cwd=ROOT, check=False
    )
    assert died.returncode == -9
    async with build(settings(home, database_url), overrides()) as platform:
        await platform.concierge.close()
        await finish_as_the_client_would(platform, (home / "conversation").read_text())
        await assert_all_agree(platform, (home / "conversation").read_text())


async def finish_as_the_client_would(platform: Platform, conversation_id: str) -> None:
    """The client got no answer: it sends the same message with the same key, and presses the button again."""
    message = Message(conversation_id=conversation_id, text="please cancel my booking", idempotency_key=MESSAGE_KEY)
    answer = await (await platform.concierge.handle(message, customer(ADA))).answer()
    try:
        await platform.concierge.confirm(answer.proposals[0].id, customer(ADA))
    except ProposalGone as gone:
        if gone.proposal is None:
            raise
        await platform.concierge.confirm(gone.proposal.id, customer(ADA))


async def assert_all_agree(platform: Platform, conversation_id: str) -> None:
    booking = await platform.services.booking.get(RecordLocator(ADA.locator), subject=Subject("system"))
    view = await platform.concierge.conversation(conversation_id, customer(ADA))
    executed = [p for p in view.proposals if p.status == "executed"]
    refund = next(a.minor for a in executed[0].amounts if a.name == "refund")
    assert len(executed) == 1
    assert (booking.status, booking.refunded_minor) == ("cancelled", refund)
    assert [m.role for m in view.messages].count("customer") == 1
    assert sum("is cancelled" in m.text for m in view.messages) == 1
    assert sum("is refundable" in m.text for m in view.messages) == 1
    refunds = await platform.services.payment.refunds(RecordLocator(ADA.locator), subject=Subject("system"))
    assert [r.amount_minor for r in refunds] == [refund]
    assert (await platform.stores.audit.verify()).findings == ()
