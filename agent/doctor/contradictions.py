"""Settings that contradict each other, or that production should not have so. Nothing is asked of anybody."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from agent.doctor.finding import Finding, State
from agent.settings import Settings

SERVICES = 7
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
Rule = tuple[str, State, Callable[[Settings], bool], str, str]


def contradictions(settings: Settings) -> Iterator[Finding]:
    for subject, state, holds, what, remedy in (*_ALWAYS, *(_PRODUCTION if settings.env == "production" else ())):
        if holds(settings):
            yield Finding(subject=subject, state=state, what=what, remedy=remedy)


def _plain(url: str | None) -> bool:
    parts = urlsplit(url or "https://")
    return parts.scheme != "https" and parts.hostname not in LOOPBACK


def _shared(settings: Settings) -> bool:
    return (settings.database_url or "").startswith("postgresql")


def _hub(settings: Settings) -> bool:
    return settings.eventhub_connection is not None or settings.eventhub_namespace is not None


_ALWAYS: tuple[Rule, ...] = (
    (
        "services",
        "failed",
        lambda s: 0 < len(s.binding_urls()) < SERVICES,
        "Some services have a base URL and others have none.",
        "Set all of CONCIERGE_BOOKING_URL, _PROFILE_URL, _CONSENT_URL, _NOTIFICATION_URL, _CASE_URL, "
        "_COMPENSATION_URL and _PAYMENT_URL, or none of them.",
    ),
    (
        "services",
        "warning",
        lambda s: bool(s.services_client_id) and s.services_token_url is None,
        "There is a client id for the services and nowhere to get a token.",
        "Set CONCIERGE_SERVICES_TOKEN_URL.",
    ),
    (
        "event hub",
        "warning",
        lambda s: s.eventhub_connection is not None and s.eventhub_namespace is not None,
        "A connection string and a namespace are both set; the connection string is used.",
        "Unset CONCIERGE_EVENTHUB_CONNECTION to use the identity the process runs as.",
    ),
    (
        "event hub",
        "warning",
        lambda s: (s.eventhub_endpoint is not None or s.eventhub_ca is not None) and not _hub(s),
        "An address of the event hub is set, but no hub.",
        "Set CONCIERGE_EVENTHUB_NAMESPACE or CONCIERGE_EVENTHUB_CONNECTION.",
    ),
    (
        "telemetry",
        "warning",
        lambda s: s.otlp_headers is not None and s.otlp_endpoint is None,
        "Headers for a collector are set, but no collector.",
        "Set CONCIERGE_OTLP_ENDPOINT.",
    ),
    (
        "model",
        "warning",
        lambda s: s.second_model is not None and s.second_model == s.model,
        "The second model is the first one again, so it will not answer when that one is down.",
        "Set CONCIERGE_SECOND_MODEL to a deployment in another region, or unset it.",
    ),
    (
        "proxies",
        "failed",
        lambda s: any(network.prefixlen == 0 for network in s.trusted_proxies),
        "Every address is trusted as a gateway, so anybody may claim any address.",
        "Set CONCIERGE_TRUSTED_PROXIES to the networks of your gateways only.",
    ),
)
_PRODUCTION: tuple[Rule, ...] = (
    (
        "services",
        "failed",
        lambda s: not s.binding_urls(),
        "Production speaks with the embedded airline: what is booked there is booked nowhere.",
        "Set CONCIERGE_BOOKING_URL and the six other base URLs, or CONCIERGE_ENV=development.",
    ),
    (
        "services",
        "warning",
        lambda s: bool(s.binding_urls()) and s.services_token_url is None,
        "The services are called without a token.",
        "Set CONCIERGE_SERVICES_TOKEN_URL, _CLIENT_ID and _CLIENT_SECRET.",
    ),
    (
        "services",
        "warning",
        lambda s: any(map(_plain, s.binding_urls().values())),
        "A service is reached over http: what is said there can be read and changed on the way.",
        "Use https addresses.",
    ),
    (
        "okta",
        "warning",
        lambda s: s.okta_issuer is None and s.entra_tenant is not None,
        "Customers cannot sign in.",
        "Set CONCIERGE_OKTA_ISSUER and CONCIERGE_OKTA_AUDIENCE.",
    ),
    (
        "entra",
        "warning",
        lambda s: s.entra_tenant is None and s.okta_issuer is not None,
        "Staff cannot sign in, so nobody takes a conversation over.",
        "Set CONCIERGE_ENTRA_TENANT and CONCIERGE_ENTRA_AUDIENCE.",
    ),
    (
        "okta",
        "warning",
        lambda s: s.okta_issuer is not None and s.okta_client_id is None,
        "The chat page offers no sign-in; tokens come only from pages that embed it.",
        "Set CONCIERGE_OKTA_CLIENT_ID to an app of the type single-page application.",
    ),
    (
        "entra",
        "warning",
        lambda s: s.entra_tenant is not None and s.entra_client_id is None,
        "The desk page offers no sign-in.",
        "Set CONCIERGE_ENTRA_CLIENT_ID to an app registration with a single-page redirect to /desk.",
    ),
    (
        "database",
        "warning",
        lambda s: not _shared(s),
        "SQLite serves one process on one host.",
        "Set CONCIERGE_DATABASE_URL to a PostgreSQL database.",
    ),
    (
        "keys",
        "failed",
        lambda s: _shared(s) and (s.identity_key is None or s.audit_key is None),
        "Hosts that share a database make keys of their own: codes and audit seals of one mean nothing to another.",
        "Set CONCIERGE_IDENTITY_KEY and CONCIERGE_AUDIT_KEY on every host, each from `openssl rand -hex 32`.",
    ),
    (
        "proxies",
        "warning",
        lambda s: s.host not in LOOPBACK and not s.trusted_proxies,
        "Behind a gateway all people would share its address, and so one allowance.",
        "Set CONCIERGE_TRUSTED_PROXIES to the gateway's network.",
    ),
    (
        "event hub",
        "warning",
        lambda s: not _hub(s),
        "Events reach only this process; nothing is published to the landscape.",
        "Set CONCIERGE_EVENTHUB_NAMESPACE.",
    ),
    (
        "model",
        "warning",
        lambda s: s.model == "embedded",
        "Production answers with the embedded model.",
        "Set CONCIERGE_MODEL to azure:<deployment>.",
    ),
    (
        "telemetry",
        "warning",
        lambda s: s.otlp_endpoint is None,
        "Traces and logs reach no collector.",
        "Set CONCIERGE_OTLP_ENDPOINT.",
    ),
    (
        "telemetry",
        "warning",
        lambda s: s.log_format == "text",
        "Logs are lines of text, which a collector reads badly.",
        "Set CONCIERGE_LOG_FORMAT=json.",
    ),
    (
        "addresses",
        "warning",
        lambda s: s.public_url is None,
        "Links in notices would lead to the address this server listens on.",
        "Set CONCIERGE_PUBLIC_URL to where customers reach the chat.",
    ),
    (
        "addresses",
        "warning",
        lambda s: any(map(_plain, (s.public_url, s.chroma_url, *s.embed_origins, *s.allowed_origins))),
        "An address is http.",
        "Use https in CONCIERGE_PUBLIC_URL, _CHROMA_URL, _EMBED_ORIGINS and _ALLOWED_ORIGINS.",
    ),
)
