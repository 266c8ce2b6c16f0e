"""The tokenizer, loaded once for all retrieval tests."""

import pytest

from knowledge.tokens import Tokenizer, load_tokenizer


@pytest.fixture(scope="session")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return load_tokenizer(tmp_path_factory.mktemp("tiktoken"))
