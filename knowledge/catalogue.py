"""The chunks of one state of the documents in memory, and which of them hold for whom, when and where."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from knowledge.chunks import Chunk, Document
from knowledge.entries import Entry, entries_of
from knowledge.lexical import Lexical

Mask = NDArray[np.bool_]

_REMEMBERED = 64  # filters kept, since most questions ask for the same day, audience and route


@dataclass(frozen=True)
class Allowed:
    """What may be found: a mask over the chunks, and the ids of their entries with those outside every policy."""

    mask: Mask
    ids: frozenset[str]


class Catalogue:
    """Never changes: a new state of the documents is a new catalogue."""

    def __init__(self, chunks: Sequence[Chunk], outside: Iterable[str] = ()) -> None:
        documents = [chunk.document for chunk in chunks]
        self.chunks = tuple(chunks)
        self.entries: Mapping[str, Entry] = {entry.id: entry for entry in entries_of(chunks, outside)}
        self.lexical = Lexical([_words_of(chunk) for chunk in chunks])
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
            held = (entry.id for entry in self.entries.values() if entry.chunk is None or mask[entry.chunk])
            self._asked[asked] = Allowed(mask, frozenset(held))
        return self._asked[asked]

    def _mask(self, on: date, audience: str, scope: Mapping[str, str]) -> Mask:
        mask: Mask = (self._starts <= on.toordinal()) & (on.toordinal() < self._ends)
        if audience != "staff":
            mask &= self._audiences == audience
        for position in self._scoped if scope else ():
            mask[position] &= _within(self.chunks[position].document, scope)
        return mask


def _words_of(chunk: Chunk) -> str:
    asked = chunk.document.asked if chunk.ordinal == 0 else ()
    return "\n".join([chunk.embedded_text, *asked])


def _ordinals(days: Iterable[date | None], *, missing: date) -> NDArray[np.int64]:
    return np.array([(day or missing).toordinal() for day in days], dtype=np.int64)


def _within(document: Document, scope: Mapping[str, str]) -> bool:
    return all(value in document.scope.get(name, (value,)) for name, value in scope.items())
