"""One way to call a dependency that may be slow, down or half-dead.

A time-out for each attempt and a deadline over all of them (which also ends a body that drips), repeats where repeating
is safe, `Retry-After` obeyed as far as the deadline allows, and a circuit breaker that lets one call try again later.

An attempt says what its failure means: ServiceUnavailable, nothing happened; OutcomeUnknown, it may have happened.
After the last attempt an unknown outcome stays unknown, whatever came after it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tools.domain.errors import OutcomeUnknown, Refusal, ServiceUnavailable, VersionConflict

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]
Monotonic = Callable[[], float]
Late = type[ServiceUnavailable] | type[OutcomeUnknown]


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Seconds and counts."""

    attempt: float = 2.0
    total: float = 6.0
    attempts: int = 3
    backoff: float = 0.1
    """Before the second attempt; doubled for each that follows."""
    failures: int = 5
    """In a row, until the circuit opens."""
    rest: float = 10.0
    """How long it stays open before one call may try."""


class Breaker:
    """Closed: calls pass. Open: they fail at once. After its rest one call tries, and decides for all."""

    def __init__(self, service: str, patience: Patience, monotonic: Monotonic) -> None:
        self._service = service
        self._patience = patience
        self._monotonic = monotonic
        self._failures = 0
        self._closed_again_at = 0.0
        self._trying = False

    @property
    def is_open(self) -> bool:
        return self._failures >= self._patience.failures

    def admit(self) -> None:
        if not self.is_open:
            return
        wait = self._closed_again_at - self._monotonic()
        if wait > 0 or self._trying:
            raise ServiceUnavailable(self._service, "resting after repeated failures", retry_after=max(wait, 0.0))
        self._trying = True

    def answered(self) -> None:
        self._failures = 0
        self._trying = False

    def failed(self) -> None:
        self._failures += 1
        self._trying = False
        if self.is_open:
            self._closed_again_at = self._monotonic() + self._patience.rest

    def abandoned(self) -> None:
        """The caller went away before there was an answer."""
        self._trying = False


class Resilience:
    def __init__(self, service: str, *, patience: Patience, sleep: Sleep, monotonic: Monotonic) -> None:
        self._service = service
        self._patience = patience
        self._sleep = sleep
        self._monotonic = monotonic
        self.breaker = Breaker(service, patience, monotonic)

    async def read(self, attempt: Callable[[], Awaitable[T]]) -> T:
        return await self._call(attempt, ServiceUnavailable)

    async def write(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """The attempt must carry an idempotency key, for it may be made more than once."""
        return await self._call(attempt, OutcomeUnknown)

    async def _call(self, attempt: Callable[[], Awaitable[T]], late: Late) -> T:
        deadline = self._monotonic() + self._patience.total
        unknown: OutcomeUnknown | None = None
        pause = self._patience.backoff
        for remaining in reversed(range(self._patience.attempts)):
            try:
                return await self._once(attempt, deadline, late)
            except (ServiceUnavailable, OutcomeUnknown) as fault:
                unknown = unknown or (fault if isinstance(fault, OutcomeUnknown) else None)
                wait = getattr(fault, "retry_after", None) or pause
                if not remaining or self._monotonic() + wait >= deadline:
                    raise unknown or fault from fault
            await self._sleep(wait)
            pause *= 2
        raise AssertionError("patience without an attempt")

    async def _once(self, attempt: Callable[[], Awaitable[T]], deadline: float, late: Late) -> T:
        self.breaker.admit()
        try:
            async with asyncio.timeout(min(self._patience.attempt, deadline - self._monotonic())):
                answer = await attempt()
        except (Refusal, VersionConflict):
            self.breaker.answered()
            raise
        except TimeoutError:
            self.breaker.failed()
            raise late(self._service, "no answer in time") from None
        except (ServiceUnavailable, OutcomeUnknown) as fault:
            # A service that names a time to come back is busy, not broken.
            if getattr(fault, "retry_after", None) is None:
                self.breaker.failed()
            else:
                self.breaker.abandoned()
            raise
        except BaseException:
            self.breaker.abandoned()
            raise
        self.breaker.answered()
        return answer
