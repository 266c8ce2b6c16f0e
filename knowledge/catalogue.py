"""The chunks of one state of the documents in memory, and which of them hold for whom, when and where."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from knowledge.chunks import Chunk, Document
from knowledge.lexical import Lexical

Mask = NDArray[np.bool_]

_REMEMBERED = 64  # filters kept, since most questions ask for the same day, audience and route


@dataclass(frozen=True)
class Allowed:
    """The chunks that may be found: as a mask over positions, and as ids."""

    mask: Mask
    ids: frozenset[str]


class Catalogue:
    """Never changes: a new state of the documents is a new catalogue."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        documents = [chunk.document for chunk in chunks]
        self.chunks = tuple(chunks)
        self.positions: Mapping[str, int] = {chunk.id: position for position, chunk in enumerate(chunks)}
        self.lexical = Lexical([chunk.embedded_text for chunk in chunks])
        self._ids = np.array(list(self.positions), dtype=np.object_)
        self._starts = _ordinals((document.starts for document in documents), missing=date.min)
        self._ends = _ordinals((document.ends for document in documents), missing=date.max)
        self._audiences = np.array([document.audience for document in documents], dtype=np.str_)
        self._scoped = [position for position, document in enumerate(documents) if document.scope]
        self._asked: dict[tuple[date, str, frozenset[tuple[str, str]]], Allowed] = {}

    def allowed(self, on: date, audience: str, scope: Mapping[str, str]) -> Allowed:
        """Which chunks may be found at all; `staff` reads what is written for any audience."""
        asked = (on, audience, frozenset(scope.items()))
        if asked not in self._asked:
            if len(self._asked) >= _REMEMBERED:
                self._asked.clear()
            mask = self._mask(on, audience, scope)
            self._asked[asked] = Allowed(mask, frozenset(self._ids[mask]))
        return self._asked[asked]

    def _mask(self, on: date, audience: str, scope: Mapping[str, str]) -> Mask:
        mask: Mask = (self._starts <= on.toordinal()) & (on.toordinal() < self._ends)
        if audience != "staff":
            mask &= self._audiences == audience
        for position in self._scoped if scope else ():
            mask[position] &= _within(self.chunks[position].document, scope)
        return mask


def _ordinals(days: Iterable[date | None], *, missing: date) -> NDArray[np.int64]:
    return np.array([(day or missing).toordinal() for day in days], dtype=np.int64)


def _within(document: Document, scope: Mapping[str, str]) -> bool:
    return all(value in document.scope.get(name, (value,)) for name, value in scope.items())
