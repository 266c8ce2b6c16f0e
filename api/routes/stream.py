"""Server-sent events (WHATWG HTML, section 9.2), from the events of a turn or of a conversation."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from fastapi.responses import StreamingResponse

from agent.answers import CitationEvent, ErrorEvent, HandoffEvent, LoggedEvent, ProposalEvent, TurnEvent
from api.problems import problem

_KEEP_ALIVE = 15.0  # seconds; proxies cut a silent connection after 30 to 60
_HELD = 100
"""Frames that wait for a slow reader."""
_QUIET = ": still here\n\n"


def streamed(frames: AsyncGenerator[str, None], until: asyncio.Event | None = None) -> StreamingResponse:
    """A client that leaves ends the stream, not the turn: the turn is no child of this request."""
    return StreamingResponse(
        kept_alive(frames, _KEEP_ALIVE, until),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def turn_frames(events: AsyncIterator[TurnEvent]) -> AsyncGenerator[str, None]:
    async for event in events:
        yield frame(event)


async def log_frames(events: AsyncIterator[LoggedEvent]) -> AsyncGenerator[str, None]:
    yield _QUIET  # opens the stream at once, also when nothing has happened yet
    async for logged in events:
        yield frame(logged.event, logged.id)


def frame(event: TurnEvent, number: int | None = None) -> str:
    data = json.dumps(_body(event), ensure_ascii=False, separators=(",", ":"))
    head = "" if number is None else f"id: {number}\n"
    return f"{head}event: {event.kind}\ndata: {data}\n\n"


def _body(event: TurnEvent) -> dict[str, Any]:
    match event:
        case CitationEvent():
            return event.citation.model_dump(mode="json")
        case ProposalEvent():
            return event.proposal.model_dump(mode="json")
        case HandoffEvent():
            return event.handoff.model_dump(mode="json")
        case ErrorEvent():
            return {"problem": problem("turn-failed", 500, event.detail).model_dump(mode="json")}
        case _:
            return event.model_dump(mode="json", exclude={"kind"})


async def kept_alive(
    frames: AsyncGenerator[str, None], pause: float, until: asyncio.Event | None = None
) -> AsyncGenerator[str, None]:
    """The same frames until then, with a comment after each pause in which there was none. Frames that are ready
    together leave together."""
    ready: asyncio.Queue[str | None] = asyncio.Queue(_HELD)
    tasks = [asyncio.create_task(_take(frames, ready))]
    if until is not None:
        tasks.append(asyncio.create_task(_end(until, ready)))
    try:
        while True:
            burst = await _burst(ready, pause)
            if text := "".join(filter(None, burst)):
                yield text
            if burst[-1] is None:
                break
        if tasks[0].done():
            tasks[0].result()  # raises what ended the frames
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await frames.aclose()


async def _burst(ready: "asyncio.Queue[str | None]", pause: float) -> list[str | None]:
    """Up to None, which is the end."""
    try:
        async with asyncio.timeout(pause):
            burst = [await ready.get()]
    except TimeoutError:
        return [_QUIET]
    while burst[-1] is not None and not ready.empty():
        burst.append(ready.get_nowait())
    return burst


async def _take(frames: AsyncIterator[str], ready: "asyncio.Queue[str | None]") -> None:
    try:
        async for frame in frames:
            await ready.put(frame)
    except Exception:
        await ready.put(None)
        raise
    await ready.put(None)


async def _end(until: asyncio.Event, ready: "asyncio.Queue[str | None]") -> None:
    await until.wait()
    await ready.put(None)
