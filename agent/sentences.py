"""Text in pieces becomes whole sentences, each with the clauses it cites. A sentence waits until it is whole."""

import re
from dataclasses import dataclass

_CITATION = re.compile(r"\s*\[\[([A-Za-z0-9-]+)\]\]")
_END = re.compile(r"(?:(?<=[.!?…])(?<!\b[A-Za-z]\.)|(?<=[.!?][\"')*]))(?:\s*\[\[[A-Za-z0-9-]+\]\])*(?=\s+[^\s\[])|\n+")


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """text is what the person reads, with its trailing blank or line break; cited are clause ids as written."""

    text: str
    cited: tuple[str, ...]


class SentenceSplitter:
    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> list[Sentence]:
        self._held += piece
        whole: list[Sentence] = []
        while (end := _END.search(self._held)) is not None:
            cut = end.end()
            blank = len(self._held[cut:]) - len(self._held[cut:].lstrip(" "))
            whole.append(_sentence(self._held[: cut + blank]))
            self._held = self._held[cut + blank :]
        return [sentence for sentence in whole if sentence.text]

    def rest(self) -> list[Sentence]:
        last, self._held = _sentence(self._held), ""
        return [last] if last.text.strip() else []


def holds_sentence(text: str) -> bool:
    """Whether the splitter, given this text, would let a sentence go."""
    return _END.search(text) is not None


def split_sentences(text: str) -> list[Sentence]:
    splitter = SentenceSplitter()
    return splitter.feed(text) + splitter.rest()


def _sentence(text: str) -> Sentence:
    return Sentence(text=_CITATION.sub("", text), cited=tuple(_CITATION.findall(text)))
