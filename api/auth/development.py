"""The development issuer: real tokens for the demo people, on this machine and for the sandbox only."""

import os
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from api.auth.errors import SignInRefused
from api.auth.keys import signing_keys
from api.auth.speakers import customer_speaker, staff_speaker
from api.auth.tokens import Issuer
from tools.domain.errors import SettingsError

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
CUSTOMERS = "urn:concierge:development:customers"
STAFF = "urn:concierge:development:staff"
_AUDIENCE = "concierge"
_LIFETIME = 12 * 3600
_KEY_ID = "development"
_KEY_FILE = "development-signing-key.pem"


class DemoPerson(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> Literal["customer", "agent", "supervisor", "evaluator"]: ...
    @property
    def story(self) -> str: ...
    @property
    def record_locator(self) -> str | None: ...


@dataclass(frozen=True, kw_only=True)
class _OwnKey:
    key_: jwt.PyJWK

    async def key(self, kid: str) -> jwt.PyJWK:
        if kid != _KEY_ID:
            raise SignInRefused("The access token is signed with a key its issuer does not publish.")
        return self.key_


class DevelopmentIssuer:
    def __init__(self, private_key: ec.EllipticCurvePrivateKey, people: Sequence[DemoPerson]) -> None:
        self._private_key = private_key
        self.people: Mapping[str, DemoPerson] = {person.id: person for person in people}

    def token(self, subject: str) -> str | None:
        """An access token of twelve hours; None: nobody of that name among the demo people."""
        person = self.people.get(subject)
        if person is None:
            return None
        now = int(time.time())
        claims = _claims_of(person) | {
            "aud": _AUDIENCE,
            "iat": now,
            "nbf": now,
            "exp": now + _LIFETIME,
            "jti": secrets.token_hex(8),
            "cid": "development",
            "scp": ["concierge"],
        }
        return jwt.encode(claims, self._private_key, algorithm="ES256", headers={"kid": _KEY_ID, "typ": "at+jwt"})

    def issuers(self) -> tuple[Issuer, Issuer]:
        """Customers and staff have an issuer each, as with Okta and Entra ID: roles come from the second only."""
        jwk = jwt.algorithms.ECAlgorithm.to_jwk(self._private_key.public_key(), as_dict=True)
        keys = _OwnKey(key_=signing_keys({"keys": [jwk | {"kid": _KEY_ID}]})[_KEY_ID])
        issuer = partial(Issuer, provider="development", audience=_AUDIENCE, keys=keys)
        return issuer(url=CUSTOMERS, speaker=customer_speaker), issuer(url=STAFF, speaker=staff_speaker)


def _claims_of(person: DemoPerson) -> dict[str, object]:
    if person.role == "customer":
        return {"iss": CUSTOMERS, "sub": person.id, "customer_id": person.id, "name": person.name}
    roles = [f"Concierge.{person.role.capitalize()}"]
    return {"iss": STAFF, "sub": person.id, "oid": person.id, "roles": roles, "name": person.name}


def development_key(home: Path) -> ec.EllipticCurvePrivateKey:
    """The key of this home, made at first use. One that others could read or that is damaged is replaced."""
    path = home / _KEY_FILE
    kept = _kept_key(path)
    if kept is not None:
        return kept
    home.mkdir(parents=True, exist_ok=True)
    made = ec.generate_private_key(ec.SECP256R1())
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(
            made.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    draft.replace(path)
    return made


def _kept_key(path: Path) -> ec.EllipticCurvePrivateKey | None:
    try:
        if path.stat().st_mode & 0o077:
            return None
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError):
        return None
    return key if isinstance(key, ec.EllipticCurvePrivateKey) else None


def require_development(*, environment: str, host: str, sandboxed: bool) -> None:
    """No identity provider is configured: may the development issuer stand in? Raises SettingsError if not."""
    broken = [
        reason
        for holds, reason in (
            (environment in {"", "development"}, f"CONCIERGE_ENV is '{environment}'"),
            (host in LOOPBACK, f"the server listens on {host}, not on the loopback address"),
            (sandboxed, "a service binding is not the embedded airline"),
        )
        if not holds
    ]
    if broken:
        raise SettingsError(
            f"No sign-in is configured and the development sign-in is not allowed here: {'; '.join(broken)}. "
            "Set CONCIERGE_OKTA_ISSUER and CONCIERGE_OKTA_AUDIENCE (customers), "
            "CONCIERGE_ENTRA_TENANT and CONCIERGE_ENTRA_AUDIENCE (staff)."
        )
