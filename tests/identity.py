"""An identity provider for tests: discovery, keys that rotate, and the authorization code flow with PKCE.

One server stands for Okta (the realm of customers) and for Entra ID (the realm of staff).
"""

import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.threads import served_in_thread

TENANT = "11111111-2222-3333-4444-555555555555"
CUSTOMERS_PATH, STAFF_PATH = "/oauth2/customers", f"/{TENANT}/v2.0"
Claims = dict[str, Any]
CUSTOMER: Claims = {"sub": "ada@example.com", "cid": "chat-page", "scp": ["concierge"], "customer_id": "C000001"}
AGENT: Claims = {"sub": "pairwise", "oid": "oid-1", "azp": "desk-page", "scp": "access", "roles": ["Concierge.Agent"]}


@dataclass
class Realm:
    """One kind of people: their issuer, its keys, and who may sign in, by the claims of their access token."""

    issuer: str
    audience: str
    client_id: str
    people: Mapping[str, Claims]
    redirect_uris: set[str] = field(default_factory=set)
    down: bool = False
    reads: int = 0
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)
    published: set[str] = field(default_factory=set)
    ended: list[str] = field(default_factory=list)
    """The ID tokens whose sessions were ended."""

    def __post_init__(self) -> None:
        self.rotate("rsa-1")

    def rotate(self, kid: str) -> None:
        self.keys[kid] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.published = {kid}

    def jwk(self, kid: str) -> Claims:
        public: Claims = jwt.algorithms.RSAAlgorithm.to_jwk(self.keys[kid].public_key(), as_dict=True)
        return public | {"kid": kid, "use": "sig", "alg": "RS256"}

    def claims(self, **changed: Any) -> Claims:
        """Of an access token that is good; a claim that is None is left out."""
        now = int(time.time())
        person = next(iter(self.people.values()))
        claims = {"iss": self.issuer, "aud": self.audience, "iat": now, "exp": now + 600} | person | changed
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, *, header: Mapping[str, Any] | None = None, **changed: Any) -> str:
        return self.sign(self.claims(**changed), **(header or {}))

    def sign(self, claims: Claims, **header: Any) -> str:
        kid = sorted(self.published)[-1]
        return jwt.encode(claims, self.keys[kid], algorithm="RS256", headers={"kid": kid} | header)

    def id_token(self, name: str, nonce: str) -> str:
        now = int(time.time())
        sub = self.people[name]["sub"]
        own = {"iss": self.issuer, "aud": self.client_id, "sub": sub, "iat": now, "exp": now + 600}
        return self.sign(own | {"nonce": nonce, "name": name})


@dataclass
class IdentityProvider:
    customers: Realm
    staff: Realm

    @classmethod
    def at(cls, okta: str, entra: str) -> "IdentityProvider":
        """okta, entra: the origins under which the two are reached."""
        ada = CUSTOMER | {"name": "Ada Lindqvist"}
        return cls(
            Realm(okta + CUSTOMERS_PATH, "api://concierge", "chat-page", {"Ada Lindqvist": ada}),
            Realm(entra + STAFF_PATH, "api://concierge-staff", "desk-page", {"Sara Lindner": AGENT}),
        )

    def settings(self) -> dict[str, Any]:
        """For a server that trusts it."""
        return {
            "okta_issuer": self.customers.issuer,
            "okta_audience": self.customers.audience,
            "okta_client_id": self.customers.client_id,
            "entra_authority": self.staff.issuer.removesuffix(STAFF_PATH),
            "entra_tenant": TENANT,
            "entra_audience": self.staff.audience,
            "entra_client_id": self.staff.client_id,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app()(scope, receive, send)

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route(f"{path}/{name}", Endpoint(realm, answer), methods=methods)
                for path, realm in ((CUSTOMERS_PATH, self.customers), (STAFF_PATH, self.staff))
                for name, answer, methods in _ENDPOINTS
            ]
        )


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    """On a real socket."""
    made: list[IdentityProvider] = []

    @asynccontextmanager
    async def make(address: str) -> AsyncIterator[IdentityProvider]:
        made.append(IdentityProvider.at(address, address))
        yield made[0]

    with served_in_thread(make):
        yield made[0]


class Endpoint:
    def __init__(self, realm: Realm, answer: Callable[[Realm, Request], Awaitable[Response]]) -> None:
        self._realm = realm
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        realm = self._realm
        response = Response(status_code=503) if realm.down else await self._answer(realm, Request(scope, receive))
        response.headers["Access-Control-Allow-Origin"] = "*"
        await response(scope, receive, send)


async def discover(realm: Realm, _: Request) -> Response:
    parts = {"jwks_uri": "keys", "authorization_endpoint": "authorize", "token_endpoint": "token"}
    addresses = {name: f"{realm.issuer}/{part}" for name, part in parts.items()}
    return JSONResponse({"issuer": realm.issuer, "end_session_endpoint": f"{realm.issuer}/logout"} | addresses)


async def publish(realm: Realm, _: Request) -> Response:
    realm.reads += 1
    return JSONResponse({"keys": [realm.jwk(kid) for kid in sorted(realm.published)]})


async def authorize(realm: Realm, request: Request) -> Response:
    """First the page that asks who it is; with `as`, the way back with a code."""
    asked = dict(request.query_params)
    if asked["client_id"] != realm.client_id or asked["redirect_uri"] not in realm.redirect_uris:
        return Response("no such client", 400)
    if wrong := _wrong(asked):
        return _back(asked, {"error": "invalid_request", "error_description": wrong})
    if "as" not in asked:
        links = (f'<a href="?{escape(urlencode(asked | {"as": name}))}">{escape(name)}</a>' for name in realm.people)
        return HTMLResponse(f"<!doctype html><title>Sign in</title>{' '.join(links)}")
    code = secrets.token_urlsafe(24)
    realm.codes[code] = asked
    return _back(asked, {"code": code, "iss": realm.issuer})


def _wrong(asked: Mapping[str, str]) -> str:
    expected = {"response_type": "code", "response_mode": "fragment", "code_challenge_method": "S256"}
    missing = [name for name in ("state", "nonce", "code_challenge") if len(asked.get(name, "")) < 43]
    return " ".join([*(name for name, value in expected.items() if asked.get(name) != value), *missing])


def _back(asked: Mapping[str, str], answer: Mapping[str, str]) -> Response:
    return RedirectResponse(f"{asked['redirect_uri']}#{urlencode({**answer, 'state': asked['state']})}", 302)


async def exchange(realm: Realm, request: Request) -> Response:
    """A code serves once, for who can show the verifier of its challenge. There is no secret."""
    form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
    asked = realm.codes.pop(form.get("code", ""), None)
    if asked is None or not _matches(asked, form):
        return JSONResponse({"error": "invalid_grant"}, 400)
    name = asked["as"]
    access = realm.token(**realm.people[name])
    answer = {"access_token": access, "token_type": "Bearer", "expires_in": 600, "scope": asked["scope"]}
    return JSONResponse(answer | {"id_token": realm.id_token(name, asked["nonce"])})


def _matches(asked: Mapping[str, str], form: Mapping[str, str]) -> bool:
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    proven = base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
    same = all(form.get(name) == asked[name] for name in ("client_id", "redirect_uri"))
    return proven and same and form.get("grant_type") == "authorization_code"


async def end_session(realm: Realm, request: Request) -> Response:
    realm.ended.append(request.query_params["id_token_hint"])
    return RedirectResponse(request.query_params["post_logout_redirect_uri"], 302)


_ENDPOINTS: tuple[tuple[str, Callable[[Realm, Request], Awaitable[Response]], list[str]], ...] = (
    (".well-known/openid-configuration", discover, ["GET"]),
    ("keys", publish, ["GET"]),
    ("authorize", authorize, ["GET"]),
    ("token", exchange, ["POST"]),
    ("logout", end_session, ["GET"]),
)
