"""A policy answer in the clauses' own sentences: those of the first clause found that come nearest to the question."""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from knowledge.embeddings import Embedder, Vectors

_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9*])")
_MARKUP = re.compile(r"^\s*(?:([-*] |\d+[.)] )|[#>|]+)\s*")
_CUSTOMER = re.compile(r"\b(?:I|I['’]m|me|my)\b")
_WORDS = re.compile(r"\w{3,}")
_SENTENCES: Final = 3
_NEAR: Final = 0.22
"""How much less near than the nearest a sentence of the clause may be."""
_LEAD: Final = 0.35
"""The same for its first sentence, which the others lean on."""
# A second clause speaks too if search put it close behind the first and one sentence of it is plainly nearer.
# Chosen on the development part of the retrieval suite.
_CLOSE: Final = 0.9
_NEARER: Final = 0.12
_ITEM: Final = "- "
_OPENING: Final = 2
"""Sentences at the head of a clause that may be a customer's words."""
_KEPT: Final = 4096


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    clause_id: str
    place: int
    score: float
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
        first = min(candidate.place for candidate in candidates)
        own = [c for c in candidates if c.place == first]
        best = max(c.nearness for c in own)
        near = [c for c in own if c.nearness >= best - (_NEAR if c is not own[0] else _LEAD)]
        nearest = sorted(near, key=lambda c: -c.nearness)[:_SENTENCES]
        close = [c for c in candidates if c.place != first and c.score >= _CLOSE * own[0].score]
        second = [c for c in close if c.nearness > best + _NEARER]
        chosen = sorted(nearest, key=lambda c: c.order) + sorted(second, key=lambda c: -c.nearness)[:1]
        return "".join(_cited(c) for c in chosen).strip()

    def _candidates(self, question: str, passages: Sequence[Mapping[str, Any]]) -> list[_Candidate]:
        asked = self._embedder.embed([question])[0]
        said = set(_WORDS.findall(question.lower()))
        return [
            _Candidate(
                clause_id=str(passage["clause_id"]),
                place=place,
                score=float(passage.get("score", 0.0)),
                order=order,
                text=sentence,
                nearness=float(self._vector(sentence) @ asked) + _shared(said, sentence),
            )
            for place, passage in enumerate(passages)
            for order, sentence in enumerate(sentences(str(passage["text"]), str(passage.get("title", ""))))
        ]

    def _vector(self, sentence: str) -> Vectors:
        if sentence in self._known:
            self._known.move_to_end(sentence)
            return self._known[sentence]
        vector: Vectors = np.asarray(self._embedder.embed([sentence])[0])
        self._known[sentence] = vector
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return vector


def _cited(candidate: _Candidate) -> str:
    """Every line with its clause, since every line is checked by itself; a list ends its paragraph."""
    lines = [f"{line} [[{candidate.clause_id}]]" for line in candidate.text.split("\n")]
    return "\n".join(lines) + ("\n\n" if len(lines) > 1 else " ")


def _shared(said: set[str], sentence: str) -> float:
    """What words in common add to the nearness of a sentence."""
    return 0.15 * len(said & set(_WORDS.findall(sentence.lower()))) / (len(said) or 1)


def sentences(text: str, title: str = "") -> list[str]:
    """Plain sentences of a clause, a list together with the sentence that opens it; without its title, and without the
    question or the customer's words it may begin with."""
    told: list[str] = []
    for lines in _blocks(text):
        if lines[0].startswith(_ITEM) and told and told[-1].endswith(":"):
            told[-1] = "\n".join([told[-1], *lines])
        elif lines[0].startswith(_ITEM):
            told += [line.removeprefix(_ITEM) for line in lines]
        else:
            told += [part.strip() for part in _END.split(" ".join(lines))]
    return [part for at, part in enumerate(told) if _says_something(part, title, opening=at < _OPENING)]


def _blocks(text: str) -> list[list[str]]:
    """Runs of prose lines, and runs of list items, each item on one line."""
    blocks: list[list[str]] = []
    for raw in text.splitlines():
        line = _MARKUP.sub(lambda m: _ITEM if m[1] else "", raw.rstrip())
        item = line.startswith(_ITEM)
        if not line.strip():
            blocks.append([])
        elif item and blocks and blocks[-1] and blocks[-1][0].startswith(_ITEM):
            blocks[-1].append(line)
        elif raw.startswith("  ") and blocks and blocks[-1] and not item:
            blocks[-1][-1] += f" {line.strip()}"
        elif item or not blocks or (blocks[-1] and blocks[-1][0].startswith(_ITEM)):
            blocks.append([line.strip() if not item else line])
        else:
            blocks[-1].append(line.strip())
    return [block for block in blocks if block]


def _says_something(part: str, title: str, *, opening: bool) -> bool:
    asks = part.endswith(("?", ":")) or (opening and _CUSTOMER.search(part) is not None)
    return bool(part) and part != title and " " in part and not asks
