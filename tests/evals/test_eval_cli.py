"""`concierge eval`: lists, compares, reports; wrong usage is said in one line."""

import json
from pathlib import Path

from typer.testing import CliRunner

from api.eval_cli import app
from evals.results import save
from evals.suites import SUITES
from tests.evals.outcomes import outcome, result

RUNNER = CliRunner()


def test_every_suite_is_listed() -> None:
    listed = json.loads(RUNNER.invoke(app, ["list", "--json"]).output)
    assert [row["suite"] for row in listed] == list(SUITES)
    assert "selfservice" in RUNNER.invoke(app, ["list"]).output


def test_an_unknown_suite_is_wrong_usage() -> None:
    answer = RUNNER.invoke(app, ["run", "nonsense"])
    assert answer.exit_code == 2


def test_data_needs_the_one_suite_that_reads_it(tmp_path: Path) -> None:
    (tmp_path / "own.jsonl").write_text("")
    answer = RUNNER.invoke(app, ["run", "safety", "rights", "--data", str(tmp_path / "own.jsonl")])
    assert answer.exit_code == 2


def test_two_runs_are_compared_case_by_case(tmp_path: Path) -> None:
    for name, passed in (("a", True), ("b", False)):
        (tmp_path / name).mkdir()
        save(tmp_path / name, [result(outcome("x"), outcome("y", passed=passed))], {})
    answer = RUNNER.invoke(app, ["compare", str(tmp_path / "a"), str(tmp_path / "b"), "--json"])
    paired = json.loads(answer.output)["selfservice"]
    assert (paired["cases"], paired["only_a"], paired["only_b"]) == (2, 1, 0)
    assert "only in A" in RUNNER.invoke(app, ["compare", str(tmp_path / "a"), str(tmp_path / "b")]).output


def test_a_report_is_written_again(tmp_path: Path) -> None:
    save(tmp_path, [result(outcome("x"))], {})
    answer = RUNNER.invoke(app, ["report", str(tmp_path)])
    assert answer.exit_code == 0
    assert (tmp_path / "report.html").is_file()


def test_a_folder_without_the_exam_is_wrong_usage(tmp_path: Path) -> None:
    assert RUNNER.invoke(app, ["tau", "--data", str(tmp_path)]).exit_code == 2
