"""A run of the long checks goes on after a stop, and its summary tells everything."""

import json
from pathlib import Path

import pytest

from tests.soak.checks import HOSTILE, Check, find_checks
from tests.soak.running import run_all

ONE, TWO, THREE = (Check(name, (f"tests/{name}",), {"TURNS": "10"}) for name in ("one", "two", "three"))
REPORT = '<testsuites><testsuite tests="3" failures="{failed}" errors="0" skipped="0"/></testsuites>'


class Player:
    """Plays checks, and writes what pytest and the tests would write."""

    def __init__(self, codes: dict[str, int | BaseException] | None = None) -> None:
        self.codes = codes or {}
        self.played: list[str] = []

    def __call__(self, check: Check, out: Path) -> int:
        self.played.append(check.name)
        code = self.codes.get(check.name, 0)
        if isinstance(code, BaseException):
            raise code
        (out / f"{check.name}.xml").write_text(REPORT.format(failed=code))
        figures = out / "figures" / check.name
        figures.mkdir(parents=True)
        (figures / "turns.json").write_text('{"turns": 10}')
        return code


def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path) -> None:
    first = Player({"two": KeyboardInterrupt()})
    with pytest.raises(KeyboardInterrupt):
        run_all((ONE, TWO, THREE), "c1", tmp_path, first, print)
    assert told(tmp_path) == ({"one": True}, ["two", "three"], False)
    second = Player()
    assert run_all((ONE, TWO, THREE), "c1", tmp_path, second, print)
    assert second.played == ["two", "three"]
    assert told(tmp_path) == ({"one": True, "two": True, "three": True}, [], True)


def test_what_failed_and_what_passed_on_another_commit_is_run_again(tmp_path: Path) -> None:
    assert not run_all((ONE, TWO), "c1", tmp_path, Player({"two": 1}), print)
    assert told(tmp_path) == ({"one": True, "two": False}, [], False)
    again, newer = Player(), Player()
    assert run_all((ONE, TWO), "c1", tmp_path, again, print)
    assert run_all((ONE, TWO), "c2", tmp_path, newer, print)
    assert (again.played, newer.played) == (["two"], ["one", "two"])


def test_the_summary_joins_counts_and_figures(tmp_path: Path) -> None:
    run_all((ONE,), "c1", tmp_path, Player(), print)
    (check,) = json.loads((tmp_path / "summary.json").read_text())["checks"]
    assert check["command"] == "TURNS=10 pytest tests/one"
    assert check["counts"] == {"tests": 3, "failures": 0, "errors": 0, "skipped": 0, "TURNS": 10}
    assert check["figures"] == {"turns": {"turns": 10}}


def test_every_long_check_is_found() -> None:
    names = {check.name for check in find_checks()}
    assert names >= {"ops-several_processes", "soak-one_process", "agent-events-soak", "kill-kill", HOSTILE.name}


def told(out: Path) -> tuple[dict[str, bool], list[str], bool]:
    summary = json.loads((out / "summary.json").read_text())
    return {each["check"]: each["passed"] for each in summary["checks"]}, summary["outstanding"], summary["passed"]
