"""Plain counters of one process. What the database knows (lag, ages, dead letters) is in status.py."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class EventMetrics:
    """Counts since the process started; a name with a label reads `received:consent.changed`."""

    counts: Counter[str] = field(default_factory=Counter)

    def count(self, name: str, by: int = 1) -> None:
        self.counts[name] += by

    def snapshot(self) -> Mapping[str, int]:
        return dict(sorted(self.counts.items()))
