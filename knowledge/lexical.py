"""BM25 over chunks: exact words, for what an embedding blurs (codes, figures, names)."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

_WORD = re.compile(r"[^\W_]+")
_STOP_WORDS = """
a an and are as at be but by can could do does for from had has have how i if in into is it its me my of on or our s so
such t than that the their them then there these they this to up was we were what when where which who will with would
you your
"""
_STOP = frozenset(_STOP_WORDS.split())


def words(text: str) -> list[str]:
    """Lower-case stems without stop words; figures and codes stay whole."""
    return [_stem(word) for word in _WORD.findall(text.lower()) if word not in _STOP]


def _stem(word: str) -> str:
    for ending in ("ing", "ies", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending) + ("y" if ending == "ies" else "")
    return word


class Lexical:
    """A BM25 index in memory over texts, in their order."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s  # type: ignore[import-untyped]  # noqa: PLC0415 - 0.2 s that only a search pays

        self._size = len(texts)
        corpus = [words(text) for text in texts]
        self._index = bm25s.BM25() if any(corpus) else None
        if self._index is not None:
            self._index.index(corpus, show_progress=False)

    def scores(self, query: str) -> Scores:
        """One score for each text; zero where no word of the query occurs."""
        asked = words(query)
        if self._index is None or not asked:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._index.get_scores(asked), dtype=np.float32)
