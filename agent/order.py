"""One message of a conversation at a time, in the order in which they were accepted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol
from weakref import WeakValueDictionary

from agent.board import Board, within
from agent.store.turn_taking import TurnTaking

_LOOK_AGAIN_SECONDS = 0.5
"""News of another process may be lost with a connection."""


class Order(Protocol):
    def turn(self, conversation_id: str, turn_id: str) -> AbstractAsyncContextManager[None]: ...


class LocalOrder:
    """For the one process over a database of its own."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, conversation_id: str, turn_id: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        async with lock:
            yield


class SharedOrder:
    """For several processes: the database knows who was first."""

    def __init__(self, taking: TurnTaking, board: Board) -> None:
        self._taking = taking
        self._board = board

    @asynccontextmanager
    async def turn(self, conversation_id: str, turn_id: str) -> AsyncIterator[None]:
        while True:
            news = self._board.next(conversation_id)
            if await self._taking.before(conversation_id, turn_id) is None:
                break
            await within(news, _LOOK_AGAIN_SECONDS)
        yield
