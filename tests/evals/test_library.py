"""Runs in a folder as the evaluator's page has them: ended, unfinished and broken ones, trends, two side by side."""

import os
from pathlib import Path

import pytest

from evals.library import Library
from evals.report import write_report
from evals.results import FILE as RESULTS
from evals.results import SuiteResult, save
from evals.summary import FILE as SUMMARY
from evals.summary import read_summary, write_summary
from tests.evals.outcomes import outcome, result

FIRST, SECOND = "20260101-120000", "20260102-120000"


def keep(root: Path, name: str, *results: SuiteResult, day: int = 1, **about: object) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    told = {"at": f"2026-01-{day:02d}T12:00:00+00:00", **about}
    save(folder, results, told)
    write_summary(folder, results, told)
    return folder


def cases(passed: int, of: int = 12) -> SuiteResult:
    return result(*(outcome(f"case-{number:02d}", passed=number < passed) for number in range(of)))


def test_runs_are_listed_newest_first_without_the_self_tests(tmp_path: Path) -> None:
    keep(tmp_path, FIRST, cases(12), result(outcome("x"), agent="floor"), breaches=[])
    keep(tmp_path, SECOND, cases(9), day=2, breaches=["selfservice: pass is 0.75, must be at least 0.9"])
    newest, oldest = Library(tmp_path).runs().runs
    assert (newest.id, newest.state, newest.gate, newest.trials) == (SECOND, "ended", "broken", 1)
    assert [(suite.name, suite.passed, suite.failed) for suite in newest.suites] == [("selfservice", 0.75, 3)]
    assert (oldest.id, oldest.gate, len(oldest.suites)) == (FIRST, "kept", 1)


def test_the_list_reads_no_conversations(tmp_path: Path) -> None:
    folder = keep(tmp_path, FIRST, cases(12))
    before = (folder / RESULTS).stat()
    (folder / RESULTS).write_text("x" * before.st_size)
    os.utime(folder / RESULTS, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert Library(tmp_path).runs().runs[0].suites[0].passed == 1.0


def test_a_run_without_its_summary_or_with_an_older_one_is_read_in_full(tmp_path: Path) -> None:
    folder = keep(tmp_path, FIRST, cases(12))
    save(folder, [cases(6)], {})
    ended = (folder / RESULTS).stat().st_mtime_ns
    os.utime(folder / SUMMARY, ns=(ended - 1, ended - 1))
    assert read_summary(folder).suites[0].passed == 0.5
    (folder / SUMMARY).unlink()
    assert read_summary(folder).suites[0].passed == 0.5


def test_no_folder_at_all_is_an_empty_list(tmp_path: Path) -> None:
    found = Library(tmp_path / "nowhere").runs()
    assert (found.runs, found.trends, found.older) == ((), (), 0)


def test_what_did_not_end_and_what_is_damaged_is_shown_as_such(tmp_path: Path) -> None:
    (tmp_path / FIRST / "logs").mkdir(parents=True)
    (tmp_path / SECOND).mkdir()
    (tmp_path / "seed" / "home").mkdir(parents=True)
    for number, text in enumerate(("", "{", "[]", "null", '{"about": {}, "suites": [{}]}', '{"about": {"at": 3}}')):
        (tmp_path / f"broken-{number}").mkdir()
        (tmp_path / f"broken-{number}" / RESULTS).write_text(text)
    keep(tmp_path, "no-time", cases(1), at="yesterday")
    found = {run.id: run.state for run in Library(tmp_path).runs().runs}
    assert found.pop(FIRST) == found.pop(SECOND) == "unfinished"
    assert found == {**{f"broken-{number}": "broken" for number in range(6)}, "no-time": "broken"}


def test_a_trend_says_whether_the_newest_run_differs_by_more_than_chance(tmp_path: Path) -> None:
    keep(tmp_path, FIRST, cases(12))
    keep(tmp_path, SECOND, cases(4), day=2)
    keep(tmp_path, "third", cases(5), day=3)
    library = Library(tmp_path)
    (trend,) = library.runs().trends
    assert [point.passed for point in trend.points] == [1.0, 0.3333, 0.4167]
    assert trend.change is not None
    assert (trend.change.since, trend.change.won, trend.change.lost, trend.change.verdict) == (SECOND, 1, 0, "alike")
    keep(tmp_path, "fourth", cases(12), day=4)
    (trend,) = library.runs().trends
    assert trend.change is not None
    assert (trend.change.won, trend.change.verdict) == (7, "better")
    keep(tmp_path, "fifth", cases(1), day=5)
    (trend,) = library.runs().trends
    assert trend.change is not None
    assert (trend.change.lost, trend.change.verdict) == (11, "worse")


def test_a_suite_whose_cases_were_changed_says_so(tmp_path: Path) -> None:
    keep(tmp_path, FIRST, cases(12))
    changed = SuiteResult(suite="selfservice", agent="embedded", digest="other", trials=1, outcomes=(outcome("new"),))
    keep(tmp_path, SECOND, changed, day=2)
    (trend,) = Library(tmp_path).runs().trends
    assert [point.other_cases for point in trend.points] == [False, True]
    assert trend.change is None


def test_two_runs_are_paired_case_by_case(tmp_path: Path) -> None:
    keep(tmp_path, FIRST, cases(4), result(outcome("x"), suite="handoff"))
    keep(tmp_path, SECOND, cases(12), result(outcome("x"), suite="fairness"), day=2)
    found = Library(tmp_path).compare(FIRST, SECOND)
    assert found is not None
    (suite,) = found.suites
    assert (suite.a, suite.b, suite.lost, len(suite.won), suite.won[0]) == (0.3333, 1.0, (), 8, "case-04")
    assert suite.p == pytest.approx(2 / 2**8)
    assert suite.difference == pytest.approx(8 / 12)
    assert suite.interval[0] < suite.difference < suite.interval[1]
    assert (found.only_a, found.only_b) == (("handoff",), ("fairness",))


def test_suites_without_a_case_in_common_have_no_difference_that_json_could_not_say(tmp_path: Path) -> None:
    keep(tmp_path, FIRST, result(outcome("x")))
    keep(tmp_path, SECOND, result(outcome("y")), day=2)
    found = Library(tmp_path).compare(FIRST, SECOND)
    assert found is not None
    assert (found.suites[0].cases, found.suites[0].difference, found.suites[0].p) == (0, 0.0, 1.0)


@pytest.mark.parametrize(
    "name", ["..", "../evals", f"../evals/{FIRST}", "/etc", "", ".", f"{FIRST}/", f"{FIRST}/logs", "seed", "\x00"]
)
def test_a_name_that_is_no_run_finds_nothing(tmp_path: Path, name: str) -> None:
    root = tmp_path / "evals"
    write_report(keep(root, FIRST, cases(1)))
    (root / "seed").mkdir()
    (root / "seed" / "report.html").write_text("none of ours")
    (tmp_path / "report.html").write_text("outside")
    library = Library(root)
    assert library.report(FIRST) is not None
    assert library.report(name) is None
    assert library.compare(FIRST, name) is None
