"""aiohttp under httpx2: what it sends, what it gives back, and what its failures are called."""

import gzip
from collections.abc import AsyncIterator

import httpx2
import pytest

from agent.transport import AiohttpTransport, proxy_of_environment
from tests.agent.misbehaving import Act, Silent, cuts, fails, says, serving, stalls


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    transport = AiohttpTransport(keepalive_seconds=60, connections=10)
    async with httpx2.AsyncClient(transport=transport, timeout=5) as opened:
        yield opened


async def test_a_body_is_sent_and_an_answer_comes_back_with_its_headers(client: httpx2.AsyncClient) -> None:
    async with serving(fails(418, "teapot", Retry_After="7")) as server:
        answer = await client.post(f"{server.url}/chat?a=1&b=%20x", json={"model": "ü"}, headers={"api-key": "k"})
    assert answer.status_code == 418
    assert answer.headers["retry-after"] == "7"
    assert answer.json()["error"]["code"] == "teapot"
    assert server.requests == [{"model": "ü"}]
    assert server.paths == ["/v1/chat?a=1&b=%20x"]
    assert server.keys == ["k"]


async def test_a_stream_comes_piece_by_piece_and_its_connection_is_used_again(client: httpx2.AsyncClient) -> None:
    async with serving(says("One. Two."), says("Three.")) as server:
        for _ in range(2):
            async with client.stream("POST", server.url, json={}) as answer:
                assert b"[DONE]" in b"".join([piece async for piece in answer.aiter_bytes()])
        assert len(server._writers) == 1


async def test_a_stream_left_early_gives_its_connection_up(client: httpx2.AsyncClient) -> None:
    async with serving(stalls("One."), says("Two.")) as server:
        async with client.stream("POST", server.url, json={}) as answer:
            async for _ in answer.aiter_bytes():
                break
        assert (await client.post(server.url, json={})).status_code == 200


async def test_a_compressed_answer_is_unpacked_once(client: httpx2.AsyncClient) -> None:
    async with serving(_compressed(b'{"model": "small"}')) as server:
        assert (await client.get(server.url)).json() == {"model": "small"}


async def test_nobody_there_is_a_connect_error(client: httpx2.AsyncClient) -> None:
    async with serving() as server:
        url = server.url
    with pytest.raises(httpx2.ConnectError):
        await client.post(url, json={})


async def test_silence_is_a_read_timeout(client: httpx2.AsyncClient) -> None:
    async with serving(Silent()) as server:
        with pytest.raises(httpx2.ReadTimeout):
            await client.post(server.url, json={}, timeout=0.05)


async def test_silence_in_mid_stream_is_a_read_timeout(client: httpx2.AsyncClient) -> None:
    async with serving(stalls("One.")) as server:
        with pytest.raises(httpx2.ReadTimeout):
            await client.post(server.url, json={}, timeout=0.05)


@pytest.mark.parametrize("text", ["", "One."])
async def test_a_connection_that_breaks_is_a_protocol_error(client: httpx2.AsyncClient, text: str) -> None:
    async with serving(cuts(text)) as server:
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.post(server.url, json={})


async def test_the_proxy_of_the_environment_is_used(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(fails(418)) as server:
        monkeypatch.setenv("http_proxy", server.origin)
        await client.post("http://model.example/v1/chat", json={})
    assert server.paths == ["http://model.example/v1/chat"]


@pytest.mark.parametrize(
    ("scheme", "host", "proxy"),
    [
        ("http", "model.example", "http://proxy:3128"),
        ("https", "model.example", "http://me:pw@safe:3128"),
        ("https", "model.inside", None),
    ],
)
def test_no_proxy_goes_around_the_proxy(
    scheme: str, host: str, proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    monkeypatch.setenv("https_proxy", "http://me:pw@safe:3128")
    monkeypatch.setenv("no_proxy", ".inside")
    assert proxy_of_environment(scheme, host) == proxy


def _compressed(body: bytes) -> Act:
    return Act(raw=gzip.compress(body), headers={"content-encoding": "gzip"})
