"""What a server accepts as proof of who is speaking, built once from its settings."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx

from agent.settings import Settings
from api.auth.clients import PageClients, page_client
from api.auth.development import LOOPBACK, DemoPerson, DevelopmentIssuer, development_key, require_development
from api.auth.errors import SignInRefused
from api.auth.keys import RemoteKeys
from api.auth.speakers import customer_speaker, staff_speaker
from api.auth.tokens import Issuer, TokenVerifier
from tools.context import Speaker
from tools.domain.errors import SettingsError

_SECRET_SIGNS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
_SECRET_LENGTH = range(32, 129)


@dataclass(frozen=True, kw_only=True)
class SignIn:
    verifier: TokenVerifier
    development: DevelopmentIssuer | None
    client: httpx.AsyncClient
    pages: PageClients = field(default_factory=PageClients)

    async def speaker(self, authorization: str | None, address: str) -> Speaker:
        """`Authorization` header -> who is speaking. A JWT names a person; anything else is a conversation's secret."""
        if authorization is None:
            return Speaker(kind="anonymous", address=address)
        scheme, _, bearer = authorization.partition(" ")
        bearer = bearer.strip()
        if scheme.lower() != "bearer" or not bearer:
            raise SignInRefused("Send 'Authorization: Bearer' with an access token or a conversation's secret.")
        if bearer.count(".") == 2:
            return replace(await self.verifier.verify(bearer), address=address)
        if len(bearer) not in _SECRET_LENGTH or not set(bearer) <= _SECRET_SIGNS:
            raise SignInRefused("This is neither an access token nor a conversation's secret.")
        return Speaker(kind="anonymous", secret=bearer, address=address)

    async def close(self) -> None:
        await self.client.aclose()


def build_sign_in(
    settings: Settings, people: Sequence[DemoPerson] = (), *, client: httpx.AsyncClient | None = None
) -> SignIn:
    """Raises SettingsError when there would be no trustworthy way to sign in."""
    client = client or httpx.AsyncClient(timeout=5)
    issuers = configured_issuers(settings, client)
    development = None if issuers else development_issuer(settings, people)
    verifier = TokenVerifier(development.issuers() if development else issuers)
    return SignIn(verifier=verifier, development=development, client=client, pages=page_clients(settings))


def page_clients(settings: Settings) -> PageClients:
    """Raises SettingsError for a half of one."""
    okta, entra = _okta(settings), _entra(settings)
    return PageClients(
        customers=page_client(
            "OKTA", issuer=okta and okta[0], client_id=settings.okta_client_id, scope=settings.okta_scope
        ),
        staff=page_client(
            "ENTRA",
            issuer=entra and entra[0],
            client_id=settings.entra_client_id,
            scope=settings.entra_scope or f"openid profile {settings.entra_audience}/.default",
        ),
    )


def development_issuer(settings: Settings, people: Sequence[DemoPerson]) -> DevelopmentIssuer:
    """Raises SettingsError where tokens for demo people have no place."""
    if settings.okta_issuer or settings.entra_tenant:
        raise SettingsError("A sign-in service is configured, so there are no demo people to sign in as.")
    require_development_of(settings)
    return DevelopmentIssuer(development_key(settings.home), people)


def require_development_of(settings: Settings) -> None:
    require_development(environment=settings.env or "", host=settings.host, sandboxed=not settings.binding_urls())


def configured_issuers(settings: Settings, client: httpx.AsyncClient) -> tuple[Issuer, ...]:
    issuers = []
    if okta := _okta(settings):
        issuers.append(_issuer("okta", okta, client, customer_speaker))
    if entra := _entra(settings):
        issuers.append(_issuer("entra", entra, client, staff_speaker))
    return tuple(issuers)


def _issuer(
    provider: Literal["okta", "entra"],
    where: tuple[str, str],
    client: httpx.AsyncClient,
    speaker: Callable[[Mapping[str, Any]], Speaker],
) -> Issuer:
    url, audience = where
    return Issuer(provider=provider, url=url, audience=audience, keys=RemoteKeys(client, url), speaker=speaker)


def _okta(settings: Settings) -> tuple[str, str] | None:
    """Issuer and audience."""
    given = _both("OKTA", "ISSUER", settings.okta_issuer, settings.okta_audience)
    return given and (_https("CONCIERGE_OKTA_ISSUER", given[0]), given[1])


def _entra(settings: Settings) -> tuple[str, str] | None:
    given = _both("ENTRA", "TENANT", settings.entra_tenant, settings.entra_audience)
    authority = _https("CONCIERGE_ENTRA_AUTHORITY", settings.entra_authority).rstrip("/")
    return given and (f"{authority}/{_tenant(given[0])}/v2.0", given[1])


def _both(provider: str, name: str, value: str | None, audience: str | None) -> tuple[str, str] | None:
    if value and audience:
        return value, audience
    if value or audience:
        missing = "AUDIENCE" if value else name
        raise SettingsError(f"CONCIERGE_{provider}_{missing} is missing: {name} and AUDIENCE belong together.")
    return None


def _https(name: str, address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise SettingsError(f"{name} must be an https address.")
    return address


def _tenant(tenant: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", tenant):
        raise SettingsError("CONCIERGE_ENTRA_TENANT must be the tenant's id (a UUID): tokens name it in their issuer.")
    return tenant.lower()
