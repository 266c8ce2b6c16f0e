"""One check after the other. One that passed on this commit is not run again, so a run that was stopped goes on."""

import json
import shutil
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.soak.checks import Check

Play = Callable[[Check, Path], int]
Result = Mapping[str, Any]


def run_all(checks: Sequence[Check], commit: str, out: Path, play: Play, say: Callable[[str], None]) -> bool:
    """-> whether all passed. `out`/summary.json is whole after each check."""
    out.mkdir(parents=True, exist_ok=True)
    results: dict[str, Result] = {}
    for check in checks:
        known = _read(out, check)
        results |= {check.name: known} if known.get("commit") == commit else {}
    for check in checks:
        if results.get(check.name, {}).get("passed"):
            say(f"{check.name}: passed before on this commit")
            continue
        say(f"{check.name} ...")
        result = results[check.name] = _run(check, commit, out, play)
        say(f"{check.name}: {'passed' if result['passed'] else 'FAILED'} in {result['seconds']} s")
        _write(out / "results" / f"{check.name}.json", result)
        _summarise(checks, results, commit, out)
    _summarise(checks, results, commit, out)
    return all(results[check.name]["passed"] for check in checks)


def _run(check: Check, commit: str, out: Path, play: Play) -> Result:
    figures = out / "figures" / check.name
    shutil.rmtree(figures, ignore_errors=True)
    (out / f"{check.name}.xml").unlink(missing_ok=True)
    began = time.monotonic()
    code = play(check, out)
    return {
        "check": check.name,
        "commit": commit,
        "passed": code == 0,
        "seconds": round(time.monotonic() - began),
        "command": " ".join([*(f"{name}={value}" for name, value in check.counts.items()), "pytest", *check.arguments]),
        "counts": {**_tests(out / f"{check.name}.xml"), **{k: int(v) for k, v in check.counts.items()}},
        "figures": {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(figures.glob("*.json"))},
    }


def _tests(report: Path) -> dict[str, int]:
    if not report.exists():
        return {}
    suite = ET.parse(report).getroot().find("testsuite")  # noqa: S314 - pytest wrote it
    assert suite is not None
    return {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}


def _summarise(checks: Sequence[Check], results: Mapping[str, Result], commit: str, out: Path) -> None:
    found = [results[check.name] for check in checks if check.name in results]
    outstanding = [check.name for check in checks if check.name not in results]
    passed = not outstanding and all(result["passed"] for result in found)
    told = {"commit": commit, "passed": passed, "outstanding": outstanding, "checks": found}
    _write(out / "summary.json", told)


def _read(out: Path, check: Check) -> Result:
    path = out / "results" / f"{check.name}.json"
    known: Result = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return known


def _write(path: Path, told: Result) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    draft.replace(path)
