"""A policy answer in the clauses' own sentences: the few that come nearest to the question, each with its clause."""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from knowledge.embeddings import Embedder, Vectors

_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9*])|\n+")
_MARKUP = re.compile(r"^\s*(?:[#>|]+|[-*] |\d+[.)] )\s*")
_WORDS = re.compile(r"\w{3,}")
_SENTENCES: Final = 3
_NEAR: Final = 0.22
"""How much less near than the best a sentence of the same clause may be."""
_RANK_COST: Final = 0.06
"""What each place in the search ranking costs a sentence."""
_KEPT: Final = 4096


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    clause_id: str
    place: int
    order: int
    text: str
    nearness: float


class PolicyAnswers:
    """Keeps the vectors of sentences it has met, since clauses repeat and questions do not."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: OrderedDict[str, Vectors] = OrderedDict()

    def answer(self, question: str, passages: Sequence[Mapping[str, Any]]) -> str:
        """Sentences with citations; empty when no passage holds a sentence."""
        candidates = self._candidates(question, passages[:3])
        if not candidates:
            return ""
        best = max(candidates, key=lambda c: c.nearness)
        same = [c for c in candidates if c.clause_id == best.clause_id and c.nearness >= best.nearness - _NEAR]
        chosen = sorted(same, key=lambda c: -c.nearness)[:_SENTENCES]
        return " ".join(f"{c.text} [[{c.clause_id}]]" for c in sorted(chosen, key=lambda c: c.order))

    def _candidates(self, question: str, passages: Sequence[Mapping[str, Any]]) -> list[_Candidate]:
        asked = self._embedder.embed([question])[0]
        said = set(_WORDS.findall(question.lower()))
        found: list[_Candidate] = []
        for place, passage in enumerate(passages):
            for order, sentence in enumerate(sentences(str(passage["text"]), str(passage.get("title", "")))):
                shared = len(said & set(_WORDS.findall(sentence.lower()))) / (len(said) or 1)
                nearness = float(self._vector(sentence) @ asked) + 0.15 * shared - _RANK_COST * place
                found.append(
                    _Candidate(
                        clause_id=str(passage["clause_id"]), place=place, order=order, text=sentence, nearness=nearness
                    )
                )
        return found

    def _vector(self, sentence: str) -> Vectors:
        if sentence in self._known:
            self._known.move_to_end(sentence)
            return self._known[sentence]
        vector: Vectors = np.asarray(self._embedder.embed([sentence])[0])
        self._known[sentence] = vector
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return vector


def sentences(text: str, title: str = "") -> list[str]:
    """Plain sentences of a clause, without its title, its markup and the questions it opens with."""
    flowing = re.sub(r"(?<![.!?:\n])\n(?!\n|\s*[-*#|])", " ", text)
    parts = [_MARKUP.sub("", part).strip() for part in _END.split(flowing)]
    return [part for part in parts if part and part != title and not part.endswith(("?", ":")) and " " in part]
