"""How often somebody may ask: the generic cell rate algorithm (ITU-T I.371).

`due` is when the allowance of a key would be whole again; a request moves it on by its share of a minute and is refused
when it would lie more than a minute ahead. Seconds since 1970, by the caller's clock.
"""

import math
from collections.abc import Callable, Mapping
from typing import Protocol

MINUTE = 60.0
TINY = 1e-6
"""What is lost in adding fractions."""
Clock = Callable[[], float]


class Rates(Protocol):
    async def take(self, wanted: Mapping[str, int]) -> float:
        """One request of each key, with what it may ask in a minute -> 0, or the seconds until it may ask again."""
        ...


class LocalRates:
    """For one process. Keys whose allowance is whole again are forgotten."""

    def __init__(self, now: Clock, most: int = 100_000) -> None:
        self._now = now
        self._due: dict[str, float] = {}
        self._most = most

    async def take(self, wanted: Mapping[str, int]) -> float:
        now = self._now()
        if len(self._due) > self._most:
            self._due = {key: due for key, due in self._due.items() if due > now}
        wait = 0.0
        for key, a_minute in wanted.items():
            due = max(self._due.get(key, 0.0), now) + MINUTE / a_minute
            if due - now > MINUTE + TINY:
                wait = max(wait, due - now - MINUTE)
            else:
                self._due[key] = due
        return wait


def retry_after(wait: float) -> str:
    """Seconds as the header has them (RFC 9110, 10.2.3)."""
    return str(max(1, math.ceil(wait)))
