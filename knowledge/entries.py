"""What the vector index holds: texts, each with the id it is found by."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from knowledge.chunks import Chunk

Kind = Literal["wording", "asked", "outside"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A text to embed. `chunk` is the position of the chunk it leads to; None for what lies outside every policy."""

    id: str
    text: str
    kind: Kind
    chunk: int | None

    @property
    def content_hash(self) -> str:
        return _hash(self.text)


def entries_of(chunks: Sequence[Chunk], outside: Iterable[str] = ()) -> Iterator[Entry]:
    """Yield an entry for each chunk, for each way its document is asked about, and for each question outside.

    An id changes with the words and the version, so that an index of other words never answers for these.
    """
    for position, chunk in enumerate(chunks):
        name = f"{chunk.document.id}.v{chunk.document.version}"
        yield _entry(f"{name}.{chunk.ordinal}", chunk.embedded_text, "wording", position)
        if chunk.ordinal == 0:
            for number, text in enumerate(chunk.document.asked):
                yield _entry(f"{name}.asked.{number}", text, "asked", position)
    for number, text in enumerate(outside):
        yield _entry(f"outside.{number}", text, "outside", None)


def _entry(name: str, text: str, kind: Kind, chunk: int | None) -> Entry:
    return Entry(id=f"{name}.{_hash(text)}", text=text, kind=kind, chunk=chunk)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]
