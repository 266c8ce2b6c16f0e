"""What the HTTP side needs of a running Concierge. agent/bootstrap.py builds the real one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from starlette.types import ASGIApp

from agent.interface import ConciergeLike


class Effective(Protocol):
    @property
    def basis(self) -> str: ...
    @property
    def start(self) -> date: ...
    @property
    def until(self) -> date | None: ...
    def covers(self, day: date) -> bool: ...


class Clause(Protocol):
    """One version of one clause (knowledge/clause.py), as far as a reader sees it."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def effective(self) -> Effective: ...
    @property
    def authority(self) -> str: ...
    @property
    def audience(self) -> str: ...
    @property
    def body(self) -> str: ...


class Passage(Protocol):
    @property
    def clause_id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def score(self) -> float: ...


class Found(Protocol):
    @property
    def passages(self) -> Sequence[Passage]: ...
    @property
    def degraded(self) -> bool: ...


class Knowledge(Protocol):
    def search(self, query: str, *, on: date, audience: str, limit: int = 5) -> Found: ...


class Pack(Protocol):
    @property
    def clauses(self) -> Sequence[Clause]: ...


class Platform(Protocol):
    @property
    def concierge(self) -> ConciergeLike: ...
    @property
    def knowledge(self) -> Knowledge: ...
    @property
    def pack(self) -> Pack: ...
    @property
    def sandbox(self) -> ASGIApp | None:
        """The embedded airline, when it runs in this process."""
        ...

    async def health(self) -> Mapping[str, str]:
        """Each dependency by name: 'ok', or in words what is wrong with it."""
        ...
