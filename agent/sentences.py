"""Text in pieces becomes whole sentences, each with the clauses it cites. A sentence waits until it is whole."""

import re
from dataclasses import dataclass

_CITATION = re.compile(r"\s*\[\[([A-Za-z0-9-]+)\]\]")
_END = re.compile(r"""(?P<stop>[.!?…]+["'”’»)*_]*(?:\s*\[\[[A-Za-z0-9-]+\]\])*)(?=\s+[^\s\[])|[。！？]+(?=\S)|\n+""")
_SHORT = re.compile(
    r"(?:\b(?:[A-Za-z]|approx|nos?|nr|arts?|dr|mr|mrs|ms|st|vs|max|min|incl|excl|tel|ca|bzw|inkl|ggf|usw|evtl|env|aprox|sra?|"
    r"dott|ing|dhr|mevr|bijv|etc|jan|feb|mar|apr|jun|jul|aug|sept?|okt|oct|nov|dez|dec|mon|tue|wed|thu|fri|sat|sun)\.)$",
    re.I,
)
_ORDINAL = re.compile(r"(?<![\w.,:])\d{1,2}\.$")
_LIST_NUMBER = re.compile(r"\s*\d{1,2}\.$")
_AFTER_ORDINAL = re.compile(r"\s+(?P<word>[^\W\d_]+)(?P<whole>[^\w]|$)?")
_MONTH = re.compile(
    r"(?:jan|feb|mär|mar|apr|ma[ij]|jun|jul|aug|sep|o[kc]t|nov|de[zc]|tammi|helmi|maalis|touko|kesä|heinä|elo|syys|loka|marras|joulu)",
    re.I,
)


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
        while (cut := _next_end(self._held)) is not None:
            blank = len(self._held[cut:]) - len(self._held[cut:].lstrip())
            whole.append(_sentence(self._held[: cut + blank]))
            self._held = self._held[cut + blank :]
        return [sentence for sentence in whole if sentence.text]

    def rest(self) -> list[Sentence]:
        last, self._held = _sentence(self._held), ""
        return [last] if last.text.strip() else []


def split_sentences(text: str) -> list[Sentence]:
    splitter = SentenceSplitter()
    return splitter.feed(text) + splitter.rest()


def _next_end(text: str) -> int | None:
    """Where the first sentence ends, past its citations; None while it cannot be told."""
    for match in _END.finditer(text):
        if match["stop"] is None or not _goes_on(text, match):
            return match.end()
    return None


def _goes_on(text: str, match: re.Match[str]) -> bool:
    """A full stop of an abbreviation or of an ordinal ('25. November') ends no sentence."""
    if match["stop"] != ".":
        return False
    before = text[max(0, match.start() - 8) : match.end()]
    if _LIST_NUMBER.match(text[: match.end()]):
        return True
    if _ORDINAL.search(before):
        word = _AFTER_ORDINAL.match(text, match.end())
        return word is not None and (not word["whole"] or word["word"].islower() or bool(_MONTH.match(word["word"])))
    following = text[match.end() :].lstrip()[:1]
    return bool(_SHORT.search(before)) and not (before.lower().endswith(("etc.", "usw.")) and following.isupper())


def _sentence(text: str) -> Sentence:
    return Sentence(text=_CITATION.sub("", text), cited=tuple(_CITATION.findall(text)))
