"""Results made by hand, for tests of what is worked out from them."""

from typing import Any

from evals.results import Outcome, SuiteResult


def outcome(name: str, *, passed: bool | None = True, trial: int = 1, writes: bool = False, **more: Any) -> Outcome:
    score = None if passed is None else float(passed)
    why = {} if passed else {"end_state": "not done: booking/new"}
    return Outcome(
        id=name, trial=trial, passed=passed, scores={"end_state": score}, why=why, writes=writes, part="", **more
    )


def result(*outcomes: Outcome, suite: str = "selfservice", agent: str = "embedded", trials: int = 1) -> SuiteResult:
    return SuiteResult(suite=suite, agent=agent, digest="d", trials=trials, outcomes=outcomes)
