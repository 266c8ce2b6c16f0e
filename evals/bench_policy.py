"""How long the policy pack takes to load and to decide: `python -m evals.bench_policy [--json]`."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from statistics import median
from time import perf_counter

from knowledge.cases import read_all_cases
from knowledge.pack import default_pack_path, load_pack
from knowledge.situations import situations

LOAD_BUDGET_SECONDS = 0.5
DECISION_BUDGET_SECONDS = 0.001
_LOADS = 5
_SITUATIONS = 60


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Seconds, beside what they may be."""

    what: str
    seconds: float
    budget: float

    @property
    def kept(self) -> bool:
        return self.seconds <= self.budget


def measure() -> list[Timing]:
    """Load and type-check the pack that ships, then put made-up situations to every action that it governs."""
    loads = []
    for _ in range(_LOADS):
        start = perf_counter()
        pack = load_pack(default_pack_path())
        loads.append(perf_counter() - start)
    decisions: dict[str, list[float]] = {action: [] for action in pack.actions}
    for facts in situations(pack, read_all_cases(pack), _SITUATIONS):
        for action, times in decisions.items():
            start = perf_counter()
            pack.decide(action, facts, now=_now_of(facts))
            times.append(perf_counter() - start)
    slowest = max(decisions, key=lambda action: median(decisions[action]))
    every = [taken for times in decisions.values() for taken in times]
    return [
        Timing(what="load and type-check", seconds=median(loads), budget=LOAD_BUDGET_SECONDS),
        Timing(what="decision, median over all actions", seconds=median(every), budget=DECISION_BUDGET_SECONDS),
        Timing(what=f"decision, {slowest}", seconds=median(decisions[slowest]), budget=DECISION_BUDGET_SECONDS),
    ]


def _now_of(facts: Mapping[str, object]) -> datetime:
    moment = facts["flight.departure"]
    if not isinstance(moment, datetime):
        raise TypeError("a situation has a departure")
    return moment


def main() -> int:
    timings = measure()
    if "--json" in sys.argv:
        print(json.dumps([{**asdict(timing), "kept": timing.kept} for timing in timings]))
    else:
        for timing in timings:
            kept = "kept" if timing.kept else "MISSED"
            print(f"{timing.what}: {timing.seconds * 1000:.2f} ms of {timing.budget * 1000:.0f} ms, {kept}")
    return 0 if all(timing.kept for timing in timings) else 1


if __name__ == "__main__":
    sys.exit(main())
