"""Documents to search, and their chunks: cut on headings, sized in tokens."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from knowledge.tokens import Tokenizer

CHUNKER = "headings-1"  # part of the index digest: change it when the same document would be cut otherwise
LIMIT = 200  # tokens; with the title in front, a chunk stays inside the 256 the embedding model reads

_HEADING = re.compile(r"^#{1,6}\s+(?P<heading>.+?)\s*#*\s*$")
_CUTS = (  # where to cut what is too long, coarse before fine, and what to join the parts by
    (re.compile(r"\n\s*\n"), "\n\n"),
    (re.compile(r"\n"), "\n"),
    (re.compile(r"(?<=[.!?])\s+"), " "),
)


@dataclass(frozen=True, kw_only=True)
class Document:
    """What retrieval knows of a clause: its words, and for whom and when they hold (`ends` exclusive).

    `asked` are other words for the questions it answers: searched, never shown.
    """

    id: str
    title: str
    body: str
    asked: tuple[str, ...] = ()
    version: int = 1
    audience: str = "customer"
    starts: date | None = None
    ends: date | None = None
    scope: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """A piece of a document, small enough to embed."""

    document: Document
    ordinal: int
    heading: str
    text: str

    @property
    def embedded_text(self) -> str:
        """Title and heading go in front: a chunk must say what it is about by itself."""
        title = self.document.title
        lead = title if self.heading in ("", title) else f"{title}: {self.heading}"
        return f"{lead}\n{self.text}"


def cut(documents: Iterable[Document], tokenizer: Tokenizer, *, limit: int = LIMIT) -> Iterator[Chunk]:
    """Yield each document's chunks in order. A section over `limit` tokens is cut at paragraphs, lines, sentences."""
    for document in documents:
        ordinal = 0
        for heading, section in _sections(document.body):
            for text in fit(section, tokenizer, limit):
                yield Chunk(document=document, ordinal=ordinal, heading=heading, text=text)
                ordinal += 1


def _sections(markdown: str) -> Iterator[tuple[str, str]]:
    heading, lines = "", list[str]()
    for line in markdown.splitlines():
        if match := _HEADING.match(line):
            if "".join(lines).strip():
                yield heading, "\n".join(lines).strip()
            heading, lines = match["heading"], []
        else:
            lines.append(line)
    if heading or "".join(lines).strip():
        yield heading, "\n".join(lines).strip()


def fit(section: str, tokenizer: Tokenizer, limit: int, level: int = 0) -> Iterator[str]:
    """Yield pieces of a text within `limit` tokens; only a sentence longer than that stays whole."""
    if level == len(_CUTS) or tokenizer.count(section) <= limit:
        yield section
        return
    where, glue = _CUTS[level]
    group = ""
    for part in filter(str.strip, where.split(section)):
        joined = f"{group}{glue}{part}" if group else part
        if group and tokenizer.count(joined) > limit:
            yield from fit(group, tokenizer, limit, level + 1)
            joined = part
        group = joined
    yield from fit(group, tokenizer, limit, level + 1)
