"""Who is believed: real keys, real signatures, an identity provider behind a mock transport."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from agent.settings import Settings
from api.auth.errors import SignInRefused, SignInUnavailable
from api.auth.keys import RemoteKeys
from api.auth.sign_in import SignIn, build_sign_in
from tests.api.fake import ANNA, PEOPLE, SARA
from tools.domain.errors import SettingsError

OKTA = "https://id.gamma.example/oauth2/customers"
TENANT = "11111111-2222-3333-4444-555555555555"
ENTRA = f"https://login.microsoftonline.com/{TENANT}/v2.0"
Claims = dict[str, Any]


class Provider:
    """An identity provider: discovery and keys over httpx.MockTransport, tokens from its private keys."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.keys = {"rsa-1": rsa.generate_private_key(public_exponent=65537, key_size=2048)}
        self.published = set(self.keys)
        self.reads = 0
        self.down = False

    def rotate(self, kid: str) -> None:
        self.keys[kid] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.published = {kid}

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("refused")
        if request.url.path.endswith("/.well-known/openid-configuration"):
            return httpx.Response(200, json={"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"})
        self.reads += 1
        return httpx.Response(200, json={"keys": [self.jwk(kid) for kid in sorted(self.published)]})

    def jwk(self, kid: str) -> dict[str, Any]:
        public: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(self.keys[kid].public_key(), as_dict=True)
        return public | {"kid": kid, "use": "sig", "alg": "RS256"}

    def sign(self, claims: Claims, **header: Any) -> str:
        return jwt.encode(claims, self.keys["rsa-1"], algorithm="RS256", headers={"kid": "rsa-1"} | header)


class Providers:
    def __init__(self, home: Path) -> None:
        self.okta, self.entra = Provider(OKTA), Provider(ENTRA)
        settings = Settings(
            env="production",
            home=home,
            host="0.0.0.0",  # noqa: S104 - what a container binds
            booking_url="https://booking.gamma.example",
            okta_issuer=OKTA,
            okta_audience="api://concierge",
            entra_tenant=TENANT,
            entra_audience="api://concierge-staff",
        )
        client = httpx.AsyncClient(transport=httpx.MockTransport(self.route))
        self.sign_in: SignIn = build_sign_in(settings, client=client)

    def route(self, request: httpx.Request) -> httpx.Response:
        provider = self.okta if str(request.url).startswith(OKTA) else self.entra
        return provider.answer(request)


@pytest.fixture
def providers(tmp_path: Path) -> Providers:
    return Providers(tmp_path)


def customer(**changed: Any) -> Claims:
    now = int(time.time())
    claims = {
        "iss": OKTA,
        "aud": "api://concierge",
        "sub": "anna@example.com",
        "iat": now,
        "exp": now + 600,
        "cid": "web",
        "scp": ["concierge"],
        "customer_id": "C000001",
        "name": "Anna",
    } | changed
    return {name: value for name, value in claims.items() if value is not None}


def staff(**changed: Any) -> Claims:
    own = {
        "iss": ENTRA,
        "aud": "api://concierge-staff",
        "sub": "pairwise",
        "oid": "oid-1",
        "azp": "desk",
        "scp": "access",
        "cid": None,
        "customer_id": None,
        "roles": ["Concierge.Agent", "Other.Role"],
    }
    return customer(**(own | changed))


async def refused(sign_in: SignIn, token: str) -> str:
    with pytest.raises(SignInRefused) as caught:
        await sign_in.speaker(f"Bearer {token}", "")
    assert token not in str(caught.value)
    return str(caught.value)


async def test_a_customer_of_okta_is_known_by_the_customer_claim(providers: Providers) -> None:
    speaker = await providers.sign_in.speaker(f"Bearer {providers.okta.sign(customer())}", "203.0.113.9")
    assert (speaker.kind, speaker.subject, speaker.customer_id) == ("customer", "anna@example.com", "C000001")
    assert (speaker.roles, speaker.address) == (frozenset(), "203.0.113.9")


async def test_staff_of_entra_are_known_by_object_id_and_app_roles(providers: Providers) -> None:
    speaker = await providers.sign_in.speaker(f"bearer {providers.entra.sign(staff())}", "")
    assert (speaker.kind, speaker.subject, speaker.roles) == ("staff", "oid-1", frozenset({"agent"}))
    assert speaker.customer_id is None


async def test_roles_in_a_customers_token_count_for_nothing(providers: Providers) -> None:
    token = providers.okta.sign(customer(roles=["Concierge.Supervisor"], oid="oid-1"))
    assert (await providers.sign_in.speaker(f"Bearer {token}", "")).roles == frozenset()


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _keys(providers: Providers, clock: Clock) -> RemoteKeys:
    client = httpx.AsyncClient(transport=httpx.MockTransport(providers.okta.answer))
    return RemoteKeys(client, OKTA, clock=clock)


def _b64(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _unsigned(header: Mapping[str, Any], claims: Claims) -> str:
    return f"{_b64(header)}.{_b64(claims)}."


def _swapped(providers: Providers, claims: Claims) -> str:
    header, _, signature = providers.okta.sign(customer()).split(".")
    return f"{header}.{_b64(claims)}.{signature}"


def _without_kid(providers: Providers) -> str:
    return jwt.encode(customer(), providers.okta.keys["rsa-1"], algorithm="RS256")


def _self_signed(providers: Providers, how: str) -> str:
    own = Provider(OKTA)
    where = {"jwk": own.jwk("rsa-1"), "jku": "https://evil.example/keys"}
    return own.sign(customer(), **{how: where[how]})


def _hs256(providers: Providers) -> str:
    """The classic: the public key taken for an HMAC secret."""
    secret = (
        providers.okta.keys["rsa-1"]
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    signed = f"{_b64({'alg': 'HS256', 'kid': 'rsa-1', 'typ': 'JWT'})}.{_b64(customer())}"
    digest = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


FORGED: Mapping[str, Callable[[Providers], str]] = {
    "expired": lambda p: p.okta.sign(customer(exp=int(time.time()) - 3600)),
    "never expires": lambda p: p.okta.sign(customer(exp=None)),
    "expiry as a word": lambda p: p.okta.sign(customer(exp="tomorrow")),
    "not yet valid": lambda p: p.okta.sign(customer(nbf=int(time.time()) + 3600)),
    "issued in the future": lambda p: p.okta.sign(customer(iat=int(time.time()) + 3600)),
    "no issue time": lambda p: p.okta.sign(customer(iat=None)),
    "another audience": lambda p: p.okta.sign(customer(aud="api://payments")),
    "no audience": lambda p: p.okta.sign(customer(aud=None)),
    "no subject": lambda p: p.okta.sign(customer(sub=None)),
    "no issuer": lambda p: p.okta.sign(customer(iss=None)),
    "another issuer": lambda p: p.okta.sign(customer(iss="https://evil.example")),
    "issuer with a slash": lambda p: p.okta.sign(customer(iss=OKTA + "/")),
    "issuer in a list": lambda p: _unsigned({"alg": "RS256", "kid": "rsa-1"}, customer(iss=[OKTA])),
    "another tenant": lambda p: p.entra.sign(staff(iss=ENTRA.replace("1111-", "9999-"))),
    "entra key for an okta customer": lambda p: p.entra.sign(customer()),
    "okta key for staff": lambda p: p.okta.sign(staff()),
    "customer audience for staff": lambda p: p.entra.sign(staff(aud="api://concierge")),
    "staff without a role": lambda p: p.entra.sign(staff(roles=[])),
    "staff with an unknown role": lambda p: p.entra.sign(staff(roles=["Concierge.Owner"])),
    "staff with roles as text": lambda p: p.entra.sign(staff(roles="Concierge.Agent")),
    "an app without a person": lambda p: p.entra.sign(staff(idtyp="app")),
    "staff without object id": lambda p: p.entra.sign(staff(oid=None)),
    "customer without number": lambda p: p.okta.sign(customer(customer_id=None)),
    "customer number as a list": lambda p: p.okta.sign(customer(customer_id=["C000001"])),
    "an ID token": lambda p: p.okta.sign(customer(scp=None, cid=None, nonce="n")),
    "an ID token with scopes": lambda p: p.okta.sign(customer(at_hash="x")),
    "no scope": lambda p: p.okta.sign(customer(scp=None)),
    "a logout token": lambda p: p.okta.sign(customer(), typ="logout+jwt"),
    "a key id not published": lambda p: p.okta.sign(customer(), kid="rsa-9"),
    "a path as key id": lambda p: p.okta.sign(customer(), kid="../../etc/passwd"),
    "no key id": _without_kid,
    "critical extension": lambda p: p.okta.sign(customer(), crit=["exp"]),
    "own key in the header": lambda p: _self_signed(p, "jwk"),
    "own key by address": lambda p: _self_signed(p, "jku"),
    "alg none": lambda p: _unsigned({"alg": "none", "kid": "rsa-1", "typ": "JWT"}, customer()),
    "alg None in capitals": lambda p: _unsigned({"alg": "NONE", "kid": "rsa-1"}, customer()),
    "HS256 with the public key": _hs256,
    "ES256 with an own key": lambda p: jwt.encode(
        customer(), ec.generate_private_key(ec.SECP256R1()), algorithm="ES256", headers={"kid": "rsa-1"}
    ),
    "RS512": lambda p: jwt.encode(customer(), p.okta.keys["rsa-1"], algorithm="RS512", headers={"kid": "rsa-1"}),
    "signature cut": lambda p: p.okta.sign(customer())[:-20],
    "payload changed": lambda p: _swapped(p, customer(customer_id="C000002")),
    "not JSON": lambda p: "eyJhbGciOiJub25lIn0.bm90anNvbg.AAAA",
    "no base64": lambda p: "a.b.c",
    "empty parts": lambda p: "..",
    "oversized": lambda p: p.okta.sign(customer(name="x" * 9000)),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
async def test_a_forged_token_is_refused(providers: Providers, forged: Callable[[Providers], str]) -> None:
    await refused(providers.sign_in, forged(providers))


async def test_a_development_token_means_nothing_in_production(providers: Providers, tmp_path: Path) -> None:
    local = build_sign_in(Settings(home=tmp_path), PEOPLE)
    assert local.development is not None
    assert providers.sign_in.development is None
    await refused(providers.sign_in, str(local.development.token(ANNA.id)))
    await local.close()


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "Bearer short", "x" * 43, "Bearer " + "ä" * 43])
async def test_an_unreadable_authorization_header_is_refused(providers: Providers, header: str) -> None:
    with pytest.raises(SignInRefused):
        await providers.sign_in.speaker(header, "")


async def test_a_rotated_key_is_followed_and_the_old_one_no_longer_believed(providers: Providers) -> None:
    clock = Clock()
    keys = _keys(providers, clock)
    await keys.key("rsa-1")
    providers.okta.rotate("rsa-2")
    clock.now += 60
    assert (await keys.key("rsa-2")).key_id == "rsa-2"
    with pytest.raises(SignInRefused):
        await keys.key("rsa-1")


async def test_invented_key_ids_are_not_passed_on_to_the_provider(providers: Providers) -> None:
    keys = _keys(providers, Clock())
    for number in range(50):
        with pytest.raises(SignInRefused):
            await keys.key(f"invented-{number}")
    assert providers.okta.reads == 1


async def test_known_keys_serve_for_a_day_while_the_provider_is_down(providers: Providers) -> None:
    clock = Clock()
    keys = _keys(providers, clock)
    await keys.key("rsa-1")
    providers.okta.down = True
    clock.now += 23 * 3600
    assert (await keys.key("rsa-1")).key_id == "rsa-1"
    clock.now += 2 * 3600
    with pytest.raises(SignInUnavailable):
        await keys.key("rsa-1")


async def test_a_provider_that_was_never_reached_is_told_apart_from_a_bad_token(providers: Providers) -> None:
    providers.okta.down = True
    with pytest.raises(SignInUnavailable):
        await providers.sign_in.speaker(f"Bearer {providers.okta.sign(customer())}", "")


async def test_a_discovery_document_of_another_issuer_is_not_believed(providers: Providers) -> None:
    providers.okta.issuer = "https://evil.example"
    with pytest.raises(SignInUnavailable):
        await providers.sign_in.speaker(f"Bearer {providers.okta.sign(customer())}", "")


async def test_demo_people_get_real_tokens_of_their_own_kind(sign_in: SignIn) -> None:
    assert sign_in.development is not None
    anna = await sign_in.speaker(f"Bearer {sign_in.development.token(ANNA.id)}", "")
    sara = await sign_in.speaker(f"Bearer {sign_in.development.token(SARA.id)}", "")
    assert (anna.kind, anna.customer_id, anna.name) == ("customer", ANNA.id, ANNA.name)
    assert (sara.kind, sara.roles) == ("staff", frozenset({"agent"}))
    assert sign_in.development.token("nobody") is None


async def test_the_development_key_is_private_and_stays_with_its_home(tmp_path: Path) -> None:
    settings = Settings(env="development", home=tmp_path, host="localhost")
    first, again = build_sign_in(settings, PEOPLE), build_sign_in(settings, PEOPLE)
    file = tmp_path / "development-signing-key.pem"
    assert file.stat().st_mode & 0o777 == 0o600
    assert first.development is not None
    await again.speaker(f"Bearer {first.development.token(ANNA.id)}", "")
    file.chmod(0o644)
    await refused(build_sign_in(settings, PEOPLE), str(first.development.token(ANNA.id)))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"env": "production"}, "CONCIERGE_ENV is 'production'"),
        ({"host": "0.0.0.0"}, "listens on 0.0.0.0"),  # noqa: S104 - refused
        ({"profile_url": "https://profile.gamma.example"}, "not the embedded airline"),
        ({"okta_issuer": OKTA}, "CONCIERGE_OKTA_AUDIENCE is missing"),
        ({"okta_audience": "a"}, "CONCIERGE_OKTA_ISSUER is missing"),
        ({"entra_tenant": "common", "entra_audience": "a"}, "CONCIERGE_ENTRA_TENANT must be"),
        ({"okta_issuer": "http://127.0.0.1.evil.example", "okta_audience": "a"}, "must be an https address"),
    ],
)
def test_without_a_trustworthy_sign_in_the_start_is_refused(
    tmp_path: Path, changed: Mapping[str, Any], reason: str
) -> None:
    with pytest.raises(SettingsError, match=reason):
        build_sign_in(Settings(home=tmp_path, **changed), PEOPLE)
