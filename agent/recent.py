"""The transcripts read last, so that a turn reads only what is new of its conversation.

Lines are only ever added, in the order of their numbers, also by another process: what was read stays true. It is kept
for a few minutes after its last use and within a limit, and nowhere but in memory.
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from agent.store.conversations import Entry, in_turns

KEPT_SECONDS = 600.0
KEPT_CHARACTERS = 2_000_000
"""Of text alone: a line has some 270, and takes 4 KB with all that hangs on it; so 30 MB for some 240 conversations."""

ReadAfter = Callable[[str, int], Awaitable[tuple[Entry, ...]]]
"""The lines of a conversation whose number is higher."""


@dataclass(frozen=True, kw_only=True)
class _Kept:
    entries: tuple[Entry, ...]
    characters: int
    used: float


class Recent:
    def __init__(
        self,
        read_after: ReadAfter,
        *,
        characters: int = KEPT_CHARACTERS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read_after = read_after
        self._limit = characters
        self._monotonic = monotonic
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._characters = 0

    async def transcript(self, conversation_id: str) -> tuple[Entry, ...]:
        """In the order of the turns."""
        known = self._take(conversation_id)
        new = await self._read_after(conversation_id, known[-1].number if known else 0)
        entries = (*known, *new)
        self._keep(conversation_id, entries)
        return in_turns(entries)

    def _take(self, conversation_id: str) -> tuple[Entry, ...]:
        kept = self._kept.pop(conversation_id, None)
        if kept is None:
            return ()
        self._characters -= kept.characters
        return kept.entries if kept.used + KEPT_SECONDS > self._monotonic() else ()

    def _keep(self, conversation_id: str, entries: tuple[Entry, ...]) -> None:
        self._take(conversation_id)  # a second reader may have kept it meanwhile
        now = self._monotonic()
        characters = sum(len(entry.text) for entry in entries)
        self._kept[conversation_id] = _Kept(entries=entries, characters=characters, used=now)
        self._characters += characters
        while self._kept:
            oldest, kept = next(iter(self._kept.items()))
            if self._characters <= self._limit and kept.used + KEPT_SECONDS > now:
                break
            self._take(oldest)
