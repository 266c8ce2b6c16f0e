"""How far a share of a small sample can be trusted."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

_Z = 1.959964  # two-sided 95 %


@dataclass(frozen=True, kw_only=True)
class Share:
    """Successes among trials, with the 95 % interval of Wilson (1927)."""

    successes: int
    trials: int

    @property
    def value(self) -> float:
        return self.successes / self.trials if self.trials else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        if not self.trials:
            return (0.0, 1.0)
        spread = _Z * _Z / self.trials
        centre = self.value + spread / 2
        half = _Z * sqrt(self.value * (1 - self.value) / self.trials + spread / (4 * self.trials))
        return (max(0.0, (centre - half) / (1 + spread)), min(1.0, (centre + half) / (1 + spread)))

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.successes}/{self.trials} = {self.value:.3f} [{low:.3f}, {high:.3f}]"


def share(outcomes: Iterable[bool]) -> Share:
    """Count outcomes that are true among all."""
    seen = list(outcomes)
    return Share(successes=sum(seen), trials=len(seen))
