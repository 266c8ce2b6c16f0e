"""Hybrid search over documents: meaning and words, fused; filtered before ranking; silent when nothing is relevant."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from knowledge.catalogue import Catalogue, Mask
from knowledge.chroma import IndexUnavailable
from knowledge.chunks import Document, cut
from knowledge.embeddings import Embedder
from knowledge.index import Reindexed, VectorIndex
from knowledge.lexical import Scores
from knowledge.tokens import Tokenizer

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

_POOL = 30  # candidates each ranking contributes
_RANK_OFFSET = 60  # the constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009)
_DENSE_FLOOR = 0.25  # cosine of the best chunk below which there is no policy on the question
_LEXICAL_FLOOR = 1.0  # BM25 of the best chunk, used when there are no vectors
_RETRY_AFTER = 30.0  # seconds without asking Chroma again after it failed


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A clause that answers, with the words that matched."""

    clause_id: str
    version: int
    title: str
    text: str
    score: float


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """Passages, best first, one a clause; empty means: no policy on that. `degraded`: words alone were compared."""

    passages: tuple[Passage, ...]
    degraded: bool


class KnowledgeBase:
    """Searches one pack. Searching costs a few milliseconds of CPU; on an event loop, call it in a thread."""

    def __init__(
        self,
        *,
        embedder: Embedder,
        tokenizer: Tokenizer,
        connect: "Callable[[], ClientAPI]",
        name: str = "clauses",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._embedder = embedder
        self._tokenizer = tokenizer
        self._connect = connect
        self._name = name
        self._clock = clock
        self._catalogue = Catalogue([])
        self._index: VectorIndex | None = None
        self._retry_at = float("-inf")

    def load(self, documents: Iterable[Document]) -> Reindexed | None:
        """Serve these documents from now on, and bring the vector index up to date.

        None when Chroma cannot be reached: the documents are then found by their words.
        """
        catalogue = Catalogue(list(cut(documents, self._tokenizer)))
        report: Reindexed | None = None
        try:
            _, report = self._update(catalogue)
        except IndexUnavailable:
            self._postpone()
        self._catalogue = catalogue
        return report

    def search(
        self, query: str, *, on: date, audience: str, limit: int = 5, scope: Mapping[str, str] | None = None
    ) -> SearchResult:
        """Find the clauses that hold on a day for an audience and answer the query; `staff` sees all audiences."""
        catalogue = self._catalogue
        allowed = catalogue.allowed(on, audience, scope or {})
        words = np.where(allowed, catalogue.lexical.scores(query), 0.0).astype(np.float32)
        meaning = self._meaning(query, catalogue, allowed)
        if not _relevant(words, meaning):
            return SearchResult(passages=(), degraded=meaning is None)
        ranked = _fuse([_by_words(words), *([list(meaning)] if meaning else [])])
        return SearchResult(passages=_passages(catalogue, ranked, limit), degraded=meaning is None)

    def close(self) -> None:
        """Let go of Chroma."""
        if self._index is not None:
            self._index.close()
            self._index = None

    def _meaning(self, query: str, catalogue: Catalogue, allowed: Mask) -> dict[int, float] | None:
        """Positions of the nearest chunks with their cosine, best first; None when there are no vectors to ask."""
        if self._clock() < self._retry_at:
            return None
        among = None if allowed.all() else catalogue.ids(allowed)
        try:
            index = self._index or self._update(catalogue)[0]  # after Chroma was away, up to date before it is asked
            found = index.nearest(self._embedder.embed([query])[0], limit=_POOL, among=among)
        except IndexUnavailable:
            self._postpone()
            return None
        return {catalogue.positions[chunk]: cosine for chunk, cosine in found if chunk in catalogue.positions}

    def _update(self, catalogue: Catalogue) -> tuple[VectorIndex, Reindexed]:
        index = self._index or VectorIndex(self._connect(), self._embedder, name=self._name)
        report = index.bring_up_to_date(catalogue.chunks)
        self._index = index
        return index, report

    def _postpone(self) -> None:
        self._index = None
        self._retry_at = self._clock() + _RETRY_AFTER


def _relevant(words: Scores, meaning: Mapping[int, float] | None) -> bool:
    if meaning is None:
        return bool(words.max(initial=0.0) >= _LEXICAL_FLOOR)
    return max(meaning.values(), default=0.0) >= _DENSE_FLOOR


def _by_words(scores: Scores) -> list[int]:
    best = np.argsort(-scores, kind="stable")[:_POOL]
    return [int(position) for position in best if scores[position] > 0]


def _fuse(rankings: Iterable[Sequence[int]]) -> list[tuple[int, float]]:
    fused: dict[int, float] = {}
    for ranking in rankings:
        for rank, position in enumerate(ranking, start=1):
            fused[position] = fused.get(position, 0.0) + 1.0 / (_RANK_OFFSET + rank)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


def _passages(catalogue: Catalogue, ranked: Iterable[tuple[int, float]], limit: int) -> tuple[Passage, ...]:
    best: dict[tuple[str, int], Passage] = {}
    for position, score in ranked:
        chunk = catalogue.chunks[position]
        document = chunk.document
        passage = Passage(
            clause_id=document.id, version=document.version, title=document.title, text=chunk.text, score=score
        )
        best.setdefault((document.id, document.version), passage)
    return tuple(best.values())[:limit]
