"""How far a judge agrees with people: the labelled replies of evals/suites/judge, or of an evaluator's own file."""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agent.settings import Settings
from evals.asking import Unusable, open_remote
from evals.cases import Row, Unscored, read_files, suite_files
from evals.intervals import Share, share
from evals.judging import Judge, Verdict, told
from evals.numbers import Estimate
from evals.record import Spent
from evals.results import ASPECTS

FILE = "judge.json"
_RESAMPLES = 2000
_SEED = 20250101
Pair = tuple[bool, bool]
"""Whether the people and whether the judge call it good."""


@dataclass(frozen=True, kw_only=True)
class Agreed:
    aspect: str
    same: Share
    kappa: Estimate

    def __str__(self) -> str:
        return f"{self.aspect}: {self.same}, kappa {self.kappa}"

    def to_json(self) -> dict[str, Any]:
        """null where nothing could be compared."""
        if not self.same.trials:
            return {"same": None, "interval": None, "kappa": None}
        return {"same": self.same.value, "interval": self.same.interval, "kappa": asdict(self.kappa)}


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """differing: the ids on which they differ, with the judge's reason. unscored: the judge failed, or the line did."""

    judge: str
    aspects: tuple[Agreed, ...]
    differing: tuple[str, ...]
    unscored: tuple[Unscored, ...]
    calls: int
    tokens: int

    @property
    def compared(self) -> bool:
        """The judge graded something."""
        return any(one.same.trials for one in self.aspects)

    def __str__(self) -> str:
        failed = f"; {len(self.unscored)} unscored (blame: judge)" if self.unscored else ""
        return f"{self.judge} against people, " + "; ".join(str(aspect) for aspect in self.aspects) + failed

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "aspects": {one.aspect: one.to_json() for one in self.aspects}}


async def measure(name: str, settings: Settings, files: Sequence[Path] = ()) -> Agreement:
    """Raises SettingsError, OSError."""
    read = read_files(files or suite_files("judge"))
    async with open_remote(name, settings) as model:
        return await _measured(name, Judge(model=model), read.rows, list(read.unscored))


async def _measured(name: str, judge: Judge, rows: Sequence[Row], unscored: list[Unscored]) -> Agreement:
    spent = Spent()
    pairs: dict[str, list[Pair]] = {aspect: [] for aspect in ASPECTS}
    differing = []
    for row in rows:
        try:
            labels = Verdict.model_validate({aspect: row.get(aspect) for aspect in ASPECTS})
            verdict = await judge.grade(told(str(row.get("customer", "")), str(row.get("reply", ""))), spent)
        except (Unusable, ValueError) as trouble:
            unscored.append(Unscored(where=str(row["id"]), reason=str(trouble).splitlines()[0]))
            continue
        for aspect in ASPECTS:
            pairs[aspect].append((labels.good(aspect), verdict.good(aspect)))
            if labels.good(aspect) != verdict.good(aspect):
                differing.append(f"{row['id']} {aspect}: {getattr(labels, aspect)} by people; {verdict.why}")
    aspects = tuple(
        Agreed(aspect=aspect, same=share(a == b for a, b in found), kappa=kappa(found))
        for aspect, found in pairs.items()
    )
    return Agreement(
        judge=name,
        aspects=aspects,
        differing=tuple(differing),
        unscored=tuple(unscored),
        calls=spent.calls,
        tokens=spent.tokens,
    )


def kappa(pairs: Sequence[Pair]) -> Estimate:
    """Cohen's kappa (1960): agreement beyond chance; 95 % by resampling cases, seeded. nan without any pair."""
    if not pairs:
        return Estimate(value=float("nan"), low=-1.0, high=1.0)
    chance = random.Random(_SEED)  # noqa: S311 - resampling, no secret
    drawn = sorted(_kappa(chance.choices(pairs, k=len(pairs))) for _ in range(_RESAMPLES))
    return Estimate(value=_kappa(pairs), low=drawn[int(_RESAMPLES * 0.025)], high=drawn[int(_RESAMPLES * 0.975)])


def _kappa(pairs: Sequence[Pair]) -> float:
    """Where both always say the same one thing, chance explains all of it: 0."""
    count = len(pairs)
    same = sum(a == b for a, b in pairs) / count
    good_a, good_b = sum(a for a, _ in pairs) / count, sum(b for _, b in pairs) / count
    expected = good_a * good_b + (1 - good_a) * (1 - good_b)
    return 0.0 if expected == 1.0 else (same - expected) / (1 - expected)
