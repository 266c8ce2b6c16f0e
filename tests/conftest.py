"""What tests share: a home that is seeded once, and a platform of real parts over a copy of it."""

import asyncio
import gc
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.bootstrap import Overrides, Platform, build
from agent.models import Rung
from agent.settings import Settings
from knowledge.chroma import connect
from knowledge.embeddings import MiniLM, load_minilm
from knowledge.library import open_library
from knowledge.pack import PolicyPack, default_pack_path, load_pack
from knowledge.tokens import load_tokenizer
from tests.agent.scripted import ScriptedModel
from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long checks take as long as they take."""
    for item in items:
        if item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.timeout(0))


def pytest_collection_finish() -> None:
    """What was imported and collected stays: the collector need not walk it in every test."""
    _set_aside()


def _set_aside() -> None:
    gc.collect()
    gc.freeze()


NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    """Time stands still until a test moves it."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Codes:
    """The one-time codes that were sent, newest last."""

    sent: list[str] = field(default_factory=list)

    def __call__(self) -> str:
        self.sent.append(f"{471_100 + len(self.sent):06d}")
        return self.sent[-1]


MakePlatform = Callable[..., AbstractAsyncContextManager[Platform]]


@pytest.fixture(scope="session")
def embedder() -> MiniLM:
    return load_minilm()


@pytest.fixture(scope="session")
def pack() -> PolicyPack:
    return load_pack(default_pack_path())


@pytest.fixture(scope="session")
def indexed_home(tmp_path_factory: pytest.TempPathFactory, embedder: MiniLM, pack: PolicyPack) -> Path:
    """A home with the clauses indexed and no airline yet: copy it where one is made by a clock of its own."""
    home = tmp_path_factory.mktemp("indexed")
    open_library(
        pack,
        embedder=embedder,
        tokenizer=load_tokenizer(home / "tiktoken"),
        connect=lambda: connect(home / "chroma"),
    ).close()
    return home


@pytest.fixture(scope="session")
def seeded_home(
    indexed_home: Path, tmp_path_factory: pytest.TempPathFactory, embedder: MiniLM, pack: PolicyPack
) -> Path:
    """A home with the airline generated and the clauses indexed, made once."""
    home = tmp_path_factory.mktemp("seeded") / "home"
    shutil.copytree(indexed_home, home)

    async def fill() -> None:
        overrides = Overrides(clock=Clock(), embedder=embedder, pack=pack, rungs=(_scripted([]),))
        async with build(Settings(home=home, sandbox_size="demo"), overrides):
            pass

    asyncio.run(fill())
    _set_aside()
    return home


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def codes() -> Codes:
    return Codes()


@pytest.fixture
def home(seeded_home: Path, tmp_path: Path) -> Path:
    shutil.copytree(seeded_home, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def script() -> list[object]:
    """What the scripted model says next, line by line."""
    return []


@pytest.fixture
def database_url() -> str | None:
    """None: SQLite in the test's home."""
    return None


@pytest.fixture
def make_platform(
    home: Path,
    clock: Clock,
    codes: Codes,
    embedder: MiniLM,
    pack: PolicyPack,
    script: list[object],
    database_url: str | None,
) -> MakePlatform:
    """Builds the real thing over this test's home; again, for a restart."""

    @asynccontextmanager
    async def make() -> AsyncIterator[Platform]:
        overrides = Overrides(clock=clock, embedder=embedder, pack=pack, new_code=codes, rungs=(_scripted(script),))
        settings = Settings(home=home, sandbox_size="demo", database_url=database_url)
        async with build(settings, overrides) as platform:
            yield platform

    return make


@pytest.fixture
async def platform(make_platform: MakePlatform) -> AsyncIterator[Platform]:
    async with make_platform() as built:
        yield built


def _scripted(script: list[object]) -> Rung:
    model = ScriptedModel(script=[])
    model.script = script  # pydantic copies what it is given; the test goes on writing to its own
    return Rung(name="scripted", model=model)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", metavar="DIR", help="Keep pictures of the pages in this folder.")
