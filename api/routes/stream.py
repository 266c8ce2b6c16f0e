"""Server-sent events (WHATWG HTML, section 9.2), from the events of a turn or of a conversation."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from fastapi.responses import StreamingResponse

from agent.answers import CitationEvent, ErrorEvent, HandoffEvent, LoggedEvent, ProposalEvent, TurnEvent
from api.problems import problem

_KEEP_ALIVE = 15.0  # seconds; proxies cut a silent connection after 30 to 60
_QUIET = ": still here\n\n"


def streamed(frames: AsyncGenerator[str, None], until: asyncio.Event | None = None) -> StreamingResponse:
    """A client that leaves ends the stream, not the turn: the turn is no child of this request."""
    return StreamingResponse(
        kept_alive(frames, _KEEP_ALIVE, until or asyncio.Event()),
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


async def kept_alive(frames: AsyncGenerator[str, None], pause: float, until: asyncio.Event) -> AsyncIterator[str]:
    """The same frames until then, with a comment after each pause in which there was none."""
    ending = asyncio.ensure_future(until.wait())
    coming = asyncio.ensure_future(anext(frames, None))
    try:
        while True:
            await asyncio.wait({coming, ending}, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                text = coming.result()
                if text is None:
                    return
                yield text
                coming = asyncio.ensure_future(anext(frames, None))
            elif ending.done():
                return
            else:
                yield _QUIET
    finally:
        ending.cancel()
        coming.cancel()
        await asyncio.wait({coming})
        await frames.aclose()
