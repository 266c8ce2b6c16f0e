"""`concierge doctor`: every setting and dependency, well and broken, and what to do about it."""

import json
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agent.doctor.contradictions import contradictions
from agent.doctor.dependencies import check_dependencies
from agent.doctor.finding import Finding
from agent.doctor.listing import list_settings, misspelt
from agent.doctor.places import check_places
from agent.settings import Settings
from agent.store.database import Database, sqlite_url
from api.doctor_cli import check_sign_in
from tests.api.conftest import Command, concierge
from tests.broker.broker import RunningBroker
from tests.broker.conftest import CLIENT_LEAKS, broker, hub, leftovers
from tests.identity import IdentityProvider, identity_provider
from tests.ops.collector import collecting
from tests.threads import served_in_thread

__all__ = ["broker", "concierge", "hub", "leftovers"]
pytestmark = CLIENT_LEAKS
SERVICES = ("booking", "profile", "consent", "notification", "case", "compensation", "payment")
VARIABLES = {one.name for one in list_settings(Settings())}
BOUND = {f"{name}_url": f"https://{name}.gamma.example" for name in SERVICES}
PRODUCTION: dict[str, Any] = {
    **BOUND,
    "env": "production",
    "host": "0.0.0.0",  # noqa: S104 - what a container binds
    "services_token_url": "https://login.gamma.example/token",
    "services_client_id": "concierge",
    "okta_issuer": "https://id.gamma.example",
    "okta_client_id": "chat",
    "entra_tenant": "11111111-2222-3333-4444-555555555555",
    "entra_client_id": "desk",
    "database_url": "postgresql+asyncpg://concierge@db/concierge",
    "identity_key": "1f" * 32,
    "audit_key": "2e" * 32,
    "trusted_proxies": "10.0.0.0/8",
    "eventhub_namespace": "gamma.servicebus.windows.net",
    "model": "azure:gpt",
    "otlp_endpoint": "https://otlp.gamma.example",
    "log_format": "json",
    "public_url": "https://chat.gamma.example",
}


def by_subject(found: list[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in found}


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


@pytest.mark.parametrize("settings", [Settings(), Settings(**PRODUCTION)], ids=["development", "production"])
def test_settings_that_go_together_are_not_complained_of(settings: Settings) -> None:
    assert list(contradictions(settings)) == []


@pytest.mark.parametrize(
    ("changed", "subject", "state"),
    [
        ({"payment_url": None}, "services", "failed"),
        (dict.fromkeys(BOUND), "services", "failed"),
        ({"services_token_url": None}, "services", "warning"),
        ({"booking_url": "http://booking.gamma.example"}, "services", "warning"),
        ({"okta_issuer": None}, "okta", "warning"),
        ({"okta_client_id": None}, "okta", "warning"),
        ({"entra_tenant": None}, "entra", "warning"),
        ({"entra_client_id": None}, "entra", "warning"),
        ({"database_url": None}, "database", "warning"),
        ({"identity_key": None}, "keys", "failed"),
        ({"audit_key": None}, "keys", "failed"),
        ({"trusted_proxies": ""}, "proxies", "warning"),
        ({"trusted_proxies": "10.0.0.0/8 0.0.0.0/0"}, "proxies", "failed"),
        ({"eventhub_namespace": None}, "event hub", "warning"),
        ({"eventhub_connection": "Endpoint=sb://x/"}, "event hub", "warning"),
        ({"eventhub_namespace": None, "eventhub_endpoint": "sb://hub:5671"}, "event hub", "warning"),
        ({"model": "embedded"}, "model", "warning"),
        ({"second_model": "azure:gpt"}, "model", "warning"),
        ({"otlp_endpoint": None}, "telemetry", "warning"),
        ({"otlp_endpoint": None, "otlp_headers": "key=x"}, "telemetry", "warning"),
        ({"log_format": "text"}, "telemetry", "warning"),
        ({"public_url": None}, "addresses", "warning"),
        ({"chroma_url": "http://chroma:8000"}, "addresses", "warning"),
    ],
)
def test_settings_that_contradict_each_other_are_named(changed: dict[str, Any], subject: str, state: str) -> None:
    found = list(contradictions(Settings(**{**PRODUCTION, **changed})))
    assert (subject, state) in {(finding.subject, finding.state) for finding in found}
    for finding in found:
        named = set(re.findall(r"CONCIERGE_[A-Z_]+", finding.remedy))
        assert finding.remedy
        assert named <= VARIABLES


def test_every_setting_is_listed_and_no_secret_is_shown(concierge: Command) -> None:
    secrets = {
        "database_url": "postgresql+asyncpg://concierge:hunter2@127.0.0.1:1/concierge?password=hunter2",
        "services_client_secret": "hunter2",
        "identity_key": "hunter2",
        "otlp_headers": "api-key=hunter2",
    }
    told = concierge("doctor", "--json", **secrets)
    shown = concierge("doctor", "--all")
    assert told.code == shown.code == 1
    assert "hunter2" not in told.out + told.err + shown.out + shown.err
    listed = {one["name"]: one for one in json.loads(told.out)["settings"]}
    assert listed.keys() == VARIABLES
    assert listed["CONCIERGE_SERVICES_CLIENT_SECRET"]["value"] == "(set, not shown)"
    assert listed["CONCIERGE_SERVICES_CLIENT_SECRET"]["source"] == "environment"
    assert listed["CONCIERGE_PORT"]["source"] == "default"
    assert "CONCIERGE_PORT" in shown.out


def test_a_misspelt_setting_is_named_with_the_one_that_was_meant(tmp_path: Path) -> None:
    (tmp_path / "concierge_audit_kee").write_text("x")
    found = list(misspelt({"CONCIERGE_OKTA_ISUER": "x", "CONCIERGE_PORT": "1", "PATH": "/"}, tmp_path))
    assert [finding.remedy for finding in found] == [
        "Unset it; is it CONCIERGE_AUDIT_KEY?",
        "Unset it; is it CONCIERGE_OKTA_ISSUER?",
    ]


def test_a_setting_that_cannot_be_read_is_named(concierge: Command) -> None:
    ran = concierge("doctor", "--json", port="many")
    [finding] = json.loads(ran.out)["findings"]
    assert (ran.code, finding["state"]) == (1, "failed")
    assert "CONCIERGE_PORT" in finding["what"]


def test_a_fresh_home_is_found_well_and_stays_as_it_was(concierge: Command, tmp_path: Path) -> None:
    ran = concierge("doctor", home=str(tmp_path / "new"))
    assert ran.code == 0, ran.out
    assert "the embedded airline" in ran.out
    assert "0 to look at, 0 broken" in ran.out
    assert not (tmp_path / "new").exists()


async def test_what_lies_on_this_machine_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "identity.key").write_bytes(b"x" * 32)
    (tmp_path / "identity.key").chmod(0o644)
    readable = by_subject(await check_places(Settings(home=tmp_path)))
    assert (readable["keys"].state, readable["embeddings"].state) == ("warning", "ok")
    assert "chmod 600 identity.key" in readable["keys"].remedy
    found = by_subject(
        await check_places(
            Settings(home=tmp_path / "file", policies=tmp_path / "none", audit_key=SecretStr("not hexadecimal"))
        )
    )
    assert {found[name].state for name in ("home", "policies", "keys")} == {"failed"}
    assert "openssl rand -hex 32" in found["keys"].remedy


async def test_a_schema_that_is_behind_is_named_and_not_touched(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "concierge.db"))
    await database.migrate()
    assert (await database_of(Settings(home=tmp_path))).state == "ok"
    await database.downgrade("base")
    behind = await database_of(Settings(home=tmp_path))
    assert (behind.state, "concierge db upgrade" in behind.remedy) == ("warning", True)
    assert (await database.revisions())[0] is None
    await database.close()


async def database_of(settings: Settings) -> Finding:
    return by_subject(await check_dependencies(settings))["database"]


async def test_what_does_not_answer_is_named_with_what_to_do(tmp_path: Path) -> None:
    nobody = f"127.0.0.1:{closed_port()}"
    given: dict[str, Any] = {
        "database_url": f"postgresql+asyncpg://concierge:hunter2@{nobody}/concierge",
        "chroma_url": f"http://{nobody}",
        "model": "openai:gpt",
        "otlp_endpoint": f"http://{nobody}",
        "OPENAI_BASE_URL": f"http://{nobody}/v1",
        "OPENAI_API_KEY": "key",
        **{f"{name}_url": f"http://{nobody}/{name}" for name in SERVICES},
    }
    settings = Settings(home=tmp_path, **given)
    found = by_subject(await check_dependencies(settings))
    for subject in ("database", "chroma", "model", "telemetry", *(f"{name} service" for name in SERVICES)):
        assert found[subject].state == "failed", subject
        assert found[subject].remedy
        assert "hunter2" not in found[subject].what
    assert "CONCIERGE_PROFILE_URL" in found["profile service"].remedy
    assert found["event hub"].state == "ok"


@pytest.fixture
def landscape() -> Iterator[str]:
    """Services that answer as their name in the path says, behind a token endpoint."""

    async def answer(request: Request) -> Response:
        known = request.headers.get("authorization") == "Bearer good"
        return Response(status_code=int(request.path_params["status"]) if known else 401)

    async def token(request: Request) -> Response:
        return JSONResponse({"access_token": "good"}) if b"right" in await request.body() else Response(status_code=400)

    @asynccontextmanager
    async def make(_: str) -> AsyncIterator[Starlette]:
        yield Starlette(routes=[Route("/token", token, methods=["POST"]), Route("/{status:int}", answer)])

    with served_in_thread(make) as address:
        yield address


def bound(landscape: str, scope: str) -> Settings:
    statuses = (200, 404, 403, 503, 200, 200, 200)
    urls: dict[str, Any] = {
        f"{name}_url": f"{landscape}/{status}" for name, status in zip(SERVICES, statuses, strict=True)
    }
    return Settings(
        services_token_url=f"{landscape}/token",
        services_client_id="concierge",
        services_client_secret=SecretStr("secret"),
        services_scope=scope,
        **urls,
    )


async def test_each_service_is_asked_with_our_token(landscape: str) -> None:
    found = by_subject(await check_dependencies(bound(landscape, "right")))
    states = [found[f"{name} service"].state for name in SERVICES]
    assert states == ["ok", "ok", "failed", "failed", "ok", "ok", "ok"]
    assert "SERVICES_SCOPE" in found["consent service"].remedy


async def test_a_token_endpoint_that_refuses_us_is_named(landscape: str) -> None:
    found = by_subject(await check_dependencies(bound(landscape, "wrong")))
    assert found["services"].state == "failed"
    assert "CONCIERGE_SERVICES_TOKEN_URL" in found["services"].remedy


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with identity_provider() as running:
        yield running


async def test_identity_providers_are_asked_for_their_keys(provider: IdentityProvider) -> None:
    settings = Settings(env="production", **provider.settings())
    found = by_subject(await check_sign_in(settings))
    assert (found["okta"].state, found["entra"].state) == ("ok", "ok")
    provider.customers.down = True
    provider.staff.published = set()
    found = by_subject(await check_sign_in(settings))
    assert (found["okta"].state, found["entra"].state) == ("failed", "failed")
    assert "503" in found["okta"].what
    assert "no key" in found["entra"].what
    slash = settings.model_copy(update={"okta_issuer": f"{provider.customers.issuer}/"})
    provider.customers.down = False
    assert "another issuer" in by_subject(await check_sign_in(slash))["okta"].what


async def test_without_any_sign_in_production_is_broken() -> None:
    [finding] = await check_sign_in(Settings(env="production"))
    assert (finding.subject, finding.state) == ("sign-in", "failed")
    assert "CONCIERGE_OKTA_ISSUER" in finding.what


async def test_the_hub_is_asked_for_its_partitions(
    broker: RunningBroker, hub: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.events.checking._SECONDS", 3.0)
    settings = Settings(eventhub_connection=SecretStr(broker.connection_string(hub)), eventhub_name=hub)
    found = by_subject(await check_dependencies(settings))["event hub"]
    assert (found.state, "4 partitions" in found.what) == ("ok", True)
    other = settings.model_copy(update={"eventhub_name": "another"})
    found = by_subject(await check_dependencies(other))["event hub"]
    assert (found.state, "CONCIERGE_EVENTHUB" in found.remedy) == ("failed", True)


async def test_a_collector_is_asked_to_take_spans() -> None:
    with collecting() as collector:
        taken = by_subject(await check_dependencies(Settings(otlp_endpoint=collector.address)))["telemetry"]
    assert (taken.state, collector.bodies) == ("ok", [("/v1/traces", b"")])
