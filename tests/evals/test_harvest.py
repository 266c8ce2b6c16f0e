"""Feedback of production becomes candidate cases without anybody's name, for a person to accept."""

from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from agent.bootstrap import Platform
from agent.interface import Message
from agent.settings import Settings
from agent.store.conversations import Entry
from evals.cases import dialogue_of
from evals.harvest import candidate_of, harvest, redact
from tests.agent.talk import customer
from tools.domain.errors import SettingsError
from tools.sandbox.people import ADA

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("cancel K7XQ2P please", "cancel {LOCATOR} please"),
        ("my name is Weber, booking J8NW3B", "my name is {SURNAME}, booking {LOCATOR}"),
        ("write to ada@example.org or +43 660 1234567", "write to [email] or [phone]"),
        ("my card is 4111 1111 1111 1111", "my card is [card]"),
        ("the code was [code]", "the code was {CODE}"),
    ],
)
def test_what_names_a_person_is_taken_out(said: str, kept: str) -> None:
    assert redact(said, date(2026, 6, 15)) == kept


def test_a_surname_read_once_is_taken_out_everywhere() -> None:
    entries = [
        Entry(id=str(place), turn_id=None, role="customer", text=text, at=NOON)
        for place, text in enumerate(("my name is Weber, J8NW3B", "Weber is waiting"))
    ]
    rated = SimpleNamespace(conversation_id="c", rating="down", comment="Weber is cross", at=NOON)
    candidate = candidate_of("c_12345678", entries, rated, handed_over=False)
    assert "Weber" not in str(candidate)
    assert candidate["accepted"] is False
    assert dialogue_of(candidate).turns[1].say == "{SURNAME} is waiting"


async def test_thumbs_and_hand_offs_of_a_running_platform_are_found(platform: Platform, script: list[object]) -> None:
    speaker = customer(ADA)
    opened = await platform.concierge.open(speaker)
    script[:] = [[("hand_off", {"reason": "angry"})], "A colleague comes."]
    turn = await platform.concierge.handle(Message(conversation_id=opened.id, text="K7XQ2P is a mess"), speaker)
    answer = await turn.answer()
    await platform.concierge.rate(opened.id, answer.message.id, speaker, "down", "K7XQ2P again")
    (candidate,) = await harvest(platform.settings)
    assert candidate["suite"] == "handoff"
    assert candidate["happened"]["rating"] == "down"
    assert candidate["happened"]["tools"] == ["hand_off: done"]
    assert "K7XQ2P" not in str(candidate)


async def test_a_home_without_a_database_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no database"):
        await harvest(Settings(home=tmp_path))
