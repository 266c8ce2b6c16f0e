"""How much anybody may ask, and who that is behind a gateway."""

import asyncio
from ipaddress import ip_network

import httpx
import pytest
from fastapi import FastAPI
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from agent.rates import LocalRates, Rates
from agent.settings import Settings
from agent.store.database import Database
from agent.store.rates import SharedRates
from api.app import create_app
from api.auth.sign_in import SignIn
from api.desk import AGAIN, REFUSED
from api.limits import Gate, Limits, client_address
from tests.api.conftest import anna, http, platform, served, sign_in
from tests.api.fake import FakePlatform

__all__ = ["anna", "http", "platform", "sign_in"]
GATEWAY = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6", "198.51.100.1", "10.0.0.7"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1:52110"], "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8::1]:52110"], "2001:db8::1"),
        ("fd00::1", ["2001:db8::1"], "2001:db8::1"),
        ("10.0.0.1", ["198.51.100.1", "nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.2"], "10.0.0.2"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
    ],
)
def test_a_header_counts_only_as_far_as_trusted_gateways_wrote_it(peer: str, forwarded: list[str], client: str) -> None:
    assert client_address(peer, forwarded, GATEWAY) == client


class Seconds:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture(params=["local", "postgres"])
def rates(request: pytest.FixtureRequest, seconds: Seconds) -> Rates:
    if request.param == "local":
        return LocalRates(seconds)
    return SharedRates(request.getfixturevalue("postgres"), seconds)


@pytest.fixture
async def postgres(postgres_url: str):  # type: ignore[no-untyped-def]
    database = Database(postgres_url)
    await database.migrate()
    yield database
    await database.close()


async def test_an_allowance_is_used_up_and_comes_back_with_time(rates: Rates, seconds: Seconds) -> None:
    assert [await rates.take({"a": 3}) for _ in range(3)] == [0, 0, 0]
    assert await rates.take({"a": 3}) == pytest.approx(20)
    assert await rates.take({"b": 3}) == 0
    seconds.now += 20
    assert await rates.take({"a": 3}) == 0
    assert await rates.take({"a": 3}) > 0


async def test_processes_share_one_allowance(postgres: Database, seconds: Seconds) -> None:
    several = [SharedRates(postgres, seconds) for _ in range(4)]
    waits = await asyncio.gather(*(one.take({"a": 10}) for one in several * 5))
    assert sum(wait == 0 for wait in waits) == 10


@pytest.fixture
def strict(platform: FakePlatform, sign_in: SignIn) -> FastAPI:
    limits = Limits(person=2, address=20, conversation=1, trusted=GATEWAY)
    return create_app(platform, sign_in, limits=limits, allowed_origins=("https://www.gamma.example",))


def client_of(app: FastAPI, peer: str = "203.0.113.9") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(peer, 5))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


async def test_a_person_who_asks_too_often_is_told_when_to_come_back(strict: FastAPI, anna: dict[str, str]) -> None:
    async with client_of(strict) as http:
        answers = [await http.get("/v1/me/conversations", headers=anna) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "30"
    assert answers[2].json()["type"].endswith("too-many-requests")


async def test_invented_tokens_use_up_their_addresss_allowance(strict: FastAPI) -> None:
    async with client_of(strict) as http:
        answers = [
            await http.get("/v1/me/conversations", headers={"Authorization": f"Bearer a.b.{n}"}) for n in range(21)
        ]
    assert {answer.status_code for answer in answers[:20]} == {401}
    assert answers[20].status_code == 429


async def test_invented_tokens_at_the_desks_socket_count_too(strict: FastAPI) -> None:
    async def knock(address: str) -> int:
        async with connect(address.replace("http", "ws") + "/v1/desk", proxy=None) as socket:
            await socket.send('{"token": "a.b.c"}')
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
            return closed.value.rcvd.code if closed.value.rcvd else 0

    async with served(strict) as address:
        assert [await knock(address) for _ in range(21)] == [REFUSED] * 20 + [AGAIN]


async def test_a_forged_header_does_not_give_a_fresh_allowance(strict: FastAPI) -> None:
    async with client_of(strict) as http:
        for n in range(20):
            await http.get("/v1/policies/NONE", headers={"X-Forwarded-For": f"198.51.100.{n}"})
        assert (await http.get("/v1/policies/NONE")).status_code == 429
    async with client_of(strict, "10.0.0.1") as gateway:
        told = await gateway.get("/v1/policies/NONE", headers={"X-Forwarded-For": "198.51.100.1"})
        assert told.status_code == 404


async def test_a_conversation_is_limited_whoever_speaks_in_it(strict: FastAPI, anna: dict[str, str]) -> None:
    async with client_of(strict) as http:
        opened = (await http.post("/v1/conversations")).json()
        bearer = {"Authorization": f"Bearer {opened['secret']}"}
        said = [
            await http.post(f"/v1/conversations/{opened['id']}/messages", json={"text": "hi"}, headers=bearer)
            for _ in range(2)
        ]
    assert [answer.status_code for answer in said] == [200, 429]


async def test_only_listed_origins_may_call_from_a_browser(strict: FastAPI) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    async with client_of(strict) as http:
        ours = await http.options("/v1/conversations", headers={"Origin": "https://www.gamma.example", **asked})
        theirs = await http.options("/v1/conversations", headers={"Origin": "https://evil.example", **asked})
    assert ours.headers["Access-Control-Allow-Origin"] == "https://www.gamma.example"
    assert "Access-Control-Allow-Credentials" not in ours.headers
    assert "Access-Control-Allow-Origin" not in theirs.headers


async def test_large_headers_are_refused(strict: FastAPI) -> None:
    async with client_of(strict) as http:
        answer = await http.get("/v1/policies/NONE", headers={"X-Long": "x" * 17_000})
    assert answer.status_code == 431


async def test_one_request_more_than_fits_is_asked_to_come_back() -> None:
    going, entered = asyncio.Event(), asyncio.Event()

    async def slow(scope: object, receive: object, send: object) -> None:
        entered.set()
        await going.wait()

    gate = Gate(slow, 1)
    scope = {"type": "http", "path": "/v1/x", "headers": []}
    told: list[dict[str, object]] = []

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        told.append(message)

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b""}

    first = asyncio.create_task(gate(scope, receive, send))
    await entered.wait()
    await gate(scope, receive, send)
    assert told[0]["status"] == 503
    going.set()
    await first


def test_demo_people_are_held_back_only_by_limits_somebody_has_set() -> None:
    settings = Settings(rate_conversation=5)
    assert Limits.of(settings).person == Settings.model_fields["rate_person"].default
    free = Limits.of(settings, demonstration=True)
    assert free.person == free.address == 1_000_000
    assert free.conversation == 5
