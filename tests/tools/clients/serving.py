"""Servers on real loopback sockets: one that serves an app, and one that misbehaves as its script says."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.types import ASGIApp


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """The app's address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # asyncio sets it only on sockets that name their protocol; without it each answer waits for an ACK.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", access_log=False))
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve(sockets=[listener]))
            while not server.started:  # noqa: ASYNC110 - the server names no event
                await asyncio.sleep(0)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            server.should_exit = True


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Bytes as they go over the wire. ending: done | cut | drip (the body a byte at a time, for ever) | silence."""

    status: int = 200
    body: bytes = b""
    headers: tuple[str, ...] = ()
    ending: str = "done"


@dataclass
class Misbehaving:
    """Gives the script's answers in turn, the last one for ever, and keeps what it was sent."""

    script: list[Answer]
    requests: list[str] = field(default_factory=list)
    url: str = ""
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not reader.at_eof():
                head = await reader.readuntil(b"\r\n\r\n")
                self.requests.append(head.decode())
                await reader.readexactly(_length(head.decode()))
                turn = min(len(self.requests), len(self.script)) - 1
                if not await self._give(self.script[turn], writer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def _give(self, answer: Answer, writer: asyncio.StreamWriter) -> bool:
        if answer.ending == "silence":
            await self._stop.wait()
            return False
        length = len(answer.body) + (10_000 if answer.ending != "done" else 0)
        lines = (f"HTTP/1.1 {answer.status} X", f"Content-Length: {length}", *answer.headers)
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + answer.body)
        await writer.drain()
        while answer.ending == "drip" and not self._stop.is_set():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.005)
        return answer.ending == "done"


def _length(head: str) -> int:
    named = [line.partition(":")[2] for line in head.lower().split("\r\n") if line.startswith("content-length:")]
    return int(named[0]) if named else 0


@asynccontextmanager
async def misbehaving(*script: Answer) -> AsyncIterator[Misbehaving]:
    behaviour = Misbehaving(list(script))
    server = await asyncio.start_server(behaviour.answer, "127.0.0.1", 0)
    behaviour.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield behaviour
    finally:
        behaviour._stop.set()
        server.close()
        await server.wait_closed()
