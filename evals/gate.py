"""Thresholds that decide what ships: `evals/gate.yaml`, or an evaluator's own file.

A suite by its name (`safety@obedient` for another agent than the embedded model) and, for each figure, the least it may
be. Figures: pass, write, no_write, dev, heldout, any scorer, cases and trials (at least so many). `crashed` and
`unscored` are the most there may be, 0 unless the file says otherwise. `floor_write`: the most the do-nothing floor may
pass of the write slice; `oracle`: the least the gold actions must pass.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from evals.results import ASPECTS, JUDGED, SuiteResult

GATE = Path(__file__).parent / "gate.yaml"
_AT_MOST = ("crashed", "unscored", "floor_write")
_JUDGED = frozenset({JUDGED, "judge", *ASPECTS})
_OF_OTHERS = ("floor_write", "oracle")


@dataclass(frozen=True, kw_only=True)
class Breach:
    suite: str
    figure: str
    got: float | None
    wanted: str

    def __str__(self) -> str:
        got = "missing" if self.got is None else f"{self.got:.4g}"
        return f"{self.suite}: {self.figure} is {got}, must be {self.wanted}"


def read_gate(path: Path) -> Mapping[str, Mapping[str, float]]:
    """Raises OSError, ValueError."""
    loaded = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    if not isinstance(loaded, dict) or not all(isinstance(figures, dict) for figures in loaded.values()):
        raise ValueError(f"{path.name}: needs a mapping of suites to figures")
    judged = [f"{name}: {figure}" for name, figures in loaded.items() for figure in figures if figure in _JUDGED]
    if judged:
        raise ValueError(f"{path.name}: {', '.join(judged)}: what a judge model says is told, and is never in a gate")
    return {str(name): {str(k): float(v) for k, v in figures.items()} for name, figures in loaded.items()}


def breaches(
    gate: Mapping[str, Mapping[str, float]], results: Sequence[SuiteResult], asked: Sequence[str]
) -> list[Breach]:
    """Of the suites that were asked for. A suite that the gate names and that did not run is a breach."""
    ran = {result.name: result for result in results}
    found: list[Breach] = []
    for name, figures in gate.items():
        if name.partition("@")[0] not in asked:
            continue
        result = ran.get(name)
        if result is None:
            found.append(Breach(suite=name, figure="run", got=None, wanted="run"))
            continue
        limits = {"crashed": 0.0, "unscored": 0.0, **figures}
        found += _of(result, limits, ran)
    return found


def _of(result: SuiteResult, limits: Mapping[str, float], ran: Mapping[str, SuiteResult]) -> Iterator[Breach]:
    sums = result.sums()
    for figure, limit in limits.items():
        got = _other(result, figure, ran) if figure in _OF_OTHERS else _figure(sums, figure)
        most = figure in _AT_MOST
        if got is None or (got > limit + 1e-9 if most else got < limit - 1e-9):
            wanted = f"at most {limit:g}" if most else f"at least {limit:g}"
            yield Breach(suite=result.name, figure=figure, got=got, wanted=wanted)


def _other(result: SuiteResult, figure: str, ran: Mapping[str, SuiteResult]) -> float | None:
    """Of the floor or the oracle of the same suite. A suite without a write slice gives the floor nothing to pass."""
    agent = "floor" if figure == "floor_write" else "oracle"
    other = ran.get(f"{result.suite}@{agent}")
    if other is None:
        return None
    sums = other.sums()
    if figure == "floor_write":
        return _figure(sums, "write") or 0.0
    return _figure(sums, "pass")


def _figure(sums: Mapping[str, Any], name: str) -> float | None:
    value = sums.get(name, sums["scorers"].get(name))
    return None if value is None else float(value)
