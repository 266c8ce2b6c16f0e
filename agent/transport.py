"""The model's bytes by way of aiohttp, whose parser is compiled: a third of the cost of httpx2's own transport.

Everything above stays httpx2's and the SDK's. Trust, proxies of the environment and time-outs are the same; failures
leave as httpx2 names them.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx2
import yarl

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
        session = self._session or self._open()
        url = yarl.URL(str(request.url), encoded=True)
        with _translated():
            answer = await session.request(
                request.method,
                url,
                proxy=self._proxy_for(url),
                headers=request.headers.multi_items(),
                data=await request.aread(),
                allow_redirects=False,
                timeout=_timeout_of(request),
            )
        return httpx2.Response(
            answer.status,
            headers=answer.raw_headers,
            stream=_Body(answer),
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": (answer.reason or "").encode()},
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


class _Body(httpx2.AsyncByteStream):
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


def _timeout_of(request: httpx2.Request) -> aiohttp.ClientTimeout:
    given = request.extensions.get("timeout", {})
    return aiohttp.ClientTimeout(
        total=None, connect=given.get("pool"), sock_connect=given.get("connect"), sock_read=given.get("read")
    )


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
