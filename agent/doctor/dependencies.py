"""What is reached over a network or kept by somebody else; each is asked once and nothing is changed."""

import asyncio
from datetime import UTC, datetime

from agent.doctor.finding import Finding, broken, doubtful, well
from agent.doctor.listing import without_password
from agent.errors import StoreUnavailable
from agent.events.wiring import address_of
from agent.model_check import check_models
from agent.settings import Settings
from agent.store.checking import read_schema
from agent.store.database import sqlite_url
from knowledge.chroma import IndexUnavailable, connect, disconnect
from tools.clients.oauth import ClientCredentials
from tools.clients.reaching import Reached, reach
from tools.domain.errors import ConciergeError, ServiceUnavailable

_UPGRADE = "Run `concierge db upgrade`; `concierge serve` does it too when it starts."


async def check_dependencies(settings: Settings) -> list[Finding]:
    """In the order a person would look at them."""
    asked = await asyncio.gather(
        _database(settings), _chroma(settings), _models(settings), _services(settings), _hub(settings), _otlp(settings)
    )
    return [finding for findings in asked for finding in findings]


async def _database(settings: Settings) -> list[Finding]:
    file = settings.home / "concierge.db"
    if settings.database_url is None and not file.exists():
        return [well("database", f"SQLite, to be made at the first start in {file}")]
    shown = without_password(settings.database_url or f"SQLite in {file}")
    try:
        schema = await read_schema(settings.database_url or sqlite_url(file))
    except StoreUnavailable as error:
        remedy = "See that the database runs, and that CONCIERGE_DATABASE_URL has the right host, name and password."
        return [broken("database", f"{shown}: {error}", remedy)]
    if schema.current != schema.wanted:
        was = schema.current or "none"
        return [doubtful("database", f"{shown}: schema {was}, this release has {schema.wanted}", _UPGRADE)]
    return [well("database", f"{shown}, schema {schema.current}")]


async def _chroma(settings: Settings) -> list[Finding]:
    if settings.chroma_url is None:
        return [well("chroma", f"embedded, in {settings.home / 'chroma'}")]
    try:
        disconnect(await asyncio.to_thread(connect, settings.chroma_url))
    except IndexUnavailable as error:
        remedy = "See that `chroma run` answers at CONCIERGE_CHROMA_URL; until then words alone are compared."
        return [broken("chroma", f"{settings.chroma_url}: {error}", remedy)]
    return [well("chroma", f"{settings.chroma_url} answers")]


async def _models(settings: Settings) -> list[Finding]:
    """Each remote model is asked for one word; the embedded one is always there."""
    if settings.model == "embedded":
        return [well("model", "embedded")]
    try:
        reports = await check_models(settings)
    except ConciergeError as error:
        return [broken("model", str(error), "Set what the line names.")]
    return [
        Finding(subject="model", state="ok" if r.works else "failed", what=f"{r.name}: {r.what}", remedy=r.remedy)
        for r in reports
    ]


async def _services(settings: Settings) -> list[Finding]:
    bound = settings.binding_urls()
    if not bound:
        return [well("services", "the embedded airline")]
    auth = _credentials(settings)
    try:
        answers = [await reach(url, auth=auth) for url in bound.values()]
    except ServiceUnavailable as error:
        remedy = "Check CONCIERGE_SERVICES_TOKEN_URL, _CLIENT_ID, _CLIENT_SECRET and _SCOPE."
        return [broken("services", f"No token for the services: {error.detail}", remedy)]
    return [_service(name, url, answer) for (name, url), answer in zip(bound.items(), answers, strict=True)]


def _service(name: str, url: str, answer: Reached) -> Finding:
    subject, variable = f"{name} service", f"CONCIERGE_{name.upper()}_URL"
    if answer.status is None:
        return broken(subject, f"{url}: {answer.trouble}", f"Check {variable}, the network and the certificate.")
    if answer.status in {401, 403}:
        remedy = "Give this client the service's scope, or correct CONCIERGE_SERVICES_SCOPE."
        return broken(subject, f"{url} refuses our token ({answer.status})", remedy)
    if answer.status >= 500:
        return broken(subject, f"{url} answers with {answer.status}", "Look at the service's own log.")
    return well(subject, f"{url} answers; `concierge bindings check` compares it with the contract")


def _credentials(settings: Settings) -> ClientCredentials | None:
    secret = settings.services_client_secret.get_secret_value()
    if not (settings.services_token_url and settings.services_client_id and secret):
        return None
    return ClientCredentials(
        settings.services_token_url,
        settings.services_client_id,
        secret,
        scope=settings.services_scope,
        now=lambda: datetime.now(UTC),
    )


async def _hub(settings: Settings) -> list[Finding]:
    address = address_of(settings)
    if address is None:
        return [well("event hub", "none: events go from the outbox to this process")]
    from agent.events.checking import count_partitions  # noqa: PLC0415 the hub's client takes long to import

    try:
        partitions = await count_partitions(address)
    except ConciergeError as error:
        remedy = (
            "Check CONCIERGE_EVENTHUB_NAMESPACE or _CONNECTION and _NAME; an identity needs the roles "
            "'Azure Event Hubs Data Sender' and 'Azure Event Hubs Data Receiver'; AMQP goes out on port 5671."
        )
        return [broken("event hub", str(getattr(error, "detail", "") or error), remedy)]
    return [well("event hub", f"{address.hub}, {partitions} partitions, group {address.consumer_group}")]


async def _otlp(settings: Settings) -> list[Finding]:
    if settings.otlp_endpoint is None:
        return [well("telemetry", "no collector; figures at /metrics")]
    from agent.telemetry.export import collector_headers, collector_url  # noqa: PLC0415 the SDK takes long to import

    url = collector_url(settings, "traces")
    headers = {"Content-Type": "application/x-protobuf", **collector_headers(settings)}
    answer = await reach(url, method="POST", headers=headers)
    if answer.status is None:
        return [broken("telemetry", f"{url}: {answer.trouble}", "Check CONCIERGE_OTLP_ENDPOINT and the network.")]
    if answer.status >= 400:
        remedy = "Check CONCIERGE_OTLP_HEADERS, and that the endpoint takes OTLP over HTTP (port 4318)."
        return [broken("telemetry", f"{url} answers with {answer.status}", remedy)]
    return [well("telemetry", f"{url} takes spans")]
