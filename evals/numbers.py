"""Numbers over trials and cases: pass^k, intervals, and whether two runs differ. Resampling is seeded."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from statistics import fmean
from typing import Literal

_RESAMPLES = 2000
_SEED = 20250101
_SURE = 0.05
"""Below this p a difference is told as one; of a dozen suites one is below it by chance every other time."""
Verdict = Literal["better", "worse", "alike"]
Trials = Mapping[str, Sequence[bool]]
"""Whether each trial of a case passed."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True, kw_only=True)
class Paired:
    """B against A over the cases both have. only_a, only_b: passed in that one alone; p: McNemar's exact test."""

    cases: int
    only_a: int
    only_b: int
    p: float
    difference: Estimate


def pass_hat(trials: Trials, k: int) -> Estimate:
    """The chance that all of k trials of a case pass, averaged over cases with at least k; 95 % by resampling cases.

    The unbiased estimate of tau-bench (Yao et al., 2024): C(passed, k) / C(trials, k).
    """
    values = [comb(sum(runs), k) / comb(len(runs), k) for runs in trials.values() if len(runs) >= k]
    return _resampled(values)


def compare(a: Trials, b: Trials) -> Paired:
    """Case by case; see discordant."""
    both = sorted(a.keys() & b.keys())
    only_a, only_b = (len(cases) for cases in discordant(a, b))
    shares = [fmean(b[name]) - fmean(a[name]) for name in both]
    return Paired(
        cases=len(both), only_a=only_a, only_b=only_b, p=mcnemar(only_a, only_b), difference=_resampled(shares)
    )


def discordant(a: Trials, b: Trials) -> tuple[list[str], list[str]]:
    """Of the cases both have, those only a passes and those only b does; a case passes when all its trials do."""
    passed = [(name, all(a[name]), all(b[name])) for name in sorted(a.keys() & b.keys())]
    return [name for name, x, y in passed if x and not y], [name for name, x, y in passed if y and not x]


def verdict(lost: int, won: int) -> Verdict:
    """Whether more cases were won than lost, or fewer, than chance would have it."""
    if mcnemar(lost, won) >= _SURE:
        return "alike"
    return "better" if won > lost else "worse"


def mcnemar(only_a: int, only_b: int) -> float:
    """Two-sided exact: the discordant pairs under a fair coin (McNemar 1947, exact form)."""
    n, least = only_a + only_b, min(only_a, only_b)
    if n == 0:
        return 1.0
    return min(1.0, 2 * sum(comb(n, i) for i in range(least + 1)) / float(2**n))


def _resampled(values: Sequence[float]) -> Estimate:
    if not values:
        return Estimate(value=float("nan"), low=0.0, high=1.0)
    chance = random.Random(_SEED)  # noqa: S311 - resampling, no secret
    means = sorted(fmean(chance.choices(values, k=len(values))) for _ in range(_RESAMPLES))
    return Estimate(value=fmean(values), low=means[int(_RESAMPLES * 0.025)], high=means[int(_RESAMPLES * 0.975)])
