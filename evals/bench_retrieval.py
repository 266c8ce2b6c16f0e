"""Time a search over 10,000 synthetic chunks, the query's embedding included. Budget: 15 ms median.

python -m evals.bench_retrieval
"""

import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median, quantiles

import numpy as np

from knowledge.chroma import connect
from knowledge.chunks import Document
from knowledge.embeddings import Embedder, Vectors, load_minilm
from knowledge.search import KnowledgeBase
from knowledge.tokens import load_tokenizer

BUDGET_MS = 15.0
CHUNKS = 10_000
_SEED = 7
_MARK = "synthetic"
_QUERIES = (
    "can I take my dog into the cabin",
    "my flight was cancelled, who pays for the hotel",
    "how much does it cost to change the date of my light ticket",
    "I booked an hour ago by mistake and want my money back",
    "what is the weight limit of a checked bag on the way to New York",
)


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Milliseconds a search took."""

    chunks: int
    searches: int
    median_ms: float
    p95_ms: float


class Synthetic:
    """Random unit vectors for the made-up chunks, the real model for queries."""

    def __init__(self, real: Embedder) -> None:
        self._real = real
        self._numbers = np.random.default_rng(_SEED)
        self.model_id = f"{_MARK}-{real.model_id}"
        self.dimension = real.dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not texts or not texts[0].startswith(_MARK):
            return self._real.embed(texts)
        vectors = self._numbers.normal(size=(len(texts), self.dimension)).astype(np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def documents(count: int) -> Iterator[Document]:
    """Made-up clauses of about 120 words; one in ten is for staff, so that the filter has work to do."""
    chance = random.Random(_SEED)  # noqa: S311 - made-up text
    vocabulary = [word for query in _QUERIES for word in query.split()] + [f"word{number}" for number in range(5000)]
    weights = [1 / rank for rank in range(1, len(vocabulary) + 1)]
    for number in range(count):
        words = " ".join(chance.choices(vocabulary, weights, k=120))
        audience = "staff" if number % 10 == 0 else "customer"
        yield Document(id=f"S-{number}", title=f"{_MARK} {number}", body=words, audience=audience)


def measure(base: KnowledgeBase, rounds: int = 40) -> Timing:
    """Search each query `rounds` times, after a warm-up; no two searches are the same, for what was found is kept."""
    search = partial(base.search, on=date(2026, 6, 1), audience="customer")
    for query in _QUERIES:
        search(query)
    times = [_milliseconds(search, f"{query}, row {number}") for number in range(rounds) for query in _QUERIES]
    return Timing(chunks=CHUNKS, searches=len(times), median_ms=median(times), p95_ms=quantiles(times, n=20)[-1])


def _milliseconds(search: Callable[[str], object], query: str) -> float:
    start = time.perf_counter()
    search(query)
    return (time.perf_counter() - start) * 1000


def run() -> Timing:
    with tempfile.TemporaryDirectory() as home:
        base = KnowledgeBase(
            embedder=Synthetic(load_minilm()),
            tokenizer=load_tokenizer(Path(home) / "tiktoken"),
            connect=lambda: connect(Path(home) / "chroma"),
            floor=0.0,
        )
        base.load(documents(CHUNKS))
        timing = measure(base)
        base.close()
    return timing


if __name__ == "__main__":
    result = run()
    print(
        f"retrieval over {result.chunks} chunks: median {result.median_ms:.1f} ms, p95 {result.p95_ms:.1f} ms "
        f"({result.searches} searches; budget {BUDGET_MS:.0f} ms)"
    )
    raise SystemExit(result.median_ms > BUDGET_MS)
