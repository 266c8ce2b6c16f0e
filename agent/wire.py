"""A lean way to stream chat completions, set as ChatOpenAI's `async_client`. The SDK finds addresses, credentials and
time-outs; what is left out is its work per request, per message (a walk over every typed dict of the request) and per
token (one pydantic object, one dump, one LangChain chunk).

The message that comes out, and what is raised instead of one, equal the stock client's: tests/agent/test_wire.py.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
import httpx2
import openai
import orjson
import yarl
from openai import AsyncAzureOpenAI, AsyncOpenAI, AsyncStream

from agent.joining import Chunk
from agent.streaming import joined_chunks
from agent.transport import AiohttpTransport, Received, as_response, timeout_of

Token = Callable[[], Awaitable[str]]
_BESIDES = ("extra_headers", "extra_query", "extra_body", "timeout")
"""Options of a call that only the SDK's own method knows how to apply."""
_NOT_REPEATED = frozenset({"content-length", "accept-encoding"})
_TOOL_SETS = 8


class Wire:
    """Stands where ChatOpenAI expects `client.chat.completions`.

    The SDK makes the first request. Later ones go where it went, with its headers, and differ in their body.
    token: where the credentials change from request to request.
    """

    def __init__(self, client: AsyncOpenAI, transport: AiohttpTransport, token: Token | None = None) -> None:
        self._client = client
        self._transport = transport
        self._token = token
        self._way: _Way | None = None
        # the SDK finds an Azure deployment's address in the body, unless it was told the deployment before
        self._addressed = not isinstance(client, AsyncAzureOpenAI) or "/deployments/" in str(client.base_url)
        self._tools: dict[int, tuple[object, bytes]] = {}

    async def create(self, **payload: Any) -> Any:
        if not payload.get("stream") or any(name in payload for name in _BESIDES) or not self._addressed:
            return await self._client.chat.completions.create(**payload)
        body = self._encode(payload)
        if self._way is None:
            return await self._by_the_sdk(body)
        return await self._along(self._way, body)

    async def _by_the_sdk(self, body: bytes) -> "SentenceStream":
        stream = await self._client.post(
            "/chat/completions",
            content=body,
            options={"security": {"bearer_auth": True}},
            cast_to=object,
            stream=True,
            stream_cls=SentenceStream,
        )
        self._way = _Way.of(stream.response.request)
        return stream

    async def _along(self, way: "_Way", body: bytes) -> "LeanStream":
        headers = way.headers
        if self._token is not None:
            headers = {**headers, "authorization": f"Bearer {await self._token()}"}
        try:
            answer = await self._transport.post(way.url, headers=headers, body=body, limits=way.limits)
            if answer.status >= 300:
                raise await _refusal(answer, way.request)
        except httpx2.TimeoutException as error:
            raise openai.APITimeoutError(request=way.request) from error
        except httpx2.RequestError as error:
            raise openai.APIConnectionError(request=way.request) from error
        return LeanStream(Received(answer), way.request)

    def _encode(self, payload: Chunk) -> bytes:
        """As the SDK writes JSON, but tool schemas, which never change and are most of it, are written once."""
        tools = payload.get("tools")
        if not tools:
            return orjson.dumps(payload)
        rest = orjson.dumps({name: value for name, value in payload.items() if name != "tools"})
        return b'%s,"tools":%s}' % (rest[:-1], self._written(tools))

    def _written(self, tools: object) -> bytes:
        known = self._tools.get(id(tools))
        if known is None or known[0] is not tools:
            if len(self._tools) >= _TOOL_SETS:
                self._tools.clear()
            known = self._tools[id(tools)] = (tools, orjson.dumps(tools))
        return known[1]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client.chat.completions, name)


@dataclass(frozen=True, kw_only=True)
class _Way:
    """How a request of the SDK's went. request: for what is told of a failure; without a body."""

    url: yarl.URL
    headers: Mapping[str, str]
    limits: aiohttp.ClientTimeout
    request: httpx2.Request

    @classmethod
    def of(cls, request: httpx2.Request) -> "_Way":
        kept = {name: value for name, value in request.headers.items() if name not in _NOT_REPEATED}
        return cls(
            url=yarl.URL(str(request.url), encoded=True),
            headers={**kept, "accept-encoding": "identity"},
            limits=timeout_of(request),
            request=httpx2.Request(request.method, request.url, headers=kept),
        )


class SentenceStream(AsyncStream[Chunk]):
    """The SDK's response as joined chunks."""

    async def __stream__(self) -> AsyncIterator[Chunk]:
        try:
            chunks = joined_chunks(self.response.aiter_bytes(), self.response.request)
            async with contextlib.aclosing(chunks):
                async for chunk in chunks:
                    yield chunk
        finally:
            await self.response.aclose()


class LeanStream:
    """The same without the SDK."""

    def __init__(self, received: Received, request: httpx2.Request) -> None:
        self._received = received
        self._chunks = joined_chunks(aiter(received), request)

    def __aiter__(self) -> AsyncIterator[Chunk]:
        return self._chunks

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self._chunks.aclose()
        await self._received.aclose()


async def _refusal(answer: aiohttp.ClientResponse, request: httpx2.Request) -> openai.APIStatusError:
    """As the SDK reads it: the exception by the status, its words and its body by what stands under `error`."""
    response = await as_response(answer, request)
    told: Any = response.text.strip()
    with contextlib.suppress(ValueError):
        told = orjson.loads(told)
    error = told.get("error", told) if isinstance(told, dict) else told
    words = error.get("message") if isinstance(error, dict) else None
    says = f"Error code: {response.status_code}" + (f" - {words}" if isinstance(words, str) and words else "")
    raised = openai.InternalServerError if response.status_code >= 500 else openai.APIStatusError
    return _REFUSALS.get(response.status_code, raised)(says, response=response, body=error)


_REFUSALS: Mapping[int, type[openai.APIStatusError]] = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    409: openai.ConflictError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
}
