"""What a run came to: one outcome a case and trial, sums a suite, and the file that keeps both."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from evals.cases import Unscored
from evals.intervals import Share, share
from evals.numbers import Estimate, pass_hat

FILE = "results.json"
SCRIPTED = "scripted"
JUDGED = "manner"
"""The scorer whose verdict is a judge model's."""
ASPECTS = ("tone", "helpfulness")
"""What it grades."""
SELF_TEST = ("floor", "oracle")
"""Who is examined to examine the suite."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One trial of one case. passed: None when nothing of it could be scored; crashed: it did not end.

    writes: the right ending changes something at a service. customer_*: what a customer that is a model cost.
    """

    id: str
    trial: int
    passed: bool | None
    scores: Mapping[str, float | None]
    why: Mapping[str, str]
    writes: bool
    part: str
    blame: str | None = None
    crashed: str | None = None
    milliseconds: float = 0.0
    turns: int = 0
    model_calls: int = 0
    tokens: int = 0
    customer_calls: int = 0
    customer_tokens: int = 0
    judged: Mapping[str, float] = field(default_factory=dict)
    """A judge model's grades, or `unscored`, with its calls and tokens. No part of the scores."""
    case: Mapping[str, Any] = field(default_factory=dict, repr=False)
    record: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def blamed(self) -> bool:
        """Failed, or not scored by somebody's fault. A crash is counted apart."""
        return self.crashed is None and (self.passed is False or (self.passed is None and self.blame is not None))


@dataclass(frozen=True, kw_only=True)
class SuiteResult:
    """A suite against an agent. floor and oracle are runs of the same cases."""

    suite: str
    agent: str
    digest: str
    trials: int
    outcomes: tuple[Outcome, ...]
    unscored: tuple[Unscored, ...] = ()
    log: str = ""
    customer: str = SCRIPTED
    """Who spoke to the agent; a model is not seeded."""

    @property
    def name(self) -> str:
        return self.suite if self.agent == "embedded" else f"{self.suite}@{self.agent}"

    @property
    def scored(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.passed is not None and outcome.crashed is None]

    @property
    def crashed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.crashed is not None]

    @property
    def not_scored(self) -> int:
        """Lines that could not be read, and cases with nothing to score."""
        return len(self.unscored) + len({o.id for o in self.outcomes if o.passed is None and o.crashed is None})

    def rate(self, *, writes: bool | None = None, part: str | None = None) -> Share:
        """Of all scored trials; a crash is no pass."""
        counted = [o for o in self.outcomes if o.passed is not None or o.crashed is not None]
        if writes is not None:
            counted = [o for o in counted if o.writes is writes]
        if part is not None:
            counted = [o for o in counted if o.part == part]
        return share(o.passed is True for o in counted)

    def rate_of(self, scorer: str) -> Share:
        return share(value == 1.0 for o in self.outcomes if (value := o.scores.get(scorer)) is not None)

    @property
    def scorers(self) -> list[str]:
        return list(dict.fromkeys(name for outcome in self.outcomes for name in outcome.scores))

    def by_case(self) -> dict[str, list[bool]]:
        cases: dict[str, list[bool]] = {}
        for outcome in self.outcomes:
            if outcome.passed is not None or outcome.crashed is not None:
                cases.setdefault(outcome.id, []).append(outcome.passed is True)
        return cases

    def pass_hat(self, k: int) -> Estimate:
        return pass_hat(self.by_case(), k)

    def sums(self) -> dict[str, Any]:
        """The figures a gate, a table and JSON look at."""
        turns = sum(outcome.turns for outcome in self.outcomes)
        rate = self.rate()
        return {
            "suite": self.suite,
            "agent": self.agent,
            "digest": self.digest,
            "cases": len(self.by_case()),
            "trials": self.trials,
            "pass": _number(rate.value),
            "interval": rate.interval,
            "pass_hat": {str(k): asdict(self.pass_hat(k)) for k in range(1, self.trials + 1)},
            "write": _number(self.rate(writes=True).value),
            "no_write": _number(self.rate(writes=False).value),
            "dev": _number(self.rate(part="dev").value),
            "heldout": _number(self.rate(part="heldout").value),
            "scorers": {name: _number(self.rate_of(name).value) for name in self.scorers},
            "failed": sum(outcome.passed is False for outcome in self.scored),
            "crashed": len(self.crashed),
            "unscored": self.not_scored,
            "blame": _counts(outcome.blame for outcome in self.outcomes if outcome.blamed),
            "turn_ms": round(sum(o.milliseconds for o in self.outcomes) / turns, 1) if turns else None,
            "case_ms": round(median(o.milliseconds for o in self.outcomes), 1) if self.outcomes else None,
            "model_calls": sum(outcome.model_calls for outcome in self.outcomes),
            "tokens": sum(outcome.tokens for outcome in self.outcomes),
            "customer": self.customer,
            "customer_calls": sum(outcome.customer_calls for outcome in self.outcomes),
            "customer_tokens": sum(outcome.customer_tokens for outcome in self.outcomes),
        }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


def _counts(names: Iterable[str | None]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for name in names:
        counted[name or "agent"] = counted.get(name or "agent", 0) + 1
    return counted


def save(folder: Path, results: Sequence[SuiteResult], about: Mapping[str, Any]) -> Path:
    path = folder / FILE
    body = {"about": dict(about), "suites": [{**result.sums(), "result": asdict(result)} for result in results]}
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    return path


def load(folder: Path) -> tuple[list[SuiteResult], dict[str, Any]]:
    """Raises OSError when the folder holds no run."""
    body = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return [_result(entry["result"]) for entry in body["suites"]], body["about"]


def _result(data: dict[str, Any]) -> SuiteResult:
    outcomes = tuple(Outcome(**row) for row in data.pop("outcomes"))
    unscored = tuple(Unscored(**row) for row in data.pop("unscored"))
    return SuiteResult(**data, outcomes=outcomes, unscored=unscored)


def failures(result: SuiteResult) -> Iterator[Outcome]:
    yield from (outcome for outcome in result.outcomes if outcome.passed is False or outcome.crashed)
