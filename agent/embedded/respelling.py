"""Slips of the typing hand, put right before a message is read: 'cancl my delyed flihgt' -> 'cancel my delayed flight'."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_USUAL: Final = 3
"""Examples that have a word before others are taken for it."""
_SHORTEST: Final = 4
_LONG: Final = 7
"""Letters from which two slips are forgiven."""


class Respelling:
    """Knows the words of the examples. A word it does not know becomes the usual word one slip away."""

    def __init__(self, texts: Iterable[str]) -> None:
        counts = Counter(word for text in texts for word in set(_WORD.findall(text.lower())))
        self._known = frozenset(counts)
        self._usual = sorted(word for word, count in counts.items() if count >= _USUAL and len(word) >= _SHORTEST)

    def correct(self, text: str) -> str:
        return _WORD.sub(lambda match: self._word(match[0]), text)

    def _word(self, word: str) -> str:
        if word in self._known or len(word) < _SHORTEST:
            return word
        slips = 2 if len(word) >= _LONG else 1
        near = process.extractOne(word, self._usual, scorer=OSA.distance, score_cutoff=slips)
        return near[0] if near and near[0][0] == word[0] else word
