"""A rung that keeps failing rests, so that its failure does not cost every turn."""

from collections.abc import Callable
from dataclasses import dataclass

FAILURES = 3
REST_SECONDS = 15.0
LONGEST_REST = 120.0


@dataclass
class Breaker:
    """Open while it rests; then one turn may try, and decides for all."""

    monotonic: Callable[[], float]
    failures: int = 0
    resting_until: float = 0.0
    reason: str = ""
    _trying_until: float = 0.0

    @property
    def is_open(self) -> bool:
        return self.resting_until > self.monotonic()

    def admit(self, seconds: float) -> bool:
        """Whether the rung may be asked now. The one who tries first after a rest has these seconds for it."""
        now = self.monotonic()
        if self.resting_until > now or self._trying_until > now:
            return False
        if self.failures >= FAILURES or self.resting_until:
            self._trying_until = now + seconds
        return True

    def answered(self) -> None:
        self.failures = 0
        self.resting_until = self._trying_until = 0.0
        self.reason = ""

    def failed(self, reason: str, *, counts: bool, rest: float = 0.0) -> None:
        self.failures += counts
        self._trying_until = 0.0
        if self.failures >= FAILURES:
            rest = max(rest, REST_SECONDS)
        if rest:
            self.reason = reason
            self.resting_until = self.monotonic() + min(rest, LONGEST_REST)
