"""Rank documents by several rankings of their chunks: reciprocal rank fusion."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.chunks import Chunk
from knowledge.lexical import Scores

POOL = 50  # chunks each ranking contributes
_RANK_OFFSET = (
    10  # small, since each list is short: the first places must count (Cormack et al., 2009, used 60 for 1,000)
)

DocumentKey = tuple[str, int]


@dataclass(frozen=True)
class Ranked:
    """A document with the chunk that brought it highest."""

    chunk: int
    score: float


def by_score(scores: Scores) -> list[int]:
    """Positions of the chunks with a score, best first."""
    if len(scores) > POOL:
        threshold = np.partition(scores, -POOL)[-POOL]
        hits = np.flatnonzero((scores >= threshold) & (scores > 0))
    else:
        hits = np.flatnonzero(scores > 0)
    return [int(position) for position in hits[np.argsort(-scores[hits], kind="stable")[:POOL]]]


def fuse(chunks: Sequence[Chunk], rankings: Iterable[Sequence[int]]) -> list[Ranked]:
    """Fuse rankings of chunk positions into one of documents; a document stands where its best chunk does."""
    scores: dict[DocumentKey, float] = {}
    shown: dict[DocumentKey, tuple[int, int]] = {}
    for ranking in rankings:
        for rank, (key, position) in enumerate(_best_of_each(chunks, ranking).items(), start=1):
            scores[key] = scores.get(key, 0.0) + 1.0 / (_RANK_OFFSET + rank)
            shown[key] = min(shown.get(key, (rank, position)), (rank, position))
    ordered = sorted(scores, key=lambda key: (-scores[key], key))
    return [Ranked(shown[key][1], scores[key]) for key in ordered]


def _best_of_each(chunks: Sequence[Chunk], ranking: Sequence[int]) -> Mapping[DocumentKey, int]:
    best: dict[DocumentKey, int] = {}
    for position in ranking:
        document = chunks[position].document
        best.setdefault((document.id, document.version), position)
    return best
