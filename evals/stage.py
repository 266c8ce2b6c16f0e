"""A platform for one case at a time: real parts over a copy of a seeded home, the airline put back before each case."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI
from langchain_core.language_models import BaseChatModel
from sqlalchemy import delete

from agent.bootstrap import Overrides, Platform, build
from agent.models import Rung
from agent.settings import Settings
from agent.store.tables import attempts, codes
from evals.customer import MakeCustomer, scripted
from evals.watch import Watch
from knowledge.embeddings import Embedder, load_minilm
from knowledge.pack import PolicyPack
from tools.sandbox.contract import Airline
from tools.sandbox.store import Store

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
"""Every case is played on this day, so that a run can be repeated. Not seeded: ids and what a remote model says."""
AIRLINE = "airline.db"


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Codes:
    """The one-time codes that were sent, newest last."""

    sent: list[str] = field(default_factory=list)

    def __call__(self) -> str:
        self.sent.append(f"{471_100 + len(self.sent) % 500_000:06d}")
        return self.sent[-1]


@dataclass
class Stage:
    platform: Platform
    clock: Clock
    codes: Codes
    watch: Watch
    home: Path
    script: "Script"
    make_customer: MakeCustomer = scripted
    copies: int = 0

    @property
    def store(self) -> Store:
        airline: Airline = self._app().state.airline
        return airline.store

    async def fresh(self) -> None:
        """The airline as it was seeded, no attempts counted, nothing seen."""
        app = self._app()
        app.state.airline.store.close()
        self.codes.sent.clear()
        self.copies += 1
        (self.home / f"airline-{self.copies - 1}.db").unlink(missing_ok=True)
        copy = self.home / f"airline-{self.copies}.db"
        shutil.copyfile(self.home / AIRLINE, copy)
        app.state.airline = Airline(store=Store(copy), now=self.clock)
        self.clock.now = NOON
        self.watch.seen.clear()
        async with self.platform.stores.database.writing() as connection:
            await connection.execute(delete(attempts))
            await connection.execute(delete(codes))

    def _app(self) -> FastAPI:
        if self.platform.sandbox is None:
            raise LookupError("a stage is built over the embedded airline")
        return self.platform.sandbox


@dataclass
class Script:
    """What a scripted model is told of the case it plays in: the words of the attacker, and the tools to try."""

    tools: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)


MakeModel = Callable[[Script], BaseChatModel]


@dataclass(frozen=True, kw_only=True)
class Props:
    """What every stage of a run shares. make_model: a scripted model in the place of the one the settings name.
    make_customer: who speaks to it."""

    settings: Settings
    embedder: Embedder
    seed: Path
    pack: PolicyPack | None = None
    make_model: MakeModel | None = None
    make_customer: MakeCustomer = scripted


async def set_up(
    settings: Settings,
    *,
    pack: PolicyPack | None = None,
    make_model: MakeModel | None = None,
    embedder: Embedder | None = None,
) -> Props:
    """Seeds a home under the settings' own, once for all runs: indexing the clauses takes most of a minute."""
    loaded = embedder if embedder is not None else await asyncio.to_thread(load_minilm)
    seed = settings.home / "evals" / "seed"
    (seed / AIRLINE).unlink(missing_ok=True)
    (seed / "concierge.db").unlink(missing_ok=True)
    props = Props(settings=settings, embedder=loaded, seed=seed, pack=pack, make_model=make_model)
    async with build(_settings(props, seed), _overrides(props, Clock(), Codes(), Script(), None)):
        pass  # the airline is generated, the clauses are indexed, the examples of the embedded model are read
    return props


@asynccontextmanager
async def open_stage(props: Props) -> AsyncIterator[Stage]:
    clock, codes_sent, script = Clock(), Codes(), Script()
    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="concierge-eval-"))) / "home"
        await asyncio.to_thread(shutil.copytree, props.seed, home)
        model = props.make_model(script) if props.make_model else None
        overrides = _overrides(props, clock, codes_sent, script, model)
        platform = await stack.enter_async_context(build(_settings(props, home), overrides))
        stage = Stage(platform, clock, codes_sent, Watch(platform.services), home, script, props.make_customer)
        yield stage


def _settings(props: Props, home: Path) -> Settings:
    return props.settings.model_copy(
        update={"home": home, "sandbox_size": "demo", "database_url": None, "chroma_url": None}
    )


def _overrides(props: Props, clock: Clock, sent: Codes, script: Script, model: BaseChatModel | None) -> Overrides:
    rungs = (Rung(name="scripted", model=model),) if model is not None else None
    return Overrides(clock=clock, embedder=props.embedder, pack=props.pack, new_code=sent, rungs=rungs)


class StagePool:
    """As many stages as cases are played at once."""

    def __init__(self) -> None:
        self.free: asyncio.Queue[Stage] = asyncio.Queue()

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[Stage]:
        stage = await self.free.get()
        try:
            await stage.fresh()
            yield stage
        finally:
            self.free.put_nowait(stage)


@asynccontextmanager
async def open_pool(props: Props, size: int) -> AsyncIterator[StagePool]:
    pool = StagePool()
    async with AsyncExitStack() as stack:
        for _ in range(size):
            pool.free.put_nowait(await stack.enter_async_context(open_stage(props)))
        yield pool
