"""One value read in a text, with the words it was read from. Extractors are pure and read left to right."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Found(Generic[T_co]):
    """text is text_of_message[start:end], exactly as typed."""

    value: T_co
    text: str
    start: int
    end: int


def found(match: re.Match[str], value: T, group: int | str = 0) -> Found[T]:
    return Found(value=value, text=match.group(group), start=match.start(group), end=match.end(group))


def outside(values: Iterable[Found[T]], *taken: Iterable[Found[object]]) -> tuple[Found[T], ...]:
    """Values whose words no `taken` value claims."""
    claimed = [claim for group in taken for claim in group]
    return tuple(value for value in values if not any(_meets(value, claim) for claim in claimed))


def disjoint(values: Iterable[Found[T]]) -> tuple[Found[T], ...]:
    """Left to right, the longer of two that meet."""
    kept: list[Found[T]] = []
    for value in sorted(values, key=lambda v: (v.start - v.end, v.start)):
        if not any(_meets(value, other) for other in kept):
            kept.append(value)
    return tuple(sorted(kept, key=lambda v: v.start))


def scan(pattern: re.Pattern[str], text: str, read: Callable[[re.Match[str]], T | None]) -> tuple[Found[T], ...]:
    """Every match that `read` turns into a value."""
    matches = ((match, read(match)) for match in pattern.finditer(text))
    return tuple(found(match, value) for match, value in matches if value is not None)


def _meets(one: "Found[T]", other: "Found[object]") -> bool:
    return one.start < other.end and other.start < one.end


def words(text: str) -> frozenset[str]:
    """A word list as a set."""
    return frozenset(text.split())
