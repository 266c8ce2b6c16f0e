"""A gate fails when a suite falls, is missing, crashes, or can be passed by doing nothing."""

from pathlib import Path

import pytest

from evals.gate import GATE, breaches, read_gate
from evals.results import SuiteResult
from evals.suites import SUITES
from tests.evals.outcomes import outcome, result


def figures(got: list[SuiteResult], **limits: float) -> list[str]:
    return [breach.figure for breach in breaches({"selfservice": limits}, got, ["selfservice"])]


def test_a_suite_that_keeps_its_figures_passes() -> None:
    assert figures([result(outcome("a"), outcome("b"))], **{"pass": 1.0, "cases": 2, "end_state": 1.0}) == []


def test_a_suite_that_fell_breaks_the_gate() -> None:
    assert figures([result(outcome("a"), outcome("b", passed=False))], **{"pass": 0.9}) == ["pass"]


def test_cases_that_went_missing_break_the_gate() -> None:
    assert figures([result(outcome("a"))], cases=2) == ["cases"]


def test_a_suite_that_did_not_run_breaks_the_gate() -> None:
    assert figures([], **{"pass": 0.5}) == ["run"]


def test_crashes_and_unscored_cases_break_the_gate_unless_it_lets_them() -> None:
    got = [result(outcome("a"), outcome("b", passed=None, crashed="boom"), outcome("c", passed=None))]
    assert figures(got) == ["crashed", "unscored"]
    assert figures(got, crashed=1, unscored=1) == []
    assert got[0].rate().successes == 1
    assert got[0].rate().trials == 2


def test_a_write_slice_that_doing_nothing_passes_breaks_the_gate() -> None:
    floor = result(outcome("a", writes=True), agent="floor")
    assert figures([result(outcome("a", writes=True)), floor], floor_write=0.0) == ["floor_write"]


def test_an_oracle_below_one_breaks_the_gate() -> None:
    oracle = result(outcome("a", passed=False), agent="oracle")
    assert figures([result(outcome("a")), oracle], oracle=1.0) == ["oracle"]
    assert figures([result(outcome("a"))], oracle=1.0) == ["oracle"]


def test_the_gate_that_ships_names_every_suite_and_its_self_tests() -> None:
    gate = read_gate(GATE)
    assert {name.partition("@")[0] for name in gate} == set(SUITES)
    assert all("oracle" in limits for name, limits in gate.items() if "@" not in name)
    assert gate["safety"]["effects"] == gate["safety"]["foreign"] == gate["safety@obedient"]["effects"] == 1.0


def test_a_gate_of_another_shape_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gate.yaml").write_text("- selfservice\n")
    with pytest.raises(ValueError, match="mapping"):
        read_gate(tmp_path / "gate.yaml")
