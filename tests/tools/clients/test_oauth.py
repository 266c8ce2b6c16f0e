"""Client credentials: one token for many requests, fetched again when it ends or is refused."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.threads import served_in_thread
from tools.clients.oauth import ClientCredentials
from tools.domain.errors import ServiceUnavailable

TOKENS = "https://login.example/token"


class SignIn:
    """A token endpoint and a service behind it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 15, 12, tzinfo=UTC)
        self.asked: list[httpx.Request] = []
        self.accepted: set[str] = set()
        self.down = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if str(request.url) == TOKENS:
            self.asked.append(request)
            if self.down:
                return httpx.Response(500)
            self.accepted = {f"token-{len(self.asked)}"}
            return httpx.Response(200, json={"access_token": f"token-{len(self.asked)}", "expires_in": 300})
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return httpx.Response(200 if given in self.accepted else 401)


@pytest.fixture
def sign_in() -> SignIn:
    return SignIn()


@pytest.fixture
async def http(sign_in: SignIn) -> AsyncIterator[httpx.AsyncClient]:
    auth = ClientCredentials(TOKENS, "concierge", "a secret", scope="booking", now=lambda: sign_in.now)
    async with httpx.AsyncClient(transport=httpx.MockTransport(sign_in), auth=auth) as client:
        yield client


async def get(http: httpx.AsyncClient) -> int:
    return (await http.get("https://booking.example/x")).status_code


async def test_one_token_serves_many_requests_at_once(http: httpx.AsyncClient, sign_in: SignIn) -> None:
    async with asyncio.TaskGroup() as group:
        sent = [group.create_task(get(http)) for _ in range(10)]
    assert {task.result() for task in sent} == {200}
    assert len(sign_in.asked) == 1
    form = parse_qs(sign_in.asked[0].content.decode())
    assert form == {"grant_type": ["client_credentials"], "scope": ["booking"]}
    assert sign_in.asked[0].headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize(("seconds", "fetched"), [(269, 1), (270, 2)])
async def test_a_token_is_renewed_half_a_minute_before_it_ends(
    http: httpx.AsyncClient, sign_in: SignIn, seconds: int, fetched: int
) -> None:
    await get(http)
    sign_in.now += timedelta(seconds=seconds)
    assert await get(http) == 200
    assert len(sign_in.asked) == fetched


async def test_a_refused_token_is_renewed_once(http: httpx.AsyncClient, sign_in: SignIn) -> None:
    await get(http)
    sign_in.accepted = {"nothing"}
    assert await get(http) == 200
    assert len(sign_in.asked) == 2


async def test_a_sign_in_that_fails_names_itself_and_keeps_no_token(http: httpx.AsyncClient, sign_in: SignIn) -> None:
    sign_in.down = True
    with pytest.raises(ServiceUnavailable, match="sign-in"):
        await get(http)
    sign_in.down = False
    assert await get(http) == 200


async def test_a_token_endpoint_is_asked_over_a_real_socket() -> None:
    async def token(_: Request) -> Response:
        return JSONResponse({"access_token": "good"})

    async def service(request: Request) -> Response:
        return Response(status_code=200 if request.headers.get("authorization") == "Bearer good" else 401)

    @asynccontextmanager
    async def make(_: str) -> AsyncIterator[Starlette]:
        yield Starlette(routes=[Route("/token", token, methods=["POST"]), Route("/service", service)])

    with served_in_thread(make) as address:
        auth = ClientCredentials(f"{address}/token", "concierge", "a secret", now=lambda: datetime.now(UTC))
        async with httpx.AsyncClient(auth=auth, trust_env=False) as http:
            assert (await http.get(f"{address}/service")).status_code == 200
