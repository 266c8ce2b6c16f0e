"""BM25 over chunks: exact words, for what an embedding blurs (codes, figures, names)."""

import re
from collections import Counter
from collections.abc import Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

_WORD = re.compile(r"[^\W_]+")
_STOP_WORDS = """
a an and are as at be but by can could do does for from had has have how i if in into is it its me my of on or our s so
such t than that the their them then there these they this to up was we were what when where which who will with would
you your
"""
_ENDINGS = (
    *((ending, "") for ending in ("ations", "ation", "able", "ments", "ment", "ings", "ing")),
    *((ending, "y") for ending in ("ies", "ied")),
    *((ending, "") for ending in ("ed", "es", "s")),
)
_STOP = frozenset(_STOP_WORDS.split())


def words(text: str) -> list[str]:
    """Lower-case stems without stop words; figures and codes stay whole."""
    return [_stem(word) for word in _WORD.findall(text.lower()) if word not in _STOP]


def _stem(word: str) -> str:
    """Cut English endings, so that `cancelled`, `cancelling` and `cancellation` are one word."""
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending) + instead
            break
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word


class Lexical:
    """A BM25 index in memory over texts, in their order."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s  # type: ignore[import-untyped]  # noqa: PLC0415 - 0.2 s that only a search pays

        self._size = len(texts)
        corpus = [words(text) for text in texts]
        self._frequency = Counter(word for text in corpus for word in set(text))
        self._index = bm25s.BM25() if any(corpus) else None
        if self._index is not None:
            self._index.index(corpus, show_progress=False)

    def scores(self, query: str) -> Scores:
        """One score for each text; zero where no word of the query occurs."""
        asked = words(query)
        if self._index is None or not asked:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._index.get_scores(asked), dtype=np.float32)

    def known(self, query: str) -> float:
        """How much of what the query says occurs in any text, from 0 to 1: rare words weigh more, unknown ones most."""
        weights = {word: self._weight(word) for word in words(query)}
        said = sum(weights.values())
        return sum(weight for word, weight in weights.items() if word in self._frequency) / said if said else 0.0

    def _weight(self, word: str) -> float:
        having = self._frequency[word]
        return log(1 + (self._size - having + 0.5) / (having + 0.5))
