"""The signing keys of an identity provider: OpenID Connect discovery, then its JWKS, kept and rotated."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import httpx
import jwt

from api.auth.errors import SignInRefused, SignInUnavailable

# An allow-list by key type: a token's own `alg` never chooses how it is checked.
ALGORITHMS: Mapping[str, str] = {"RSA": "RS256", "EC": "ES256"}
_MINIMUM_RSA_BITS = 2048  # NIST SP 800-131A
_FRESH = 3600.0
_STALE_AT_MOST = 24 * 3600.0
_BETWEEN_FETCHES = 30.0
_FETCH_TIMEOUT = 5.0


class KeySource(Protocol):
    async def key(self, kid: str) -> jwt.PyJWK: ...


class RemoteKeys:
    """Keys by discovery. A key id not seen before makes one new fetch, at most every 30 s, so that rotation is followed
    and a flood of invented key ids is not passed on. While the provider is down, known keys serve for a day."""

    def __init__(self, client: httpx.AsyncClient, issuer: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._issuer = issuer
        self._clock = clock
        self._lock = asyncio.Lock()
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._read_at: float | None = None
        self._tried_at: float | None = None
        self._trouble = False

    async def key(self, kid: str) -> jwt.PyJWK:
        if self._wants_fetch(kid):
            async with self._lock:
                if self._wants_fetch(kid):
                    await self._refresh()
        found = self._keys.get(kid)
        if found is not None and self._age() <= _STALE_AT_MOST:
            return found
        if self._trouble:
            raise SignInUnavailable("The sign-in service cannot be reached right now. Please try again in a minute.")
        raise SignInRefused("The access token is signed with a key its issuer does not publish.")

    def _age(self) -> float:
        return float("inf") if self._read_at is None else self._clock() - self._read_at

    def _wants_fetch(self, kid: str) -> bool:
        recently = self._tried_at is not None and self._clock() - self._tried_at < _BETWEEN_FETCHES
        return not recently and (kid not in self._keys or self._age() > _FRESH)

    async def _refresh(self) -> None:
        self._tried_at = self._clock()
        try:
            async with asyncio.timeout(_FETCH_TIMEOUT):
                self._keys = await read_keys(self._client, self._issuer)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, KeyError):
            self._trouble = True
        else:
            self._trouble, self._read_at = False, self._tried_at


async def read_keys(client: httpx.AsyncClient, issuer: str) -> Mapping[str, jwt.PyJWK]:
    """By discovery. Raises httpx.HTTPError, httpx.InvalidURL, ValueError or KeyError."""
    document = await _read(client, issuer.rstrip("/") + "/.well-known/openid-configuration")
    if document.get("issuer") != issuer:
        raise ValueError("the discovery document names another issuer")
    return signing_keys(await _read(client, str(document["jwks_uri"])))


async def _read(client: httpx.AsyncClient, url: str) -> dict[str, Any]:
    answer = await client.get(url, headers={"Accept": "application/json"})
    answer.raise_for_status()
    body = answer.json()
    if not isinstance(body, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - handled with every other malformed answer
    return body


def signing_keys(document: Mapping[str, Any]) -> Mapping[str, jwt.PyJWK]:
    """{"keys": [...]} -> keys by id; those that cannot check RS256 or ES256 signatures are left out."""
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise ValueError("a key set without keys")  # noqa: TRY004 - see _read
    usable = (_signing_key(entry) for entry in listed if isinstance(entry, dict))
    return {key.key_id: key for key in usable if key is not None and key.key_id}


def _signing_key(entry: Mapping[str, Any]) -> jwt.PyJWK | None:
    algorithm = ALGORITHMS.get(str(entry.get("kty")))
    if algorithm is None or entry.get("use", "sig") != "sig" or entry.get("alg", algorithm) != algorithm:
        return None
    if algorithm == "ES256" and entry.get("crv") != "P-256":
        return None
    try:
        key = jwt.PyJWK(dict(entry), algorithm=algorithm)
    except jwt.PyJWTError:
        return None
    return None if algorithm == "RS256" and key.key.key_size < _MINIMUM_RSA_BITS else key
