"""Server-sent events of chat completions, from bytes to joined chunks, with failures by the SDK's names."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import NamedTuple

import httpx2
import openai
import orjson

from agent.joining import Chunk, Joiner

_DRAIN_SECONDS = 0.1


async def joined_chunks(received: AsyncIterator[bytes], request: httpx2.Request) -> AsyncGenerator[Chunk, None]:
    """Raises openai.APITimeoutError, APIConnectionError and, for an event that reports an error, APIError."""
    joiner = Joiner()
    try:
        async for read in _read_together(received, request):
            for joined in joiner.take(read.chunks):
                yield joined
            if read.failed is not None:
                raise read.failed
    except httpx2.TimeoutException as error:
        raise openai.APITimeoutError(request=request) from error
    except httpx2.RequestError as error:
        raise openai.APIConnectionError(request=request) from error
    for last in joiner.rest():
        yield last
    await _drain(received)


class _Read(NamedTuple):
    """What came together. failed: what came after it, instead of a chunk."""

    chunks: list[Chunk]
    failed: Exception | None = None


async def _read_together(received: AsyncIterator[bytes], request: httpx2.Request) -> AsyncGenerator[_Read, None]:
    lines = Lines()
    async for piece in received:
        chunks: list[Chunk] = []
        for event in lines.take(piece):
            if event.startswith(b"[DONE]"):
                yield _Read(chunks)
                return
            try:
                chunks.append(_chunk(event, request))
            except (openai.APIError, ValueError) as error:
                yield _Read(chunks, failed=error)
                return
        yield _Read(chunks)


class Lines:
    """Bytes in, the data of whole server-sent events out."""

    def __init__(self) -> None:
        self._held = b""
        self._data: list[bytes] = []

    def take(self, piece: bytes) -> Iterator[bytes]:
        *whole, self._held = (self._held + piece).split(b"\n")
        for ended in whole:
            line = ended.removesuffix(b"\r")
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
            elif not line and self._data:
                yield b"\n".join(self._data)
                self._data.clear()


def _chunk(event: bytes, request: httpx2.Request) -> Chunk:
    try:
        chunk = orjson.loads(event)
    except orjson.JSONDecodeError as error:  # a kind of its own; the SDK raises the standard library's
        raise json.JSONDecodeError(error.msg, error.doc, error.pos) from None
    if not isinstance(chunk, dict) or chunk.get("error"):
        body = chunk.get("error") if isinstance(chunk, dict) else chunk
        told = body.get("message") if isinstance(body, dict) else None
        message = told if isinstance(told, str) and told else "An error occurred during streaming"
        raise openai.APIError(message, request=request, body=body)
    return chunk


async def _drain(received: AsyncIterator[bytes]) -> None:
    """An HTTP/1.1 connection can be used again only when its body was read to the end."""
    with contextlib.suppress(httpx2.RequestError, TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for _ in received:
                pass
