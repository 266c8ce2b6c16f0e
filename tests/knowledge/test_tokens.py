"""Tokens are counted as the models count them, from a vocabulary that is on the machine already."""

import os
from pathlib import Path

import pytest

from knowledge.tokens import Tokenizer, load_tokenizer


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("hello world", 2), ("24 hours", 2), ("<|endoftext|>", 7), ("café", 2)]
)
def test_text_is_counted_in_o200k_base(tokenizer: Tokenizer, text: str, tokens: int) -> None:
    assert tokenizer.count(text) == tokens == len(tokenizer.encode(text))


def test_a_spoilt_cache_is_filled_again(tmp_path: Path) -> None:
    load_tokenizer(tmp_path)
    (vocabulary,) = tmp_path.iterdir()
    vocabulary.write_bytes(vocabulary.read_bytes()[:-1] + b"x")
    assert load_tokenizer(tmp_path).count("hello world") == 2


def test_langchain_counts_from_the_same_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TIKTOKEN_CACHE_DIR", raising=False)
    load_tokenizer(tmp_path)
    assert os.environ["TIKTOKEN_CACHE_DIR"] == str(tmp_path)
