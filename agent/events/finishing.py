"""What doing an effect comes to: done, with what follows from it; or later; or never."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from agent.store.effects import Effect, NewEffect
from tools.audit import AuditRecord
from tools.ports import Subject, Write

SYSTEM = Subject("system")


@dataclass(frozen=True, kw_only=True)
class Done:
    """Kept in one transaction: the result, the effects that follow, the audit, and what else is written."""

    result: Mapping[str, object]
    followers: tuple[NewEffect, ...] = ()
    audit: tuple[AuditRecord, ...] = ()
    also: Callable[[AsyncConnection], Awaitable[None]] | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Later:
    """Nothing was done and nothing is wrong: it may be done then."""

    until: datetime


Outcome = Done | Later


class Handler(Protocol):
    """Acts at most at the services, each write with a key of the effect's own, so that doing it again does nothing new.

    Raises a Fault to be tried again and a Refusal to be given up.
    """

    async def __call__(self, effect: Effect) -> Outcome: ...


def write_of(effect: Effect, step: str = "", *, if_match: str | None = None) -> Write:
    """The idempotency key of one act of an effect."""
    key = f"{effect.key}:{step}" if step else effect.key
    return Write(key=key, subject=SYSTEM, if_match=if_match)
