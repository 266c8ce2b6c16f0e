"""How each suite went over several runs, and whether the newest differs from the one before it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from evals.numbers import Verdict, discordant, mcnemar, verdict
from evals.summary import SuiteSummary

_LONGEST = 20
SuiteOfRun = tuple[str, datetime, SuiteSummary]


@dataclass(frozen=True, kw_only=True)
class Point:
    """other_cases: the suite's cases are not those of the point before."""

    run_id: str
    at: datetime
    passed: float | None
    interval: tuple[float, float]
    other_cases: bool


@dataclass(frozen=True, kw_only=True)
class Change:
    """The newest run against the one before, case by case: McNemar's exact p over the cases both have."""

    since: str
    cases: int
    won: int
    lost: int
    p: float
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Trend:
    """Points oldest first. change: none for a first run, or without a case in common."""

    name: str
    points: tuple[Point, ...]
    change: Change | None


def trends_of(runs: Iterable[tuple[str, datetime, Sequence[SuiteSummary]]]) -> list[Trend]:
    """Runs oldest first -> one trend a suite and agent, those of the newest run first."""
    by_name: dict[str, list[SuiteOfRun]] = {}
    for run_id, at, suites in runs:
        for suite in suites:
            by_name.setdefault(suite.name, []).append((run_id, at, suite))
    newest_first = sorted(by_name.items(), key=lambda entry: entry[1][-1][1], reverse=True)
    return [_trend(name, seen[-_LONGEST:]) for name, seen in newest_first]


def _trend(name: str, seen: Sequence[SuiteOfRun]) -> Trend:
    before = [None, *(suite.digest for _, _, suite in seen)]
    points = (
        Point(
            run_id=run_id,
            at=at,
            passed=suite.passed,
            interval=suite.interval,
            other_cases=last is not None and last != suite.digest,
        )
        for (run_id, at, suite), last in zip(seen, before, strict=False)
    )
    return Trend(name=name, points=tuple(points), change=_change(*seen[-2:]) if len(seen) > 1 else None)


def _change(before: SuiteOfRun, newest: SuiteOfRun) -> Change | None:
    a, b = before[2].by_case, newest[2].by_case
    cases = len(a.keys() & b.keys())
    if not cases:
        return None
    lost, won = (len(names) for names in discordant(a, b))
    return Change(since=before[0], cases=cases, won=won, lost=lost, p=mcnemar(lost, won), verdict=verdict(lost, won))
