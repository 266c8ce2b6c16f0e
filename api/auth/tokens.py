"""One question: is this bearer token good, and who is speaking?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import jwt

from api.auth.errors import SignInRefused
from api.auth.keys import KeySource
from api.auth.speakers import require_access_token
from tools.context import Speaker

_LONGEST = 8192
_LEEWAY = 60  # seconds of clock difference between us and the issuer


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """An identity provider we trust for one kind of people. `url` equals the token's `iss` to the letter."""

    provider: Literal["okta", "entra", "development"]
    url: str
    audience: str
    keys: KeySource
    speaker: Callable[[Mapping[str, Any]], Speaker]


class TokenVerifier:
    def __init__(self, issuers: tuple[Issuer, ...]) -> None:
        self.issuers = issuers
        self._issuers = {issuer.url: issuer for issuer in issuers}

    async def verify(self, token: str) -> Speaker:
        """Raises SignInRefused, or SignInUnavailable when the issuer's keys cannot be read."""
        header, issuer = self._read_unverified(token)
        key = await issuer.keys.key(str(header["kid"]))
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                issuer=issuer.url,
                audience=issuer.audience,
                leeway=_LEEWAY,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise SignInRefused("Your sign-in has expired. Please sign in again.") from None
        except jwt.PyJWTError:
            raise SignInRefused("The access token is not valid here.") from None
        require_access_token(header, claims)
        return issuer.speaker(claims)

    def _read_unverified(self, token: str) -> tuple[Mapping[str, Any], Issuer]:
        """Only to choose the issuer and its key; nothing read here is believed."""
        if len(token) > _LONGEST:
            raise SignInRefused("The access token is too long.")
        try:
            unverified = jwt.decode_complete(token, options={"verify_signature": False})
        except (jwt.PyJWTError, ValueError):
            raise SignInRefused("The access token cannot be read.") from None
        header, named = unverified["header"], unverified["payload"].get("iss")
        issuer = self._issuers.get(named) if isinstance(named, str) else None
        if issuer is None:
            raise SignInRefused("The access token comes from an issuer that is not trusted here.")
        if not isinstance(header.get("kid"), str) or "crit" in header:
            raise SignInRefused("The access token cannot be read.")
        return header, issuer
