"""An accepted message at work, as its listeners have it."""

import asyncio
from collections.abc import AsyncIterator

from agent.answers import Answer, DoneEvent, ErrorEvent, TurnEvent

_BROKEN = "Something went wrong on our side. Your message is kept; please try again in a moment."


class RunningTurn:
    """An accepted message at work. It runs to its end whether or not anybody listens."""

    def __init__(self, message_id: str) -> None:
        self.message_id = message_id
        self.queue: asyncio.Queue[TurnEvent | None] = asyncio.Queue()
        self._result: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    async def events(self) -> AsyncIterator[TurnEvent]:
        while (event := await self.queue.get()) is not None:
            yield event

    async def answer(self) -> Answer:
        return await asyncio.shield(self._result)

    def finish(self, answer: Answer) -> None:
        self._result.set_result(answer)
        self.queue.put_nowait(None)

    def fail(self, error: BaseException) -> None:
        self._result.set_exception(error)
        self._result.exception()  # somebody may never ask
        self.queue.put_nowait(ErrorEvent(title="The answer could not be finished", detail=_BROKEN))
        self.queue.put_nowait(None)


class Listening(RunningTurn):
    """A second listener to a turn at work: only its answer."""

    def __init__(self, running: RunningTurn) -> None:
        super().__init__(running.message_id)
        self._other = running

    async def events(self) -> AsyncIterator[TurnEvent]:
        yield DoneEvent(answer=await self.answer())

    async def answer(self) -> Answer:
        return await self._other.answer()
