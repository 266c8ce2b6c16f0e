"""The composition root: the one place where settings become adapters and adapters become a Concierge.

HTTP, the command, evals and the tests all build here; every dependency is an argument with a default.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from langchain_core.language_models import BaseChatModel

from agent.assembly import Parts, assemble
from agent.desk.deciding import Deciding
from agent.desk.desk import Desk
from agent.events.build import Events
from agent.events.wiring import wire_events
from agent.figures import figures_of
from agent.health import Check, ask_all, knowledge_check, model_check, services_check
from agent.housekeeping import Chore
from agent.ladder import Ladder
from agent.models import Rung, build_ladder, close_ladder
from agent.privacy import Privacy
from agent.rates import LocalRates, Rates
from agent.running import running, share
from agent.settings import Settings
from agent.store.database import Database, sqlite_url
from agent.store.keys import identity_key
from agent.store.rates import SharedRates
from agent.store.stores import Stores
from agent.telemetry.traced import TracedLadder
from agent.turn import Concierge
from knowledge.embeddings import Embedder, load_minilm
from knowledge.frontmatter import PackError
from knowledge.library import open_library
from knowledge.memory import release_unused
from knowledge.pack import PolicyPack, default_pack_path, load_pack
from knowledge.search import KnowledgeBase
from knowledge.tokens import Tokenizer, load_tokenizer
from tools.domain.errors import SettingsError
from tools.domain.hours import ServiceHours
from tools.executor import Executor
from tools.ports import Services

if TYPE_CHECKING:
    from tools.clients.oauth import ClientCredentials
from tools.step_up import six_digits

Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """What a test or an eval puts in the place of a default. None keeps the default."""

    clock: Clock | None = None
    services: Services | None = None
    rungs: tuple[Rung, ...] | None = None
    embedder: Embedder | None = None
    new_code: Callable[[], str] | None = None
    pack: PolicyPack | None = None


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A running Concierge with what its callers may look at."""

    concierge: Concierge
    desk: Desk
    deciding: Deciding
    events: Events
    executor: Executor
    ladder: Ladder
    settings: Settings
    services: Services
    sandbox: FastAPI | None
    knowledge: KnowledgeBase
    pack: PolicyPack
    stores: Stores
    rates: Rates
    privacy: Privacy
    tokenizer: Tokenizer
    embedder: Embedder
    checks: Mapping[str, Check]
    clock: Clock

    async def health(self) -> Mapping[str, str]:
        """Each dependency by name: 'ok', or what is wrong with it."""
        return await ask_all(self.checks)

    async def gauges(self) -> Mapping[str, float]:
        """What is so right now, for /metrics."""
        return await figures_of(self.stores, self.events.metrics, await self.health(), self.clock)


@asynccontextmanager
async def build(settings: Settings, overrides: Overrides | None = None) -> AsyncIterator[Platform]:
    """Raises SettingsError with one readable line when a setting or the pack cannot be used."""
    chosen = overrides or Overrides()
    clock = chosen.clock or _utc_now
    home = _home(settings.home)
    pack = chosen.pack or _pack(settings.policies)
    async with AsyncExitStack() as stack:
        database = Database(settings.database_url or sqlite_url(home / "concierge.db"))
        stack.push_async_callback(database.close)
        await database.migrate()
        stores = Stores.over(database, home=home, audit_key=settings.audit_key)
        embedder = await _embedder(chosen)
        tokenizer = load_tokenizer(home / "tiktoken")
        knowledge = await asyncio.to_thread(_knowledge, settings, home, pack, embedder, tokenizer)
        stack.callback(knowledge.close)
        services, sandbox = await _services(settings, chosen, home, clock, stack)
        rungs = chosen.rungs or build_ladder(settings, lambda: _embedded(embedder, home, clock))
        stack.push_async_callback(close_ladder, rungs)
        release_unused()
        ladder = TracedLadder(
            rungs,
            turn_seconds=settings.turn_seconds,
            prices=settings.prices,
            currency=settings.price_currency,
        )
        shared = share(stores)
        engine = assemble(
            Parts(
                stores=stores,
                services=services,
                knowledge=knowledge,
                pack=pack,
                ladder=ladder,
                count=tokenizer.count,
                clock=clock,
                new_code=chosen.new_code or six_digits,
                identity_key=identity_key(settings.identity_key, home),
                hours=ServiceHours.read(settings.service_hours),
                stock_agent=settings.stock_agent,
                hub=shared.hub,
                board=shared.board,
                order=shared.order,
            )
        )
        concierge = engine.concierge
        privacy = Privacy(
            stores=stores, services=services, clock=clock, retention=timedelta(days=settings.retention_days)
        )
        chores: list[Chore] = [privacy.tidy]
        rates: Rates = LocalRates(time.time)
        if not database.alone:
            rates = kept_rates = SharedRates(database, time.time)
            chores.append(kept_rates.forget)
        await stack.enter_async_context(running(concierge, shared, stores, clock=clock, chores=chores))
        events = wire_events(
            settings,
            database=database,
            services=services,
            pack=pack,
            clock=clock,
            resolver=engine.resolver,
            sandbox=sandbox,
            on_case=engine.desk.changed,
        )
        if settings.event_loops:
            await stack.enter_async_context(_running(events))
        yield Platform(
            concierge=concierge,
            desk=engine.desk,
            deciding=engine.deciding,
            events=events,
            executor=engine.executor,
            ladder=ladder,
            settings=settings,
            services=services,
            sandbox=sandbox,
            knowledge=knowledge,
            pack=pack,
            stores=stores,
            rates=rates,
            privacy=privacy,
            clock=clock,
            tokenizer=tokenizer,
            embedder=embedder,
            checks={
                "database": database.ping,
                "knowledge": knowledge_check(knowledge, lambda: clock().date()),
                "model": model_check(ladder),
                "services": services_check(services.resting),
            },
        )


@asynccontextmanager
async def _running(events: Events) -> AsyncIterator[None]:
    """Relay, consumer and effects beside everything else; what is in hand is finished before the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(events.run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait([task])


async def _embedder(chosen: Overrides) -> Embedder:
    return await asyncio.to_thread(load_minilm) if chosen.embedder is None else chosen.embedder


async def _services(
    settings: Settings, chosen: Overrides, home: Path, clock: Clock, stack: AsyncExitStack
) -> tuple[Services, FastAPI | None]:
    """The real services by their base URLs, all of them; with none named, the embedded airline in this process."""
    if chosen.services is not None:
        return chosen.services, None
    from tools.clients.services import connect_services  # noqa: PLC0415 adapters are imported when they are built

    sandbox = None if settings.binding_urls() else await _sandbox(settings, home, clock, stack)
    base = sandbox or settings.binding_urls()
    auth = _client_credentials(settings, clock) if sandbox is None else None
    services = connect_services(base, now=clock, sleep=asyncio.sleep, monotonic=time.monotonic, auth=auth)
    stack.push_async_callback(services.aclose)
    return services, sandbox


def _client_credentials(settings: Settings, clock: Clock) -> "ClientCredentials | None":
    """Raises SettingsError for a half of them: the services would refuse every call."""
    from tools.clients.oauth import ClientCredentials  # noqa: PLC0415

    secret = settings.services_client_secret.get_secret_value()
    if not settings.services_token_url:
        return None
    if not (settings.services_client_id and secret):
        raise SettingsError("CONCIERGE_SERVICES_CLIENT_ID and _CLIENT_SECRET belong to CONCIERGE_SERVICES_TOKEN_URL")
    return ClientCredentials(
        settings.services_token_url, settings.services_client_id, secret, scope=settings.services_scope, now=clock
    )


async def _sandbox(settings: Settings, home: Path, clock: Clock, stack: AsyncExitStack) -> FastAPI:
    from tools.sandbox.app import close_sandbox, create_sandbox  # noqa: PLC0415

    sandbox = await asyncio.to_thread(create_sandbox, home / "airline.db", now=clock, size=settings.sandbox_size)
    stack.callback(close_sandbox, sandbox)
    return sandbox


def open_knowledge(settings: Settings) -> KnowledgeBase:
    """The knowledge base alone, for a command that needs nothing else. The caller closes it."""
    home = _home(settings.home)
    return _knowledge(settings, home, _pack(settings.policies), load_minilm(), load_tokenizer(home / "tiktoken"))


def _knowledge(
    settings: Settings, home: Path, pack: PolicyPack, embedder: Embedder, tokenizer: Tokenizer
) -> KnowledgeBase:
    from knowledge.chroma import connect  # noqa: PLC0415 slow to import

    where: Path | str = settings.chroma_url or home / "chroma"
    try:
        return open_library(pack, embedder=embedder, tokenizer=tokenizer, connect=lambda: connect(where))
    except PackError as error:
        raise SettingsError(f"policy pack: {error}") from error


def _embedded(embedder: Embedder, home: Path, clock: Clock) -> BaseChatModel:
    from agent.embedded.build import build_embedded_model  # noqa: PLC0415

    return build_embedded_model(embedder, cache_dir=home / "intents", today=lambda: clock().date())


def _pack(folder: Path | None) -> PolicyPack:
    try:
        return load_pack(folder or default_pack_path())
    except PackError as error:
        raise SettingsError(f"policy pack: {error}") from error


def _home(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"CONCIERGE_HOME: {path} cannot be used ({error.strerror})") from error
    return path


def _utc_now() -> datetime:
    return datetime.now(UTC)
