"""One event on its way, and the channel that carries it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One event on its way: its row in the outbox, the key its order is kept by, and its bytes."""

    row: int
    key: str
    body: bytes


class NotSent(Exception):
    """The hub did not take it for now; nothing that follows in its partition may overtake it."""


class Channel(Protocol):
    """Where events go. It marks what has arrived as published, and leaves the rest for the next round."""

    async def carry(self, events: Sequence[Outgoing]) -> int:
        """-> how many have arrived. Raises NotSent when the hub cannot be reached at all."""
        ...

    async def close(self) -> None: ...
