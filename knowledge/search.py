"""Hybrid search over documents: meaning and words, fused; filtered before ranking; silent when nothing is relevant."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from knowledge.catalogue import Allowed, Catalogue, Mask
from knowledge.chroma import IndexUnavailable
from knowledge.chunks import Document, cut, fit
from knowledge.embeddings import Embedder
from knowledge.index import Reindexed, VectorIndex
from knowledge.lexical import Scores
from knowledge.ranking import POOL, Ranked, by_score, fuse
from knowledge.tokens import Tokenizer

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

_FLOOR = 0.25  # relevance below which there is no policy on the question
_PIECE = 120  # tokens: a longer message is searched piece by piece, since one vector blurs many subjects
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
        floor: float = _FLOOR,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._embedder = embedder
        self._tokenizer = tokenizer
        self._connect = connect
        self._name = name
        self._floor = floor
        self._clock = clock
        self._catalogue = Catalogue([])
        self._index: VectorIndex | None = None
        self._failed: VectorIndex | None = None
        self._retry_at = float("-inf")
        self.reindexed: Reindexed | None = None
        """What the last `load` took; None when Chroma could not be reached then."""

    def load(self, documents: Iterable[Document]) -> Reindexed | None:
        """Serve these documents from now on, and bring the vector index up to date.

        None when Chroma cannot be reached: the documents are then found by their words.
        """
        catalogue = Catalogue(list(cut(documents, self._tokenizer)))
        self.reindexed = None
        try:
            _, self.reindexed = self._update(catalogue)
        except IndexUnavailable:
            self._postpone()
        self._catalogue = catalogue
        return self.reindexed

    def search(
        self, query: str, *, on: date, audience: str, limit: int = 5, scope: Mapping[str, str] | None = None
    ) -> SearchResult:
        """Find the clauses that hold on a day for an audience and answer the query; `staff` sees all audiences."""
        catalogue = self._catalogue
        allowed = catalogue.allowed(on, audience, scope or {})
        pieces = list(fit(query, self._tokenizer, _PIECE))
        words = [_masked(catalogue.lexical.scores(piece), allowed.mask) for piece in pieces]
        meaning = self._meaning(pieces, catalogue, allowed)
        if _relevance(words, meaning) < self._floor:
            return SearchResult(passages=(), degraded=meaning is None)
        ranked = fuse(catalogue.chunks, [*map(by_score, words), *map(list, meaning or ())])
        passages = tuple(_passage(catalogue, one) for one in ranked[:limit])
        return SearchResult(passages=passages, degraded=meaning is None)

    def close(self) -> None:
        """Let go of Chroma."""
        for index in (self._index, self._failed):
            if index is not None:
                index.close()
        self._index = self._failed = None

    def _meaning(self, pieces: Sequence[str], catalogue: Catalogue, allowed: Allowed) -> list[dict[int, float]] | None:
        """For each piece the nearest chunks with their cosine, best first; None when there are no vectors to ask."""
        if self._clock() < self._retry_at:
            return None
        try:
            index = self._index or self._update(catalogue)[0]  # after Chroma was away, up to date before it is asked
            found = [index.nearest(vector, limit=POOL, among=allowed.ids) for vector in self._embedder.embed(pieces)]
        except IndexUnavailable:
            self._postpone()
            return None
        known = catalogue.positions
        return [{known[chunk]: cosine for chunk, cosine in one if chunk in known} for one in found]

    def _update(self, catalogue: Catalogue) -> tuple[VectorIndex, Reindexed]:
        index = self._index
        if index is None:
            self.close()
            index = VectorIndex(self._connect(), self._embedder, name=self._name)
        self._index = index
        return index, index.bring_up_to_date(catalogue.chunks)

    def _postpone(self) -> None:
        """Leave Chroma alone for a while. Its client is closed only later: another thread may be using it now."""
        self._failed, self._index = self._index or self._failed, None
        self._retry_at = self._clock() + _RETRY_AFTER


def _masked(scores: Scores, allowed: Mask) -> Scores:
    return np.where(allowed, scores, np.float32(0))


def _relevance(words: Sequence[Scores], meaning: Sequence[Mapping[int, float]] | None) -> float:
    if meaning is None:
        return max((float(scores.max(initial=0.0)) for scores in words), default=0.0) / 4
    return max((cosine for found in meaning for cosine in found.values()), default=0.0)


def _passage(catalogue: Catalogue, ranked: Ranked) -> Passage:
    chunk = catalogue.chunks[ranked.chunk]
    return Passage(
        clause_id=chunk.document.id,
        version=chunk.document.version,
        title=chunk.document.title,
        text=chunk.text,
        score=ranked.score,
    )
