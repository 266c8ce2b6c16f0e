"""How Concierge proves to the services which system it is: OAuth 2.0 client credentials (RFC 6749, section 4.4)."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import datetime, timedelta

import httpx
from pydantic import BaseModel, SecretStr, ValidationError

from tools.domain.errors import ServiceUnavailable

_EARLY = timedelta(seconds=30)


class _Token(BaseModel):
    access_token: SecretStr
    expires_in: int = 300


class ClientCredentials(httpx.Auth):
    """One token for all requests, fetched anew half a minute before it ends, or once when a service refuses it."""

    def __init__(
        self, token_url: str, client_id: str, client_secret: str, *, scope: str = "", now: Callable[[], datetime]
    ) -> None:
        self._token_url = token_url
        self._client = (client_id, client_secret)
        self._scope = scope
        self._now = now
        self._token: _Token | None = None
        self._ends_at: datetime | None = None
        self._fetching = asyncio.Lock()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        async with self._fetching:
            if self._ends_at is None or self._now() >= self._ends_at:
                await self._keep((yield self._ask()))
        used = self._bearer(request)
        response = yield request
        if response.status_code != 401:
            return
        async with self._fetching:
            if self._token is used:
                await self._keep((yield self._ask()))
        self._bearer(request)
        yield request

    def _bearer(self, request: httpx.Request) -> _Token:
        if self._token is None:
            raise ServiceUnavailable("sign-in", "no token")
        request.headers["Authorization"] = f"Bearer {self._token.access_token.get_secret_value()}"
        return self._token

    def _ask(self) -> httpx.Request:
        form = {"grant_type": "client_credentials"} | ({"scope": self._scope} if self._scope else {})
        asked = httpx.Request("POST", self._token_url, data=form)
        signed: httpx.Request = next(httpx.BasicAuth(*self._client).auth_flow(asked))
        return signed

    async def _keep(self, response: httpx.Response) -> None:
        if response.status_code != 200:
            raise ServiceUnavailable("sign-in", f"answered {response.status_code}")
        try:
            self._token = _Token.model_validate_json(await response.aread())
        except ValidationError:
            raise ServiceUnavailable("sign-in", "answered without a token") from None
        self._ends_at = self._now() + timedelta(seconds=self._token.expires_in) - _EARLY
