"""A lean way to stream chat completions, set as ChatOpenAI's `async_client`. Authentication, retries, time-outs and
URLs stay the SDK's; what is left out is its work per message (a walk over every typed dict of the request) and per
token (one pydantic object, one dump, one LangChain chunk).

Deltas are joined until a sentence is whole, for nothing shorter reaches a person. The message that comes out equals
the stock client's: tests/agent/test_wire.py replays recorded streams through both.
"""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from typing import Any

import httpx2
import openai
from openai import AsyncAzureOpenAI, AsyncOpenAI, AsyncStream

Chunk = dict[str, Any]
_BESIDES = ("extra_headers", "extra_query", "extra_body", "timeout")
"""Options of a call that only the SDK's own method knows how to apply."""
_TOOL_SETS = 8
_DRAIN_SECONDS = 0.1
_CONTEXT = 40
"""Characters before a piece that may hold the end of a sentence which only this piece shows to be one."""
_MAYBE_END = re.compile(r"[.!?…]\S*(?:\s*\[\[[\w-]*\]\])*(?=\s+[^\s\[]+(\s))|[。！？](?=(\S))|(\n)")
"""Where a sentence may be over and the next has begun: wider than the splitter's own rule, which decides."""


class Wire:
    """Stands where ChatOpenAI expects `client.chat.completions`."""

    def __init__(self, client: AsyncOpenAI) -> None:
        self._client = client
        # the SDK finds an Azure deployment's address in the body, unless it was told the deployment before
        self._addressed = not isinstance(client, AsyncAzureOpenAI) or "/deployments/" in str(client.base_url)
        self._tools: dict[int, tuple[object, str]] = {}

    async def create(self, **payload: Any) -> Any:
        if not payload.get("stream") or any(name in payload for name in _BESIDES) or not self._addressed:
            return await self._client.chat.completions.create(**payload)
        return await self._client.post(
            "/chat/completions",
            content=self._encode(payload),
            options={"security": {"bearer_auth": True}},
            cast_to=object,
            stream=True,
            stream_cls=SentenceStream,
        )

    def _encode(self, payload: Chunk) -> bytes:
        """As the SDK writes JSON, but tool schemas, which never change and are most of it, are written once."""
        rest = {name: value for name, value in payload.items() if name != "tools"}
        tools = payload.get("tools")
        written = _dumps(rest)
        return (f'{written[:-1]},"tools":{self._written(tools)}}}' if tools and rest else _dumps(payload)).encode()

    def _written(self, tools: object) -> str:
        known = self._tools.get(id(tools))
        if known is None or known[0] is not tools:
            if len(self._tools) >= _TOOL_SETS:
                self._tools.clear()
            known = self._tools[id(tools)] = (tools, _dumps(tools))
        return known[1]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client.chat.completions, name)


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class SentenceStream(AsyncStream[Chunk]):
    """Server-sent events as plain dicts, joined."""

    async def __stream__(self) -> AsyncIterator[Chunk]:
        joiner = Joiner()
        try:
            async with contextlib.aclosing(self._chunks()) as chunks:
                async for chunk in chunks:
                    for joined in joiner.take(chunk):
                        yield joined
            for joined in joiner.rest():
                yield joined
        finally:
            await self.response.aclose()

    async def _chunks(self) -> AsyncGenerator[Chunk, None]:
        lines = Lines()
        received = self.response.aiter_bytes()
        try:
            async for piece in received:
                for event in lines.take(piece):
                    if event.startswith(b"[DONE]"):
                        await _drain(received)
                        return
                    yield self._read(event)
        except httpx2.TimeoutException as error:
            raise openai.APITimeoutError(request=self.response.request) from error
        except httpx2.RequestError as error:
            raise openai.APIConnectionError(request=self.response.request) from error

    def _read(self, event: bytes) -> Chunk:
        chunk = json.loads(event)
        if not isinstance(chunk, dict) or chunk.get("error"):
            body = chunk.get("error") if isinstance(chunk, dict) else chunk
            told = body.get("message") if isinstance(body, dict) else None
            message = told if isinstance(told, str) and told else "An error occurred during streaming"
            raise openai.APIError(message, request=self.response.request, body=body)
        return chunk


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


class Joiner:
    """Holds one chunk and lets the next ones grow it, as long as the sum means the same to LangChain."""

    def __init__(self) -> None:
        self._held: Chunk | None = None
        self._before = ""

    def take(self, chunk: Chunk) -> Iterator[Chunk]:
        _complete(chunk)
        if self._held is None:
            self._held = chunk
        elif not _grow(self._held, chunk):
            yield self._held
            self._held = chunk
        text = _text(self._held)
        if text and _may_end(self._before, text):
            self._before = text[-_CONTEXT:]
            yield self._held
            self._held = None

    def rest(self) -> Iterator[Chunk]:
        if self._held is not None:
            yield self._held
            self._held = None


def _complete(chunk: Chunk) -> None:
    """Puts in as None what the SDK's objects would have and some servers leave out."""
    for choice in _choices(chunk):
        choice.setdefault("delta", None)
        for call in (choice["delta"] or {}).get("tool_calls") or ():
            call.setdefault("index", None)


def _grow(held: Chunk, new: Chunk) -> bool:
    """Adds `new` to `held`; False, and nothing is done, where the two must stay apart."""
    if held.get("usage"):
        return False
    if not _choices(new):
        return _add_usage(held, new)
    into, one = _only_choice(held), _only_choice(new)
    if into is None or one is None or into.get("finish_reason") or new.get("usage"):
        return False
    if not _add_delta(into["delta"], one["delta"]):
        return False
    if one.get("finish_reason"):
        into["finish_reason"] = one["finish_reason"]
        held.update({name: new.get(name) for name in ("model", "system_fingerprint", "service_tier")})
    return True


def _add_usage(held: Chunk, new: Chunk) -> bool:
    """The last chunk of a stream: token counts and no text."""
    if not new.get("usage") or new.get("service_tier") != held.get("service_tier"):
        return False
    held["usage"] = new["usage"]
    return True


def _choices(chunk: Chunk) -> list[Chunk]:
    return chunk.get("choices") or []


def _only_choice(chunk: Chunk) -> Chunk | None:
    """The one choice of a chunk that holds nothing but text, tool calls or an end."""
    choices = _choices(chunk)
    if len(choices) != 1 or choices[0].get("logprobs") or choices[0]["delta"] is None:
        return None
    plain = all(name in ("role", "content", "tool_calls") or not value for name, value in choices[0]["delta"].items())
    return choices[0] if plain else None


def _add_delta(into: Chunk, new: Chunk) -> bool:
    calls = _joined_calls(into.get("tool_calls") or [], new.get("tool_calls") or [])
    if calls is None or (into.get("role") and new.get("role") not in (None, "", into["role"])):
        return False
    if calls:
        into["tool_calls"] = calls
    if new.get("content"):
        into["content"] = (into.get("content") or "") + new["content"]
    if new.get("role"):
        into["role"] = new["role"]
    return True


def _joined_calls(held: list[Chunk], new: list[Chunk]) -> list[Chunk] | None:
    """Pieces of one call's arguments become one piece; None where only LangChain may join them."""
    by_index: dict[int, Chunk] = {call["index"]: call for call in held}
    added: list[Chunk] = []
    for call in new:
        index = call["index"]
        if index is None or None in by_index:
            return None
        if (known := by_index.get(index)) is None:
            by_index[index] = call
            added.append(call)
        elif _is_piece(call) and isinstance(known.get("function"), dict):
            function = known["function"]
            function["arguments"] = (function.get("arguments") or "") + (call["function"].get("arguments") or "")
        else:
            return None
    return [*held, *added]


def _is_piece(call: Mapping[str, Any]) -> bool:
    function = call.get("function")
    return not call.get("id") and isinstance(function, dict) and not function.get("name")


def _may_end(before: str, text: str) -> bool:
    """Whether `text` brings what tells that a sentence is over."""
    ends = _MAYBE_END.finditer(before + text)
    return any(match.start(match.lastindex or 0) >= len(before) for match in ends)


def _text(chunk: Chunk) -> str:
    choices = _choices(chunk)
    delta = choices[0]["delta"] if choices else None
    content = delta.get("content") if delta else None
    return content if isinstance(content, str) else ""


async def _drain(received: AsyncIterator[bytes]) -> None:
    """An HTTP/1.1 connection can be used again only when its body was read to the end."""
    with contextlib.suppress(httpx2.RequestError, TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for _ in received:
                pass
