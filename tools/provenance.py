"""Every argument of a write traces to a trusted source, or the call is refused.

A value that stands only in untrusted text (a remark, a name, a document) has no source, whoever repeats it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import date
from typing import Literal

from tools.context import TurnContext
from tools.extract.message import extract
from tools.tool import Arguments, Provenance

Source = Literal["your words", "your booking", "your choice", "our option"]


def trace(arguments: Arguments, turn: TurnContext) -> dict[str, Source] | str:
    """The source of each given argument, or the name of the first argument that has none."""
    sources: dict[str, Source] = {}
    for name, kind in arguments.provenance.items():
        value = getattr(arguments, name)
        if value is None:
            continue
        source = _CHECKS[kind](str(value), turn)
        if source is None:
            return name
        sources[name] = source
    return sources


def _record(value: str, turn: TurnContext) -> Source | None:
    if value in turn.seen or any(g.locator == value for g in turn.grants):
        return "your booking"
    return _words(value, turn)


def _words(value: str, turn: TurnContext) -> Source | None:
    return "your words" if any(value in _values(text, turn.now.date()) for text in turn.said) else None


def _typed(value: str, turn: TurnContext) -> Source | None:
    """Whatever the case, the spaces and the signs between: 'o brien' is O'Brien."""
    wanted = "".join(_words_in(value))
    return "your words" if wanted and any(wanted in _runs(text) for text in turn.said) else None


def _quote(value: str, turn: TurnContext) -> Source | None:
    """Whole words only: 'ill' is no quote of 'I will'."""
    if not _words_in(value):
        return None
    whole = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)")
    return "your words" if any(whole.search(text) for text in turn.said) else None


def _choice(value: str, turn: TurnContext) -> Source | None:
    return "your choice"


def _values(text: str, today: date) -> frozenset[str]:
    """Everything the extractors read in a text, as the arguments of a tool would have it, and the words as typed."""
    read = extract(text, today=today)
    found = (value for field in fields(read) if isinstance(value := getattr(read, field.name), tuple))
    return frozenset(form for values in found for one in values for form in (str(one.value), one.text))


def _words_in(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _runs(text: str) -> Iterator[str]:
    """Up to eight words one after the other, written as one."""
    words = _words_in(text)
    return ("".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, start + 9))


_CHECKS: dict[Provenance, Callable[[str, TurnContext], Source | None]] = {
    "record": _record,
    "words": _words,
    "typed": _typed,
    "quote": _quote,
    "choice": _choice,
}
