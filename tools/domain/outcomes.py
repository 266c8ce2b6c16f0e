"""What a tool call came to. A refusal is a value with its clause, not an exception.

`say` is the sentence for the person, built from the decision, the quote and the record only. `data` is what the model
may read; the executor has masked it and marked what somebody typed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from knowledge.clause import ClauseRef

Level = Literal["anonymous", "booking", "verified", "authenticated", "agent", "supervisor"]


@dataclass(frozen=True, kw_only=True)
class Event:
    """What the landscape is told of an act; it goes out through the outbox, in order for each key."""

    key: str
    type: str
    data: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Done:
    say: str
    data: Mapping[str, object] = field(default_factory=dict)
    clauses: tuple[ClauseRef, ...] = ()
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """say: why the policy allows it; the card itself is the proposal."""

    proposal_id: str
    say: str
    clauses: tuple[ClauseRef, ...]


@dataclass(frozen=True, kw_only=True)
class Refused:
    say: str
    clauses: tuple[ClauseRef, ...]


@dataclass(frozen=True, kw_only=True)
class IdentityNeeded:
    level: Level
    say: str
    locator: str | None = None


@dataclass(frozen=True, kw_only=True)
class FactsNeeded:
    facts: tuple[str, ...]
    """Names of stated facts or arguments the person can give."""
    say: str


@dataclass(frozen=True, kw_only=True)
class HumanNeeded:
    say: str
    clauses: tuple[ClauseRef, ...] = ()
    reason: str = "policy"


@dataclass(frozen=True, kw_only=True)
class Unavailable:
    service: str
    say: str


@dataclass(frozen=True, kw_only=True)
class Invalid:
    """The call was malformed or untraceable; the model may try again with what `say` asks for."""

    say: str


Outcome = Done | Proposed | Refused | IdentityNeeded | FactsNeeded | HumanNeeded | Unavailable | Invalid
