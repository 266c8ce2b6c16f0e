"""The model's bytes by way of aiohttp, whose parser is compiled: a third of the cost of httpx2's own transport.

Everything above stays httpx2's and the SDK's. Trust, proxies of the environment and time-outs are the same; failures
leave as httpx2 names them.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx2
import yarl

Headers = Mapping[str, str] | Sequence[tuple[str, str]]
_OWN_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""What aiohttp would add where the request has none."""


class AiohttpTransport(httpx2.AsyncBaseTransport):
    def __init__(self, *, keepalive_seconds: float, connections: int) -> None:
        self._keepalive_seconds = keepalive_seconds
        self._connections = connections
        self._trusted = httpx2.create_ssl_context()  # read now: it takes as long as a turn
        self._session: aiohttp.ClientSession | None = None
        self._proxies: dict[tuple[str, str], str | None] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url = yarl.URL(str(request.url), encoded=True)
        headers = request.headers.multi_items()
        body = await request.aread()
        answer = await self._send(request.method, url, headers=headers, body=body, limits=timeout_of(request))
        return httpx2.Response(
            answer.status,
            headers=answer.raw_headers,
            stream=Received(answer),
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": (answer.reason or "").encode()},
        )

    async def post(
        self, url: yarl.URL, *, headers: Mapping[str, str], body: bytes, limits: aiohttp.ClientTimeout
    ) -> aiohttp.ClientResponse:
        """Without httpx2's requests and responses. Read its body by Received. Raises httpx2.RequestError."""
        return await self._send("POST", url, headers=headers, body=body, limits=limits)

    async def _send(
        self, method: str, url: yarl.URL, *, headers: Headers, body: bytes, limits: aiohttp.ClientTimeout
    ) -> aiohttp.ClientResponse:
        session = self._session or self._open()
        with _translated():
            return await session.request(
                method,
                url,
                proxy=self._proxy_for(url),
                headers=headers,
                data=body,
                allow_redirects=False,
                timeout=limits,
            )

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        """In the loop that uses it."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._connections,
                keepalive_timeout=self._keepalive_seconds,
                ssl=self._trusted,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_OWN_HEADERS,
            auto_decompress=False,
        )
        return self._session

    def _proxy_for(self, url: yarl.URL) -> str | None:
        """Read once a server. aiohttp would read the environment, and ~/.netrc, in a thread at every request."""
        key = (url.scheme, url.host or "")
        if key not in self._proxies:
            self._proxies[key] = proxy_of_environment(*key)
        return self._proxies[key]


def proxy_of_environment(scheme: str, host: str) -> str | None:
    """By http_proxy, https_proxy and no_proxy. Its address may hold credentials."""
    return None if proxy_bypass(host) else getproxies().get(scheme)


class Received(httpx2.AsyncByteStream):
    """The body of an answer as it comes."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated():
            async for piece in self._answer.content.iter_any():
                yield piece

    async def aclose(self) -> None:
        """Read to its end, the connection is used again; otherwise it is dropped."""
        if self._answer.content.at_eof():
            self._answer.release()
        else:
            self._answer.close()


def timeout_of(request: httpx2.Request) -> aiohttp.ClientTimeout:
    given = request.extensions.get("timeout", {})
    return aiohttp.ClientTimeout(
        total=None, connect=given.get("pool"), sock_connect=given.get("connect"), sock_read=given.get("read")
    )


async def as_response(answer: aiohttp.ClientResponse, request: httpx2.Request) -> httpx2.Response:
    """The whole of it, for what is told of a failure."""
    with _translated():
        content = await answer.read()
    return httpx2.Response(answer.status, headers=answer.raw_headers, content=content, request=request)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise httpx2.ConnectTimeout(str(error)) from error
    except TimeoutError as error:
        raise httpx2.ReadTimeout(str(error)) from error
    except aiohttp.ClientConnectorError as error:
        raise httpx2.ConnectError(str(error)) from error
    except (aiohttp.ClientError, OSError) as error:
        raise httpx2.RemoteProtocolError(str(error)) from error
