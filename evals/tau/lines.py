"""A conversation in the benchmark's runner, in words of our own: no type here is the runner's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class Act:
    """One tool call."""

    name: str
    arguments: Mapping[str, Any]
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one side said or did. id and error: of the result of the call of that id."""

    role: Literal["customer", "agent", "tool"]
    text: str = ""
    acts: tuple[Act, ...] = field(default=())
    id: str = ""
    error: bool = False


Model = Callable[[Sequence[Line]], Line]
"""Says what comes next; its words and calls are wishes only."""
