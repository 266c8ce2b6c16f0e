"""A chat-completions server on a real socket that answers, or misbehaves, as its script says: one act a request.

It speaks HTTP/1.1 by hand, because what is tested is what no web framework does: bodies cut in the middle, answers that
never come, events that are no JSON. It keeps every request, so that a test counts calls where they arrive.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]
USAGE: Body = {
    "prompt_tokens": 1200,
    "completion_tokens": 40,
    "total_tokens": 1240,
    "prompt_tokens_details": {"cached_tokens": 1024},
}
_BASE: Body = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "mock-1"}


def event(delta: Body | None, finish: str | None = None, **more: Any) -> Body:
    return {**_BASE, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def call_piece(index: int | None, *, id: str | None = None, name: str | None = None, arguments: str = "") -> Body:
    function: Body = {"arguments": arguments} | ({"name": name} if name else {})
    piece: Body = {"function": function} | ({"index": index} if index is not None else {})
    return piece | ({"id": id, "type": "function"} if id else {})


USAGE_EVENT: Body = {**_BASE, "choices": [], "usage": USAGE}


def text_events(text: str) -> list[Body]:
    """A delta for each word, as models send them."""
    words = [word + " " for word in text.split(" ")]
    words[-1] = words[-1].removesuffix(" ")
    return [event({"role": "assistant", "content": ""}), *(event({"content": word}) for word in words)]


def call_events(calls: Sequence[tuple[str, str]]) -> list[Body]:
    """Each call opens with its id and name; its arguments follow in pieces of seven characters."""
    events: list[Body] = []
    for at, (name, arguments) in enumerate(calls):
        events.append(event({"tool_calls": [call_piece(at, id=f"call_{at}", name=name)]}))
        pieces = [arguments[i : i + 7] for i in range(0, len(arguments), 7)]
        events += [event({"tool_calls": [call_piece(at, arguments=piece)]}) for piece in pieces]
    return events


@dataclass(frozen=True, kw_only=True)
class Act:
    """What the server does with one request. events are sent first, then `ending` happens."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body | None = None
    raw: bytes | None = None
    """A body that is no stream, as it is."""
    events: Sequence[Body | str] = ()
    """A str is sent as it is, after `data: `."""
    ending: str = "done"
    """done | cut (the connection breaks) | eof (the body ends early but properly) | stall (nothing more comes)."""


def says(text: str) -> Act:
    return Act(events=[*text_events(text), event({}, "stop"), USAGE_EVENT])


def calls(*made: tuple[str, Mapping[str, object] | str], text: str = "") -> Act:
    """Calls tools, in parallel if there are several; arguments given as a str are sent as they are."""
    written = [(name, given if isinstance(given, str) else json.dumps(given)) for name, given in made]
    before = text_events(text) if text else [event({"role": "assistant", "content": None})]
    return Act(events=[*before, *call_events(written), event({}, "tool_calls"), USAGE_EVENT])


def fails(status: int, code: str = "", message: str = "no", **headers: str) -> Act:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Act(status=status, headers=named, body={"error": {"message": message, "code": code or None}})


def cuts(text: str = "") -> Act:
    return Act(events=text_events(text) if text else (), ending="cut")


def ends_early(text: str) -> Act:
    return Act(events=text_events(text), ending="eof")


def stalls(text: str = "") -> Act:
    return Act(events=text_events(text) if text else (), ending="stall")


def finishes(text: str, reason: str) -> Act:
    return Act(events=[*text_events(text), event({}, reason), USAGE_EVENT])


def reports_error(text: str, error: Body) -> Act:
    return Act(events=[*text_events(text), json.dumps({"error": error})])


class Silent:
    """Takes the request and never answers."""


Scripted = Act | Silent | Callable[[Body], Act]
"""A callable reads the request and decides."""


@dataclass
class ModelServer:
    script: list[Scripted] = field(default_factory=list)
    requests: list[Body] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    """The credentials that came with each request."""
    port: int = 0
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def listening(self) -> bool:
        return self._server is not None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def kill(self) -> None:
        """As if the process had died: nothing listens, and what was open breaks."""
        if self._server is not None:
            self._server.close()
            for writer in tuple(self._writers):
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while (request := await _read_request(reader)) is not None:
                path, headers, body = request
                self.requests.append(body)
                self.paths.append(path)
                self.keys.append(headers.get("authorization", headers.get("api-key", "")))
                if not await self._act(writer, body):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _act(self, writer: asyncio.StreamWriter, request: Body) -> bool:
        """Whether the connection lives on."""
        scripted = self.script.pop(0) if self.script else says("Fine.")
        if isinstance(scripted, Silent):
            await asyncio.Event().wait()
        act = scripted if isinstance(scripted, Act) else scripted(request)  # type: ignore[operator]
        if act.status != 200 or act.body is not None or act.raw is not None:
            _write_json(writer, act)
            await writer.drain()
            return True
        return await _write_stream(writer, act)


@asynccontextmanager
async def serving(*script: Scripted) -> AsyncIterator[ModelServer]:
    server = ModelServer(script=list(script))
    await server.start()
    try:
        yield server
    finally:
        await server.kill()


async def _read_request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], Body] | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return first.split(" ")[1], headers, json.loads(body) if body else {}


def _write_json(writer: asyncio.StreamWriter, act: Act) -> None:
    body = act.raw or json.dumps(act.body or {}).encode()
    head = [f"HTTP/1.1 {act.status} Scripted", "content-type: application/json", f"content-length: {len(body)}"]
    head += [f"{name}: {value}" for name, value in act.headers.items()]
    writer.write("\r\n".join([*head, "", ""]).encode() + body)


async def _write_stream(writer: asyncio.StreamWriter, act: Act) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    for sent in act.events:
        _write_chunk(writer, f"data: {sent if isinstance(sent, str) else json.dumps(sent)}\n\n")
    await writer.drain()
    if act.ending == "stall":
        await asyncio.Event().wait()
    if act.ending == "cut":
        writer.transport.close()
        return False
    if act.ending == "done":
        _write_chunk(writer, "data: [DONE]\n\n")
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


def _write_chunk(writer: asyncio.StreamWriter, text: str) -> None:
    data = text.encode()
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
