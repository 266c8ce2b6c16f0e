"""Two runs side by side: the figures of `concierge eval compare`, and which cases were won and lost."""

from collections.abc import Sequence
from dataclasses import dataclass

from evals.numbers import Estimate, Verdict, compare, discordant, verdict
from evals.summary import SuiteSummary

OneRun = tuple[str, Sequence[SuiteSummary]]


@dataclass(frozen=True, kw_only=True)
class SuitePair:
    """B against A over the cases both have. lost: only A passed them; won: only B did.

    other_cases: the suite's cases were changed between the runs.
    """

    name: str
    cases: int
    a: float | None
    b: float | None
    difference: float
    interval: tuple[float, float]
    p: float
    verdict: Verdict
    lost: tuple[str, ...]
    won: tuple[str, ...]
    other_cases: bool


@dataclass(frozen=True, kw_only=True)
class Pair:
    """only_a, only_b: suites of one run that the other has no cases of."""

    a: str
    b: str
    suites: tuple[SuitePair, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]


def pair(first: OneRun, second: OneRun) -> Pair:
    (a, suites_a), (b, suites_b) = first, second
    ours, theirs = ({suite.name: suite for suite in suites} for suites in (suites_a, suites_b))
    return Pair(
        a=a,
        b=b,
        suites=tuple(_pair(ours[name], theirs[name]) for name in ours if name in theirs),
        only_a=tuple(name for name in ours if name not in theirs),
        only_b=tuple(name for name in theirs if name not in ours),
    )


def _pair(a: SuiteSummary, b: SuiteSummary) -> SuitePair:
    paired = compare(a.by_case, b.by_case)
    lost, won = discordant(a.by_case, b.by_case)
    difference = paired.difference if paired.cases else Estimate(value=0.0, low=0.0, high=0.0)
    return SuitePair(
        name=a.name,
        cases=paired.cases,
        a=a.passed,
        b=b.passed,
        difference=difference.value,
        interval=(difference.low, difference.high),
        p=paired.p,
        verdict=verdict(len(lost), len(won)),
        lost=tuple(lost),
        won=tuple(won),
        other_cases=a.digest != b.digest,
    )
