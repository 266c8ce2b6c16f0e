"""Hybrid search over documents: meaning and words, fused; filtered before ranking; silent when nothing is relevant."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import RLock
from typing import TYPE_CHECKING

import numpy as np

from knowledge.catalogue import Allowed, Catalogue, Mask
from knowledge.chroma import IndexUnavailable
from knowledge.chunks import Document, cut, fit
from knowledge.embeddings import Embedder, EmbeddingUnavailable
from knowledge.entries import Entry
from knowledge.index import Reindexed, VectorIndex
from knowledge.lexical import Scores
from knowledge.phrasing import Outside
from knowledge.ranking import POOL, Ranked, by_score, fuse
from knowledge.relevance import FLOOR, Evidence, relevance, relevance_of_words
from knowledge.tokens import Tokenizer

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

_PIECE = 120  # tokens: a longer message is searched piece by piece, since one vector blurs many subjects
_RETRY_AFTER = 30.0  # seconds without asking Chroma again after it failed

Found = Sequence[tuple[Entry, float]]


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
    """Passages, best first, one a clause; empty means: no policy on that.

    `degraded`: words alone were compared. `relevance`: how likely the question is one that a clause answers, 0 to 1.
    """

    passages: tuple[Passage, ...]
    degraded: bool
    relevance: float


@dataclass(frozen=True)
class _Piece:
    """What one piece of a query found. `found` is None when there were no vectors to ask."""

    scores: Scores
    known: float
    found: Found | None
    other_airline: bool

    def evidence(self) -> Evidence:
        best = {"wording": 0.0, "asked": 0.0, "outside": 0.0}
        for entry, cosine in self.found or ():
            best[entry.kind] = max(best[entry.kind], cosine)
        nearest = max(best["wording"], best["asked"])
        return Evidence(
            nearest=nearest,
            wording=best["wording"],
            outside=best["outside"],
            known=self.known,
            other_airline=self.other_airline,
        )

    def rankings(self) -> list[list[int]]:
        near = [entry.chunk for entry, _ in self.found or () if entry.chunk is not None]
        return [by_score(self.scores), near]


PASSAGES = 5
REMEMBERED = 512
"""Searches whose result is kept."""


class KnowledgeBase:
    """Searches one pack. Searching costs a few milliseconds of CPU; on an event loop, call it in a thread."""

    def __init__(
        self,
        *,
        embedder: Embedder,
        tokenizer: Tokenizer,
        connect: "Callable[[], ClientAPI]",
        name: str = "clauses",
        floor: float = FLOOR,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._embedder = embedder
        self._tokenizer = tokenizer
        self._connect = connect
        self._name = name
        self._floor = floor
        self._clock = clock
        self._catalogue = Catalogue([])
        self._outside = Outside()
        self._index: VectorIndex | None = None
        self._failed: VectorIndex | None = None
        self._updating = RLock()
        self._retry_at = float("-inf")
        self._found: dict[tuple[object, ...], SearchResult] = {}
        self.reindexed: Reindexed | None = None
        """What the last `load` took; None when Chroma could not be reached then."""

    def load(self, documents: Iterable[Document], outside: Outside | None = None) -> Reindexed | None:
        """Serve these documents from now on, and bring the vector index up to date.

        None when Chroma cannot be reached: the documents are then found by their words.
        """
        outside = outside or Outside()
        catalogue = Catalogue(list(cut(documents, self._tokenizer)), outside.questions)
        with self._updating:
            self.reindexed = None
            try:
                _, self.reindexed = self._update(catalogue)
            except (IndexUnavailable, EmbeddingUnavailable):
                self._postpone()
            self._catalogue, self._outside = catalogue, outside
            self._found.clear()
            return self.reindexed

    def search(
        self, query: str, *, on: date, audience: str, limit: int = PASSAGES, scope: Mapping[str, str] | None = None
    ) -> SearchResult:
        """Find the clauses that hold on a day for an audience and answer the query; `staff` sees all audiences."""
        catalogue = self._catalogue
        asked = (id(catalogue), query, on, audience, limit, tuple(sorted((scope or {}).items())))
        if (known := self._found.get(asked)) is not None:
            return known
        found = self._search(catalogue, query, on=on, audience=audience, limit=limit, scope=scope or {})
        if not found.degraded:
            self._keep(asked, found)
        return found

    def recall(self, query: str, *, on: date, audience: str) -> SearchResult | None:
        """What `search` found lately for the same: people ask the same again and again. It costs nothing; kept until
        other documents are loaded."""
        return self._found.get((id(self._catalogue), query, on, audience, PASSAGES, ()))

    def _keep(self, asked: tuple[object, ...], found: SearchResult) -> None:
        with self._updating:
            if len(self._found) >= REMEMBERED:
                self._found.pop(next(iter(self._found)))
            self._found[asked] = found

    def _search(
        self, catalogue: Catalogue, query: str, *, on: date, audience: str, limit: int, scope: Mapping[str, str]
    ) -> SearchResult:
        pieces = self._pieces(query, catalogue, catalogue.allowed(on, audience, scope))
        degraded = any(piece.found is None for piece in pieces)
        likely = _relevance(pieces, degraded=degraded)
        if likely < self._floor:
            return SearchResult(passages=(), degraded=degraded, relevance=likely)
        ranked = fuse(catalogue.chunks, [ranking for piece in pieces for ranking in piece.rankings()])
        passages = tuple(_passage(catalogue, one) for one in ranked[:limit])
        return SearchResult(passages=passages, degraded=degraded, relevance=likely)

    def evidence(self, query: str, *, on: date, audience: str) -> list[Evidence]:
        """What the relevance of a query is judged by, for each piece of it."""
        catalogue = self._catalogue
        return [piece.evidence() for piece in self._pieces(query, catalogue, catalogue.allowed(on, audience, {}))]

    def close(self) -> None:
        """Let go of Chroma."""
        for index in (self._index, self._failed):
            if index is not None:
                index.close()
        self._index = self._failed = None

    def _pieces(self, query: str, catalogue: Catalogue, allowed: Allowed) -> list[_Piece]:
        texts = list(fit(query, self._tokenizer, _PIECE))
        nearest = self._nearest(texts, catalogue, allowed)
        found: Sequence[Found | None] = [None] * len(texts) if nearest is None else nearest
        words = catalogue.lexical
        foreign = self._outside.names_other_airline(query)
        return [
            _Piece(_masked(words.scores(text), allowed.mask), words.known(text), near, foreign)
            for text, near in zip(texts, found, strict=True)
        ]

    def _nearest(self, texts: Sequence[str], catalogue: Catalogue, allowed: Allowed) -> list[Found] | None:
        """For each text the nearest entries with their cosine, best first; None when there are no vectors to ask."""
        if self._clock() < self._retry_at:
            return None
        try:
            index = self._index or self._update(catalogue)[0]  # after Chroma was away, up to date before it is asked
            found = [index.nearest(vector, limit=POOL, among=allowed.ids) for vector in self._embedder.embed(texts)]
        except (IndexUnavailable, EmbeddingUnavailable):
            self._postpone()
            return None
        entries = catalogue.entries
        return [[(entries[name], cosine) for name, cosine in one if name in entries] for one in found]

    def _update(self, catalogue: Catalogue) -> tuple[VectorIndex, Reindexed]:
        with self._updating:
            index = self._index
            if index is None:
                self.close()
                index = self._failed = VectorIndex(self._connect(), self._embedder, name=self._name)
            report = index.bring_up_to_date(list(catalogue.entries.values()))
            self._index, self._failed = index, None
            return index, report

    def _postpone(self) -> None:
        """Leave Chroma alone for a while. Its client is closed only later: another thread may be using it now."""
        self._failed, self._index = self._index or self._failed, None
        self._retry_at = self._clock() + _RETRY_AFTER


def _masked(scores: Scores, allowed: Mask) -> Scores:
    return np.where(allowed, scores, np.float32(0))


def _relevance(pieces: Sequence[_Piece], *, degraded: bool) -> float:
    """One relevant piece makes a long message relevant."""
    judge = relevance_of_words if degraded else relevance
    return max((judge(piece.evidence()) for piece in pieces), default=0.0)


def _passage(catalogue: Catalogue, ranked: Ranked) -> Passage:
    chunk = catalogue.chunks[ranked.chunk]
    return Passage(
        clause_id=chunk.document.id,
        version=chunk.document.version,
        title=chunk.document.title,
        text=chunk.text,
        score=ranked.score,
    )
