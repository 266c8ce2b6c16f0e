"""The runs in one folder, as an evaluator looks at them: which there are, how suites went over them, two side by side.

It reads what `concierge eval` writes and nothing of Inspect, so that a server can hold it.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

from evals.pairs import Pair, pair
from evals.report import FILE as REPORT
from evals.report import script_source
from evals.results import FILE as RESULTS
from evals.results import SELF_TEST
from evals.summary import SuiteSummary, Summary, read_summary
from evals.trends import Trend, trends_of

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}")
_BY_TIME = re.compile(r"\d{8}-\d{6}")
_SHOWN = 50
"""Of the newest runs; each is kept in memory with the verdict on every case."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """gate: none was asked for. note: what is wrong with a run that did not end, or cannot be read."""

    id: str
    at: datetime
    state: Literal["ended", "unfinished", "broken"]
    note: str = ""
    models: str = ""
    customers: str = ""
    trials: int = 0
    gate: Literal["kept", "broken", "none"] = "none"
    breaches: tuple[str, ...] = ()
    suites: tuple[SuiteSummary, ...] = ()
    report: bool = False


@dataclass(frozen=True, kw_only=True)
class Runs:
    """Newest first. older: how many more there are."""

    runs: tuple[Run, ...]
    trends: tuple[Trend, ...]
    older: int


class Library:
    """Names of runs come from whoever asks: they are looked up among the folders that are there, never joined."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.script_source = script_source()
        self._read = lru_cache(maxsize=_SHOWN)(_read)

    def runs(self) -> Runs:
        folders = sorted(self._folders(), key=_touched, reverse=True)
        runs = sorted((self._run(folder) for folder in folders[:_SHOWN]), key=lambda run: run.at, reverse=True)
        trends = trends_of([(run.id, run.at, run.suites) for run in reversed(runs)])
        return Runs(runs=tuple(runs), trends=tuple(trends), older=max(0, len(folders) - _SHOWN))

    def compare(self, a: str, b: str) -> Pair | None:
        """None: one of them is no run that ended and can be read."""
        first, second = self._find(a), self._find(b)
        runs = [self._run(folder) for folder in (first, second) if folder]
        if len(runs) < 2 or any(run.state != "ended" for run in runs):
            return None
        return pair(*((run.id, run.suites) for run in runs))

    def report(self, run_id: str) -> Path | None:
        folder = self._find(run_id)
        path = folder / REPORT if folder else None
        return path if path and path.is_file() else None

    def _find(self, run_id: str) -> Path | None:
        return next((folder for folder in self._folders() if folder.name == run_id), None)

    def _folders(self) -> Iterator[Path]:
        """Also of runs that are broken; other folders, such as the seed of the stages, are none of ours."""
        if not self._root.is_dir():
            return
        for path in self._root.iterdir():
            if path.is_dir() and _NAME.fullmatch(path.name) and (_BY_TIME.fullmatch(path.name) or _holds_run(path)):
                yield path

    def _run(self, folder: Path) -> Run:
        if not os.path.exists(folder / RESULTS):
            note = "It is running, or was stopped: the same command with --out of this folder goes on."
            return Run(id=folder.name, at=_time(_touched(folder)), state="unfinished", note=note)
        try:
            summary = self._read(folder, _touched(folder))
            return _ended(folder, summary)
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            note = f"Its {RESULTS} is damaged."
            return Run(id=folder.name, at=_time(_touched(folder)), state="broken", note=note)


def _read(folder: Path, _: float) -> Summary:
    return read_summary(folder)


def _holds_run(folder: Path) -> bool:
    return any(os.path.exists(folder / name) for name in (RESULTS, "logs"))


def _touched(folder: Path) -> float:
    """When its results were written, or it was begun."""
    for path in (folder / RESULTS, folder):
        with suppress(OSError):  # it may be removed while we look
            return path.stat().st_mtime
    return 0.0


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _ended(folder: Path, summary: Summary) -> Run:
    about, breaches = summary.about, summary.about.get("breaches")
    examined = tuple(suite for suite in summary.suites if suite.agent not in SELF_TEST)
    return Run(
        id=folder.name,
        at=datetime.fromisoformat(about["at"]) if "at" in about else _time(_touched(folder)),
        state="ended",
        models=", ".join(dict.fromkeys(suite.agent for suite in examined)),
        customers=str(about.get("customers", "")),
        trials=max((suite.trials for suite in examined), default=0),
        gate="none" if breaches is None else "broken" if breaches else "kept",
        breaches=tuple(str(breach) for breach in breaches or ()),
        suites=examined,
        report=(folder / REPORT).is_file(),
    )
