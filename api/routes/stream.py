"""Server-sent events (WHATWG HTML, section 9.2), from the events of a turn or of a conversation."""

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import NamedTuple

from fastapi.responses import StreamingResponse
from starlette.types import Send

from agent.answers import CitationEvent, ErrorEvent, HandoffEvent, LoggedEvent, ProposalEvent, TurnEvent
from api.problems import problem

_KEEP_ALIVE = 15.0  # seconds; proxies cut a silent connection after 30 to 60
_APART = 0.05
"""Seconds between two bursts. A sentence every 50 ms is faster than anybody reads, and each burst costs both sides."""
_HELD = 100
"""Frames that wait for a slow reader."""
_QUIET = ": still here\n\n"


def streamed(frames: AsyncGenerator[str, None], until: asyncio.Event | None = None) -> StreamingResponse:
    """A client that leaves ends the stream, not the turn: the turn is no child of this request."""
    return _EventStream(frames, until)


class _EventStream(StreamingResponse):
    """Its last frames and its end are one message."""

    def __init__(self, frames: AsyncGenerator[str, None], until: asyncio.Event | None) -> None:
        super().__init__(frames, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._bursts = kept_alive(frames, _KEEP_ALIVE, until)

    async def stream_response(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for burst in self._bursts:
            body = burst.text.encode(self.charset)
            await send({"type": "http.response.body", "body": body, "more_body": not burst.last})


async def turn_frames(events: AsyncIterator[TurnEvent]) -> AsyncGenerator[str, None]:
    async for event in events:
        yield frame(event)


async def log_frames(events: AsyncIterator[LoggedEvent]) -> AsyncGenerator[str, None]:
    yield _QUIET  # opens the stream at once, also when nothing has happened yet
    async for logged in events:
        yield frame(logged.event, logged.id)


def frame(event: TurnEvent, number: int | None = None) -> str:
    head = "" if number is None else f"id: {number}\n"
    return f"{head}event: {event.kind}\ndata: {_body(event)}\n\n"


def _body(event: TurnEvent) -> str:
    match event:
        case CitationEvent():
            return event.citation.model_dump_json()
        case ProposalEvent():
            return event.proposal.model_dump_json()
        case HandoffEvent():
            return event.handoff.model_dump_json()
        case ErrorEvent():
            return f'{{"problem":{problem("turn-failed", 500, event.detail).model_dump_json()}}}'
        case _:
            return event.model_dump_json(exclude={"kind"})


class Burst(NamedTuple):
    """Frames that leave together. last: the stream ends with them, as it should."""

    text: str
    last: bool


async def kept_alive(
    frames: AsyncGenerator[str, None], pause: float, until: asyncio.Event | None = None
) -> AsyncGenerator[Burst, None]:
    """The same frames until then, with a comment after each pause in which there was none. What follows a burst too
    closely for anybody to see leaves with what comes after it; the end waits for nothing."""
    held = _Held()
    tasks = [asyncio.create_task(held.take(frames))]
    if until is not None:
        tasks.append(asyncio.create_task(held.end_with(until)))
    try:
        last = False
        while not last and not held.over():
            burst = await held.burst(pause)
            last = burst.last
            yield burst
        if tasks[0].done():
            tasks[0].result()  # raises what ended the frames
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await frames.aclose()


class _Held:
    """Frames between a turn and its reader, who may be slow."""

    def __init__(self) -> None:
        self._ready: asyncio.Queue[str] = asyncio.Queue(_HELD)
        self._ended = asyncio.Event()
        self._broken = False
        self._left = -math.inf

    async def take(self, frames: AsyncIterator[str]) -> None:
        try:
            async for frame in frames:
                await self._ready.put(frame)
        except Exception:
            self._broken = True
            raise
        finally:
            self._end()

    async def end_with(self, until: asyncio.Event) -> None:
        await until.wait()
        self._end()

    def over(self) -> bool:
        return self._ended.is_set() and self._ready.empty()

    def _end(self) -> None:
        self._ended.set()
        if self._ready.empty():
            self._ready.put_nowait("")  # whoever waits for a frame learns that none comes

    async def burst(self, pause: float) -> Burst:
        try:
            async with asyncio.timeout(pause):
                burst = [await self._ready.get()]
        except TimeoutError:
            return Burst(_QUIET, last=False)
        now = asyncio.get_running_loop().time()
        if now < self._left + _APART and not self._ended.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._left + _APART):
                    await self._ended.wait()
        while not self._ready.empty():
            burst.append(self._ready.get_nowait())
        self._left = asyncio.get_running_loop().time()
        return Burst("".join(burst), last=self._ended.is_set() and not self._broken)
