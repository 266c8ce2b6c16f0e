"""A turn reads only what is new of its conversation, and reads what everybody would."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from agent.recent import KEPT_SECONDS, Recent
from agent.store.conversations import Entry, in_turns

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def line(number: int, turn: int, text: str = "x") -> Entry:
    return Entry(id=f"e{number}", turn_id=f"e{turn}", role="customer", text=text, at=NOW, number=number)


@dataclass
class Shelf:
    lines: list[Entry] = field(default_factory=list)
    read: list[int] = field(default_factory=list)
    """How many lines each reading brought."""
    now: float = 0.0

    async def after(self, conversation_id: str, number: int) -> tuple[Entry, ...]:
        found = tuple(entry for entry in self.lines if entry.number > number)
        self.read.append(len(found))
        return found

    def clock(self) -> float:
        return self.now


async def test_only_what_is_new_is_read_again() -> None:
    shelf = Shelf(lines=[line(1, 1), line(2, 1)])
    recent = Recent(shelf.after, monotonic=shelf.clock)
    assert await recent.transcript("c") == tuple(shelf.lines)
    shelf.lines.append(line(3, 3))
    assert await recent.transcript("c") == tuple(shelf.lines)
    assert await recent.transcript("c") == tuple(shelf.lines)
    assert shelf.read == [2, 1, 0]


async def test_what_was_not_used_for_minutes_is_read_whole() -> None:
    shelf = Shelf(lines=[line(1, 1)])
    recent = Recent(shelf.after, monotonic=shelf.clock)
    await recent.transcript("c")
    shelf.now = KEPT_SECONDS
    await recent.transcript("c")
    assert shelf.read == [1, 1]


async def test_an_old_transcript_leaves_memory_when_another_is_read() -> None:
    shelf = Shelf(lines=[line(1, 1)])
    recent = Recent(shelf.after, monotonic=shelf.clock)
    await recent.transcript("old")
    shelf.now = KEPT_SECONDS + 1
    await recent.transcript("new")
    assert list(recent._kept) == ["new"]


async def test_the_longest_unused_goes_first_when_there_are_too_many() -> None:
    shelf = Shelf(lines=[line(1, 1, "x" * 40)])
    recent = Recent(shelf.after, characters=100, monotonic=shelf.clock)
    for name in ("a", "b", "a", "c"):
        await recent.transcript(name)
    assert list(recent._kept) == ["a", "c"]
    assert recent._characters == 80


@given(st.lists(st.integers(min_value=1, max_value=6), max_size=12))
def test_what_belongs_to_a_turn_follows_its_message(turns: Sequence[int]) -> None:
    opened: dict[int, int] = {}
    lines = []
    for number, turn in enumerate(turns, start=1):
        lines.append(line(number, opened.setdefault(turn, number)))
    ordered = in_turns(lines)
    assert sorted(entry.number for entry in ordered) == list(range(1, len(turns) + 1))
    assert [entry.turn_id for entry in ordered] == sorted(
        (entry.turn_id for entry in lines), key=lambda turn: int(str(turn)[1:])
    )
