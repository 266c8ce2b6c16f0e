"""Forged tokens over HTTP and the desk's WebSocket, at every door: 401 or 403, and never an error of ours."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from agent.bootstrap import Overrides
from agent.models import Rung
from agent.settings import Settings
from api.auth.sign_in import build_sign_in
from knowledge.embeddings import MiniLM
from knowledge.pack import PolicyPack
from tests.agent.scripted import ScriptedModel
from tests.api.fake import ANNA, PEOPLE
from tests.api.forgeries import FORGED, Forge
from tests.api.protected import protected
from tests.identity import IdentityProvider, identity_provider

Door = tuple[str, str, object]
TEXT = {"text": "hello"}
FOR_ANYBODY: tuple[Door, ...] = (
    ("POST", "/v1/conversations", {}),
    ("GET", "/v1/conversations/{mine}", None),
    ("POST", "/v1/conversations/{mine}/messages", TEXT),
    ("GET", "/v1/conversations/{mine}/events", None),
    ("GET", "/v1/policies/BAG-CABIN", None),
    ("GET", "/v1/knowledge/search?q=bags", None),
    ("POST", "/v1/proposals/pr-1/confirm", None),
)
FOR_THE_SIGNED_IN: tuple[Door, ...] = (
    ("GET", "/v1/me", None),
    ("GET", "/v1/me/conversations", None),
    ("GET", "/v1/me/export", None),
    ("DELETE", "/v1/me/conversations", None),
    ("POST", "/v1/conversations/{mine}/claim", {"secret": "x" * 43}),
)
FOR_STAFF: tuple[Door, ...] = (
    ("GET", "/v1/cases", None),
    ("GET", "/v1/cases/CS-1", None),
    ("POST", "/v1/cases/CS-1/take", None),
    ("POST", "/v1/cases/CS-1/messages", TEXT),
    ("POST", "/v1/resolutions", {"record_locator": "K7XQ2P", "reason": "a call"}),
    ("GET", "/v1/resolutions/rates", None),
    ("POST", "/v1/resolutions/rs-1/options/op-1/accept", {}),
    ("POST", "/v1/proposals/pr-1/approve", {"reason": "because"}),
)

FOR_EVALUATORS: tuple[Door, ...] = (
    ("GET", "/v1/evals/runs", None),
    ("GET", "/v1/evals/comparison?a=one&b=other", None),
    ("POST", "/v1/evals/runs/one/ticket", None),
)


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    """Its first key is withdrawn already."""
    with identity_provider() as running:
        running.customers.rotate("rsa-2")
        yield running


@pytest.fixture(scope="module")
def server(
    provider: IdentityProvider,
    seeded_home: Path,
    tmp_path_factory: pytest.TempPathFactory,
    embedder: MiniLM,
    pack: PolicyPack,
) -> Iterator[str]:
    home = tmp_path_factory.mktemp("protected") / "home"
    shutil.copytree(seeded_home, home)
    silent = Rung(name="scripted", model=ScriptedModel(script=[]))
    with protected(provider, home, Overrides(embedder=embedder, pack=pack, rungs=(silent,))) as address:
        yield address


@pytest.fixture(scope="module")
def http(server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server) as client:
        yield client


@pytest.fixture(scope="module")
def mine(http: httpx.Client, provider: IdentityProvider) -> str:
    """A conversation of a customer who is really signed in."""
    opened = http.post("/v1/conversations", json={}, headers=bearer(provider.customers.token()))
    assert opened.status_code == 201
    return str(opened.json()["id"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def knock(
    http: httpx.Client, doors: tuple[Door, ...], headers: httpx._types.HeaderTypes, mine: str = "cv-1"
) -> dict[str, int]:
    """The answer of each door. One that lets in is not read further: it may be a stream without an end."""
    found = {}
    for method, path, body in doors:
        with http.stream(method, path.format(mine=mine), json=body, headers=headers) as answer:
            found[f"{method} {path}"] = answer.status_code
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == "application/problem+json"
    return found


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_a_forged_token_opens_no_door(
    http: httpx.Client, server: str, provider: IdentityProvider, mine: str, forge: Forge
) -> None:
    token = forge(provider)
    found = knock(http, (*FOR_ANYBODY, *FOR_THE_SIGNED_IN, *FOR_STAFF, *FOR_EVALUATORS), bearer(token), mine)
    assert set(found.values()) <= {401, 403}, found
    assert token not in http.get("/v1/me", headers=bearer(token)).text
    assert desk_answers(server, token) == 4401


def desk_answers(server: str, token: str) -> int:
    """The close code of the desk's WebSocket; 0 if it let us in."""
    with connect(server.replace("http", "ws") + "/v1/desk", proxy=None) as socket:
        socket.send(json.dumps({"token": token}))
        try:
            socket.recv(timeout=10)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else -1
    return 0


def test_the_suite_has_the_forgeries_that_were_promised() -> None:
    assert len(FORGED) >= 40


def test_good_tokens_open_their_own_doors(
    http: httpx.Client, server: str, provider: IdentityProvider, mine: str
) -> None:
    """Otherwise nothing here would show anything."""
    customer, staff = provider.customers.token(), provider.staff.token()
    assert http.get("/v1/me", headers=bearer(customer)).json() == {
        "subject": "ada@example.com",
        "name": "Ada Lindqvist",
        "role": "customer",
    }
    assert http.get(f"/v1/conversations/{mine}", headers=bearer(customer)).status_code == 200
    assert http.get("/v1/cases", headers=bearer(staff)).status_code == 200
    assert desk_answers(server, staff) == 0


@pytest.mark.parametrize(
    "claims",
    [
        {"roles": ["Concierge.Supervisor"]},
        {"roles": ["Concierge.Agent"], "oid": "oid-1", "groups": ["Concierge.Agent"]},
        {"scp": ["concierge", "Concierge.Supervisor"], "role": "supervisor"},
    ],
    ids=["with-a-role", "with-an-object-id", "with-a-scope"],
)
def test_a_customers_token_with_staff_roles_opens_no_door_of_staff(
    http: httpx.Client, server: str, provider: IdentityProvider, claims: dict[str, Any]
) -> None:
    token = provider.customers.token(**claims)
    assert http.get("/v1/me", headers=bearer(token)).json()["role"] == "customer"
    found = knock(http, FOR_STAFF, bearer(token))
    assert set(found.values()) == {403}, found
    assert desk_answers(server, token) == 4401


def test_staff_with_a_customers_number_are_no_customer(http: httpx.Client, provider: IdentityProvider) -> None:
    token = provider.staff.token(customer_id="C000001", sub="ada@example.com")
    assert http.get("/v1/me/export", headers=bearer(token)).status_code == 403
    assert http.delete("/v1/me/conversations", headers=bearer(token)).status_code == 403


def test_an_evaluator_reads_no_case(http: httpx.Client, provider: IdentityProvider) -> None:
    found = knock(http, FOR_STAFF, bearer(provider.staff.token(roles=["Concierge.Evaluator"])))
    assert set(found.values()) == {403}, found


def test_a_good_token_of_another_customer_finds_nothing_of_mine(
    http: httpx.Client, provider: IdentityProvider, mine: str
) -> None:
    """404 and not 403: whether there is such a conversation is nobody else's business."""
    other = bearer(provider.customers.token(sub="marco@example.com", customer_id="C000002"))
    invented = {door: 404 for door in (f"{method} {path}" for method, path, _ in FOR_ANYBODY[1:4])}
    assert knock(http, FOR_ANYBODY[1:4], other, mine) == invented
    assert knock(http, FOR_ANYBODY[1:4], other, "cv-never-was") == invented


def test_a_real_development_token_means_nothing_in_production(http: httpx.Client, tmp_path: Path) -> None:
    local = build_sign_in(Settings(home=tmp_path), PEOPLE).development
    assert local is not None
    found = knock(http, (*FOR_ANYBODY, *FOR_STAFF), bearer(str(local.token(ANNA.id))))
    assert set(found.values()) == {401}, found
    assert http.post("/dev/token", json={"subject": ANNA.id}).status_code == 404


HEADERS: dict[str, list[tuple[str, str | bytes]]] = {
    "two-good-headers": [("Authorization", "Bearer {good}"), ("Authorization", "Bearer {good}")],
    "an-empty-one-before-it": [("Authorization", ""), ("Authorization", "Bearer {good}")],
    "two-tokens-in-one": [("Authorization", "Bearer {good}, Bearer {good}")],
    "two-words": [("Authorization", "Bearer {good} {good}")],
    "basic": [("Authorization", "Basic YTpi")],
    "another-scheme-with-a-good-token": [("Authorization", "Token {good}")],
    "no-scheme": [("Authorization", "{good}")],
    "no-token": [("Authorization", "Bearer")],
    "not-ascii": [("Authorization", "Bearer ä".encode() + b"\xff" * 43)],
    "in-another-header": [("X-Forwarded-Access-Token", "{good}"), ("X-Original-Authorization", "Bearer {good}")],
    "in-a-cookie": [("Cookie", "access_token={good}; Authorization=Bearer {good}")],
    "names-of-a-proxy": [("X-Remote-User", "C000001"), ("X-MS-CLIENT-PRINCIPAL-ID", "oid-1"), ("X-User-Role", "agent")],
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS.keys())
def test_a_token_counts_only_where_it_belongs(
    http: httpx.Client, provider: IdentityProvider, headers: list[tuple[str, str | bytes]]
) -> None:
    for good in (provider.customers.token(), provider.staff.token()):
        sent = [
            (name.encode(), value if isinstance(value, bytes) else value.format(good=good).encode())
            for name, value in headers
        ]
        found = knock(http, (*FOR_THE_SIGNED_IN, *FOR_STAFF), sent)
        assert set(found.values()) == {401}, found


def test_a_token_in_an_address_is_not_read(http: httpx.Client, provider: IdentityProvider) -> None:
    asked = {"access_token": provider.staff.token(), "token": provider.staff.token()}
    assert http.get("/v1/cases", params=asked).status_code == 401


def test_no_address_in_a_token_was_ever_called(http: httpx.Client, provider: IdentityProvider, mine: str) -> None:
    """jku and x5u would have led the server to an address of the attacker's choice."""
    reads = provider.customers.reads
    for name in ("key-by-jku", "key-by-x5u", "kid-as-an-address", "kid-not-published"):
        knock(http, FOR_ANYBODY, bearer(FORGED[name](provider)), mine)
    assert provider.customers.reads <= reads + 1
