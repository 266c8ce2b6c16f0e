"""The embedding model and the tokenizer, loaded once for all retrieval tests."""

import pytest

from knowledge.embeddings import MiniLM, load_minilm
from knowledge.tokens import Tokenizer, load_tokenizer


@pytest.fixture(scope="session")
def minilm() -> MiniLM:
    return load_minilm()


@pytest.fixture(scope="session")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return load_tokenizer(tmp_path_factory.mktemp("tiktoken"))
