"""The airline's services, bound to HTTP: real ones by their base URLs, or the embedded airline in this process."""

import ssl
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import httpx

from tools.clients.booking import HttpBookings
from tools.clients.cases import HttpCases
from tools.clients.compensation import HttpCompensation
from tools.clients.consent import HttpConsents
from tools.clients.notification import HttpNotifications
from tools.clients.payment import HttpPayments
from tools.clients.profile import HttpProfiles
from tools.clients.resilience import Monotonic, Patience, Resilience, Sleep
from tools.clients.wire import Wire
from tools.domain.errors import SettingsError
from tools.ports import Services

SERVICES = ("booking", "profile", "consent", "notification", "case", "compensation", "payment")
AsgiApp = Callable[..., Awaitable[Any]]
"""As httpx takes it: an application object of no nearer type."""


def connect_services(
    base: Mapping[str, str] | AsgiApp,
    *,
    now: Callable[[], datetime],
    sleep: Sleep,
    monotonic: Monotonic,
    auth: httpx.Auth | None = None,
    patience: Patience = Patience(),  # noqa: B008 - frozen
    trace: Callable[[], Mapping[str, str]] = dict,
) -> Services:
    """base: a URL for each name of SERVICES, or an ASGI app that serves them all.

    Each service has its own connections and its own circuit breaker, so that a slow one holds up no other. Without
    auth the client names itself by a token that only the embedded airline accepts. Raises SettingsError for a missing
    or malformed URL.
    """

    trusted = httpx.create_ssl_context() if isinstance(base, Mapping) else None

    def wire(service: str) -> Wire:
        return Wire(
            service=service,
            http=_client(service, base, auth, patience, trusted),
            resilience=Resilience(service, patience=patience, sleep=sleep, monotonic=monotonic),
            now=now,
            trace=trace,
        )

    wires = {service: wire(service) for service in SERVICES}

    async def aclose() -> None:
        for opened in wires.values():
            await opened.http.aclose()

    return Services(
        booking=HttpBookings(wires["booking"]),
        profile=HttpProfiles(wires["profile"]),
        consent=HttpConsents(wires["consent"]),
        notification=HttpNotifications(wires["notification"]),
        cases=HttpCases(wires["case"]),
        compensation=HttpCompensation(wires["compensation"]),
        payment=HttpPayments(wires["payment"]),
        aclose=aclose,
        resting=lambda: [service for service, wire in wires.items() if wire.resilience.breaker.is_open],
    )


def _client(
    service: str,
    base: Mapping[str, str] | AsgiApp,
    auth: httpx.Auth | None,
    patience: Patience,
    trusted: ssl.SSLContext | None,
) -> httpx.AsyncClient:
    """trusted: read from disk once for all services, which takes longer than all else here."""
    headers = {} if auth else {"Authorization": "Bearer concierge"}
    if not isinstance(base, Mapping):
        transport = httpx.ASGITransport(base, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://sandbox", headers=headers, auth=auth)
    url = base.get(service, "").rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise SettingsError(f"The {service} service needs a base URL that starts with http:// or https://.")
    return httpx.AsyncClient(
        base_url=url,
        headers=headers,
        auth=auth,
        timeout=httpx.Timeout(patience.attempt),
        trust_env=False,
        verify=trusted or True,
    )
