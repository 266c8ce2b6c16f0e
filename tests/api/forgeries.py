"""Tokens that must open nothing, by what is wrong with them; each is made with the provider's real keys."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.identity import STAFF_PATH, TENANT, Claims, IdentityProvider, Realm

Forge = Callable[[IdentityProvider], str]
_SOON, _LATER = 3600, 86_400


def _b64(value: bytes | Mapping[str, Any]) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unsigned(claims: Claims, signature: str = "", **header: Any) -> str:
    return f"{_b64(header)}.{_b64(claims)}.{signature}"


def _raw(realm: Realm, payload: bytes, **header: Any) -> str:
    """Any bytes as payload, signed with the realm's own key: as if the provider itself had gone mad."""
    signed = f"{_b64({'alg': 'RS256', 'kid': _kid(realm), 'typ': 'JWT'} | header)}.{_b64(payload)}"
    key = realm.keys[_kid(realm)]
    return (
        f"{signed}.{_b64(jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(signed.encode(), key))}"
    )


def _kid(realm: Realm) -> str:
    return sorted(realm.published)[-1]


def _hmac(realm: Realm, secret: bytes) -> str:
    """The classic: the public key taken for a shared secret."""
    signed = f"{_b64({'alg': 'HS256', 'kid': _kid(realm), 'typ': 'JWT'})}.{_b64(realm.claims())}"
    return f"{signed}.{_b64(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def _pem(realm: Realm) -> bytes:
    public = realm.keys[_kid(realm)].public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _own(realm: Realm, **header: Any) -> str:
    """Everything is right but the key, which is the attacker's."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(realm.claims(), key, algorithm="RS256", headers={"kid": _kid(realm)} | header)


def _own_jwk() -> dict[str, Any]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    found: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return found


def _elliptic(realm: Realm, signature: bytes | None = None) -> str:
    if signature is not None:
        return _unsigned(realm.claims(), _b64(signature), alg="ES256", kid=_kid(realm))
    own = ec.generate_private_key(ec.SECP256R1())
    return jwt.encode(realm.claims(), own, algorithm="ES256", headers={"kid": _kid(realm)})


def _signed_as(realm: Realm, algorithm: str) -> str:
    return jwt.encode(realm.claims(), realm.keys[_kid(realm)], algorithm=algorithm, headers={"kid": _kid(realm)})


def _transplanted(realm: Realm, **changed: Any) -> str:
    """A good token's signature under other claims."""
    header, _, signature = realm.token().split(".")
    return f"{header}.{_b64(realm.claims(**changed))}.{signature}"


def _rotated_out(realm: Realm) -> str:
    """Signed with a key that the provider has published once and has withdrawn."""
    return jwt.encode(realm.claims(), realm.keys["rsa-1"], algorithm="RS256", headers={"kid": "rsa-1"})


def _nested(realm: Realm) -> str:
    return _raw(realm, json.dumps(realm.token()).encode(), cty="JWT")


def _doubled(realm: Realm) -> str:
    """The same claim twice: one reader believes the first, another the last."""
    body = json.dumps(realm.claims())
    return _raw(realm, (body[:-1] + ', "iss": "https://evil.example"}').encode())


def _deep(depth: int = 2500) -> bytes:
    return b'{"iss": ' + b"[" * depth + b"]" * depth + b"}"


def _at(**span: int) -> int:
    return int(time.time()) + sum(span.values())


CUSTOMER: Mapping[str, Forge] = {
    "expired": lambda p: p.customers.token(exp=_at(ago=-_SOON)),
    "expired-just-beyond-the-leeway": lambda p: p.customers.token(exp=_at(ago=-90)),
    "never-expires": lambda p: p.customers.token(exp=None),
    "expiry-as-a-word": lambda p: p.customers.token(exp="tomorrow"),
    "expiry-infinite": lambda p: _raw(p.customers, json.dumps(p.customers.claims(exp=float("inf"))).encode()),
    "expiry-as-a-list": lambda p: p.customers.token(exp=[_at(ahead=600)]),
    "not-yet-valid": lambda p: p.customers.token(nbf=_at(ahead=_SOON)),
    "not-before-infinite": lambda p: _raw(p.customers, json.dumps(p.customers.claims(nbf=float("inf"))).encode()),
    "issued-in-the-future": lambda p: p.customers.token(iat=_at(ahead=_LATER), exp=_at(ahead=2 * _LATER)),
    "no-issue-time": lambda p: p.customers.token(iat=None),
    "another-audience": lambda p: p.customers.token(aud="api://payments"),
    "audience-of-a-longer-name": lambda p: p.customers.token(aud="api://concierge.evil.example"),
    "no-audience": lambda p: p.customers.token(aud=None),
    "audience-of-an-object": lambda p: p.customers.token(aud={"api://concierge": True}),
    "no-subject": lambda p: p.customers.token(sub=None),
    "subject-as-a-number": lambda p: _raw(p.customers, json.dumps(p.customers.claims(sub=1)).encode()),
    "no-issuer": lambda p: p.customers.token(iss=None),
    "another-issuer": lambda p: p.customers.token(iss="https://evil.example"),
    "issuer-with-a-slash": lambda p: p.customers.token(iss=p.customers.issuer + "/"),
    "issuer-in-a-list": lambda p: _raw(p.customers, json.dumps(p.customers.claims(iss=[p.customers.issuer])).encode()),
    "issuer-twice": lambda p: _doubled(p.customers),
    "customer-without-number": lambda p: p.customers.token(customer_id=None),
    "customer-number-as-a-list": lambda p: p.customers.token(customer_id=["C000001"]),
    "customer-number-empty": lambda p: p.customers.token(customer_id=""),
    "an-id-token": lambda p: p.customers.id_token("Ada Lindqvist", secrets.token_hex()),
    "an-id-token-for-our-audience": lambda p: p.customers.token(scp=None, cid=None, nonce="n"),
    "an-id-token-with-scopes": lambda p: p.customers.token(at_hash="x"),
    "no-scope": lambda p: p.customers.token(scp=None),
    "no-client": lambda p: p.customers.token(cid=None),
    "a-logout-token": lambda p: p.customers.token(header={"typ": "logout+jwt"}),
    "a-proof-of-possession-token": lambda p: p.customers.token(header={"typ": "dpop+jwt"}),
    "a-development-token": lambda p: p.customers.sign(
        p.customers.claims(iss="urn:concierge:development:customers", aud="concierge"), kid="development"
    ),
}

KEYS: Mapping[str, Forge] = {
    "kid-not-published": lambda p: p.customers.token(header={"kid": "rsa-9"}),
    "kid-as-a-path": lambda p: p.customers.token(header={"kid": "../../../../dev/null"}),
    "kid-as-sql": lambda p: p.customers.token(header={"kid": "x' UNION SELECT 'key' -- "}),
    "kid-as-an-address": lambda p: p.customers.token(header={"kid": "http://127.0.0.1:1/keys"}),
    "kid-as-a-command": lambda p: p.customers.token(header={"kid": "|/bin/true"}),
    "kid-with-a-null-byte": lambda p: p.customers.token(header={"kid": "rsa-2\x00"}),
    "kid-as-a-number": lambda p: _raw(p.customers, json.dumps(p.customers.claims()).encode(), kid=1),
    "kid-missing": lambda p: _raw(p.customers, json.dumps(p.customers.claims()).encode(), kid=None),
    "key-in-the-header": lambda p: _own(p.customers, jwk=_own_jwk()),
    "key-by-jku": lambda p: _own(p.customers, jku=f"{p.customers.issuer}/evil"),
    "key-by-x5u": lambda p: _own(p.customers, x5u=f"{p.customers.issuer}/evil"),
    "key-by-x5c": lambda p: _own(p.customers, x5c=["MIIB"]),
    "key-of-an-attacker": lambda p: _own(p.customers),
    "key-withdrawn": lambda p: _rotated_out(p.customers),
    "key-of-the-staffs-issuer": lambda p: p.staff.sign(p.customers.claims(), kid="rsa-2"),
    "alg-none": lambda p: _unsigned(p.customers.claims(), alg="none", kid="rsa-2", typ="JWT"),
    "alg-none-in-capitals": lambda p: _unsigned(p.customers.claims(), alg="NoNe", kid="rsa-2"),
    "alg-none-with-a-signature": lambda p: _unsigned(p.customers.claims(), _b64(b"x" * 256), alg="none", kid="rsa-2"),
    "alg-missing": lambda p: _unsigned(p.customers.claims(), kid="rsa-2"),
    "alg-as-a-list": lambda p: _unsigned(p.customers.claims(), alg=["RS256", "none"], kid="rsa-2"),
    "alg-in-small-letters": lambda p: _raw(p.customers, json.dumps(p.customers.claims()).encode(), alg="rs256"),
    "hs256-with-the-public-key": lambda p: _hmac(p.customers, _pem(p.customers)),
    "hs256-with-the-jwk": lambda p: _hmac(p.customers, json.dumps(p.customers.jwk("rsa-2")).encode()),
    "hs256-with-an-empty-secret": lambda p: _hmac(p.customers, b""),
    "rs512": lambda p: _signed_as(p.customers, "RS512"),
    "ps256": lambda p: _signed_as(p.customers, "PS256"),
    "es256-with-an-own-key": lambda p: _elliptic(p.customers),
    "es256-of-zeros": lambda p: _elliptic(p.customers, bytes(64)),
}

SHAPES: Mapping[str, Forge] = {
    "signature-cut": lambda p: p.customers.token()[:-20],
    "signature-of-another-token": lambda p: _transplanted(p.customers, name="Somebody Else"),
    "replayed-for-another-customer": lambda p: _transplanted(
        p.customers, sub="marco@example.com", customer_id="C000002"
    ),
    "critical-extension": lambda p: p.customers.token(header={"crit": ["exp"]}),
    "critical-unencoded-payload": lambda p: p.customers.token(header={"crit": ["b64"], "b64": False}),
    "nested": lambda p: _nested(p.customers),
    "encrypted": lambda p: ".".join([_b64({"alg": "RSA-OAEP", "enc": "A256GCM"}), *[_b64(b"x" * 40)] * 4]),
    "one-part-more": lambda p: p.customers.token() + ".AAAA",
    "payload-a-list": lambda p: _raw(p.customers, b"[1, 2]"),
    "payload-not-json": lambda p: _raw(p.customers, b"iss=okta"),
    "payload-not-utf8": lambda p: _raw(p.customers, b'{"iss": "\xff\xfe"}'),
    "payload-endlessly-deep": lambda p: _raw(p.customers, _deep()),
    "payload-a-number-without-end": lambda p: _raw(p.customers, b'{"exp": ' + b"9" * 5000 + b"}"),
    "header-a-list": lambda p: f"{_b64(b'[]')}.{_b64(p.customers.claims())}.AAAA",
    "header-endlessly-deep": lambda p: f"{_b64(_deep())}.e30.AAAA",
    "no-base64": lambda p: "a.b.c",
    "base64-of-another-alphabet": lambda p: "+/+/.+/+/.+/+/",
    "empty-parts": lambda p: "..",
    "oversized": lambda p: p.customers.token(name="x" * 9000),
}

STAFF: Mapping[str, Forge] = {
    "another-tenant": lambda p: p.staff.token(iss=p.staff.issuer.replace("1111-", "9999-")),
    "the-common-tenant": lambda p: p.staff.token(iss=p.staff.issuer.replace(TENANT, "common")),
    "the-old-entra-issuer": lambda p: p.staff.token(iss=f"https://sts.windows.net/{TENANT}/", ver="1.0"),
    "staff-key-of-the-customers-issuer": lambda p: p.customers.sign(p.staff.claims(), kid="rsa-1"),
    "staff-with-the-customers-audience": lambda p: p.staff.token(aud=p.customers.audience),
    "staff-without-a-role": lambda p: p.staff.token(roles=[]),
    "staff-with-an-unknown-role": lambda p: p.staff.token(roles=["Concierge.Owner"]),
    "staff-role-in-small-letters": lambda p: p.staff.token(roles=["concierge.supervisor"]),
    "staff-roles-as-text": lambda p: p.staff.token(roles="Concierge.Supervisor"),
    "staff-roles-in-scopes": lambda p: p.staff.token(roles=None, scp="Concierge.Supervisor"),
    "staff-roles-of-objects": lambda p: p.staff.token(roles=[{"Concierge.Agent": True}]),
    "an-app-without-a-person": lambda p: p.staff.token(idtyp="app"),
    "staff-without-object-id": lambda p: p.staff.token(oid=None),
    "a-customer-at-the-staffs-issuer": lambda p: p.staff.sign(
        p.customers.claims(iss=p.staff.issuer, aud=p.staff.audience)
    ),
    "a-development-supervisor": lambda p: p.staff.token(iss="urn:concierge:development:staff", aud="concierge"),
    "issuer-with-the-path-of-another": lambda p: p.staff.token(iss=f"https://evil.example{STAFF_PATH}"),
}

FORGED: Mapping[str, Forge] = {**CUSTOMER, **KEYS, **SHAPES, **STAFF}
