"""Who waits for a conversation to grow is woken when it has. Whoever leaves is forgotten."""

import asyncio
from weakref import WeakValueDictionary


class Board:
    def __init__(self) -> None:
        self._waiting: WeakValueDictionary[str, asyncio.Event] = WeakValueDictionary()

    def next(self, conversation_id: str) -> asyncio.Event:
        """Set by the next announcement from now on; ask before reading, and nothing falls between."""
        return self._waiting.setdefault(conversation_id, asyncio.Event())

    def announce(self, conversation_id: str) -> None:
        event = self._waiting.pop(conversation_id, None)
        if event is not None:
            event.set()

    def announce_all(self) -> None:
        """Something may have been missed: everybody reads again."""
        for conversation_id in list(self._waiting):
            self.announce(conversation_id)


async def within(event: asyncio.Event, seconds: float) -> None:
    """Returns when it is set, or after that long."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
