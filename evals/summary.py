"""A run in one small file: its figures and which cases passed, without the conversations, which take megabytes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from evals.numbers import Paired, compare
from evals.results import FILE as RESULTS
from evals.results import SuiteResult, load

FILE = "summary.json"


class SuiteSummary(BaseModel):
    """passed: the share of the trials; interval: its 95 %. by_case: whether each trial of a case passed."""

    model_config = ConfigDict(frozen=True)

    name: str
    suite: str
    agent: str
    digest: str
    cases: int
    trials: int
    passed: float | None
    interval: tuple[float, float]
    failed: int
    crashed: int
    unscored: int
    turn_ms: float | None
    model_calls: int
    tokens: int
    by_case: dict[str, tuple[bool, ...]]


class Summary(BaseModel):
    model_config = ConfigDict(frozen=True)

    about: dict[str, Any]
    suites: tuple[SuiteSummary, ...]


def write_summary(folder: Path, results: Sequence[SuiteResult], about: Mapping[str, Any]) -> Path:
    path = folder / FILE
    path.write_text(_summary(results, about).model_dump_json(), encoding="utf-8")
    return path


def read_summary(folder: Path) -> Summary:
    """Of a run that ended. Raises OSError when it did not, ValueError, LookupError or TypeError when it is damaged.

    A run without the small file, or with one of a run before it in the same folder, is read in full.
    """
    ended = (folder / RESULTS).stat().st_mtime_ns
    path = folder / FILE
    if path.exists() and path.stat().st_mtime_ns >= ended:
        return Summary.model_validate_json(path.read_bytes())
    return _summary(*load(folder))


def compare_runs(a: Summary, b: Summary) -> dict[str, Paired]:
    """B against A, by the name of each suite that both have."""
    first = {suite.name: suite.by_case for suite in a.suites}
    return {suite.name: compare(first[suite.name], suite.by_case) for suite in b.suites if suite.name in first}


def _summary(results: Sequence[SuiteResult], about: Mapping[str, Any]) -> Summary:
    return Summary(about=dict(about), suites=tuple(_suite(result) for result in results))


def _suite(result: SuiteResult) -> SuiteSummary:
    sums = result.sums()
    cases = {name: tuple(trials) for name, trials in result.by_case().items()}
    return SuiteSummary.model_validate({**sums, "name": result.name, "passed": sums["pass"], "by_case": cases})
