"""What tests of the evals share: the tokenizer, and a stage over the home that is seeded once."""

import gc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from agent.settings import Settings
from evals.agents import scripted
from evals.stage import Props, Stage, open_stage
from knowledge.embeddings import MiniLM
from knowledge.pack import PolicyPack
from knowledge.tokens import Tokenizer, load_tokenizer


@pytest.fixture(scope="session")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return load_tokenizer(tmp_path_factory.mktemp("tiktoken"))


@pytest.fixture
def props(seeded_home: Path, embedder: MiniLM, pack: PolicyPack, tmp_path: Path) -> Props:
    """With the model that does nothing."""
    return Props(
        settings=Settings(home=tmp_path / "evals"),
        embedder=embedder,
        seed=seeded_home,
        pack=pack,
        make_model=scripted("floor"),
    )


@pytest.fixture
async def stage(props: Props) -> AsyncIterator[Stage]:
    async with open_stage(props) as opened:
        await opened.fresh()
        yield opened


@pytest.fixture
def swept() -> Iterator[None]:
    """What Inspect leaves to the garbage collector is collected within the test that ran it."""
    yield
    gc.collect()
