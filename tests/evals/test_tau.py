"""The external exam: gold writes pass our gate, what its policy forbids does not, the pack keeps its own cases."""

import json
from pathlib import Path
from typing import Any

import pytest

import evals
from evals.tau.exam import ExamResult, NoExam, exam_pack, report_lines, sit
from evals.tau.tools import STATED, read_reason
from knowledge.cases import run_cases

EXAM = Path(evals.__file__).parents[2] / "shared" / "exams" / "tau2-airline"
needs_exam = pytest.mark.skipif(not EXAM.is_dir(), reason="the exam's airline domain is not here")


def reservation(**more: Any) -> dict[str, Any]:
    return {
        "reservation_id": "R1", "user_id": "u", "origin": "AAA", "destination": "BBB", "flight_type": "one_way",
        "cabin": "economy",
        "flights": [{"origin": "AAA", "destination": "BBB", "flight_number": "F1", "date": "2030-01-05", "price": 100}],
        "passengers": [{"first_name": "S", "last_name": "D", "dob": "1990-01-01"}],
        "payment_history": [{"payment_id": "card", "amount": 100}], "created_at": "2029-12-01T00:00:00",
        "total_baggages": 0, "nonfree_baggages": 0, "insurance": "no", **more,
    }  # fmt: skip


def exam(folder: Path, tasks: list[object], **more: Any) -> Path:
    day = {"status": "available", "available_seats": {"economy": 9}, "prices": {"economy": 120}}
    flight = {"origin": "AAA", "destination": "BBB", "dates": {"2030-01-05": day, "2030-01-06": day}}
    methods = {
        "card": {"source": "credit_card", "id": "card"},
        "paper": {"source": "certificate", "id": "paper", "amount": 500},
    }
    user = {"user_id": "u", "membership": "silver", "payment_methods": methods, "reservations": ["R1"]}
    db = {"flights": {"F1": flight}, "users": {"u": user}, "reservations": {"R1": reservation(**more)}}
    (folder / "db.json").write_text(json.dumps(db))
    (folder / "tasks.json").write_text(json.dumps(tasks))
    (folder / "policy.md").write_text("The current time is 2030-01-01 12:00:00 EST.")
    return folder


def task(*actions: tuple[str, dict[str, object]], words: str = "I want this") -> dict[str, object]:
    named = [{"action_id": str(place), "name": name, "arguments": given} for place, (name, given) in enumerate(actions)]
    return {"id": "t", "user_scenario": {"instructions": words}, "evaluation_criteria": {"actions": named}}


CANCEL: tuple[str, dict[str, object]] = ("cancel_reservation", {"reservation_id": "R1"})


def test_a_gold_write_that_the_pack_allows_ends_as_without_a_gate(tmp_path: Path) -> None:
    later = [{"flight_number": "F1", "date": "2030-01-06"}]
    wish: dict[str, object] = {"reservation_id": "R1", "cabin": "economy", "flights": later, "payment_id": "card"}
    gold = task(("update_reservation_flights", wish), ("get_user_details", {"user_id": "u"}))
    found = sit(exam(tmp_path, [gold]), forbidden=nothing(tmp_path))
    assert found.passed
    assert [write.clauses for write in found.tasks[0].writes] == [("TA-FLIGHTS",)]


def nothing(folder: Path) -> Path:
    (folder / "none.jsonl").write_text("")
    return folder / "none.jsonl"


def test_a_gold_write_that_the_pack_refuses_is_reported(tmp_path: Path) -> None:
    found = sit(exam(tmp_path, [task(CANCEL)]), forbidden=nothing(tmp_path))
    assert [write.tool for write in found.wrongly_refused] == ["cancel_reservation"]
    assert not found.tasks[0].same
    assert "1 wrongly refused" in next(report_lines(found))


@pytest.mark.parametrize(
    ("stated", "insurance", "allowed"),
    [("I am sick", "yes", True), ("change_of_plan", "yes", False), (None, "yes", False), ("I am sick", "no", False)],
)
def test_a_stated_reason_decides_for_insured_journeys_only(
    tmp_path: Path, stated: str | None, insurance: str, allowed: bool
) -> None:
    line = {
        "id": "f",
        "tool": CANCEL[0],
        "arguments": CANCEL[1],
        "reason": "x",
        **({"stated": {"reason": stated}} if stated else {}),
    }
    path = tmp_path / "forbidden.jsonl"
    path.write_text(json.dumps(line) + "\n")
    found = sit(exam(tmp_path, [], insurance=insurance), forbidden=path)
    assert [write.allowed for write in found.forbidden] == [allowed]


def test_forbidden_lines_of_another_shape_are_unscored(tmp_path: Path) -> None:
    path = tmp_path / "forbidden.jsonl"
    path.write_text(
        '{"id": "a", "tool": "get_user_details", "arguments": {}}\n{"id": "b", "tool": "send_certificate"}\nno\n'
    )
    found = sit(exam(tmp_path, []), forbidden=path)
    assert len(found.unscored) == 3
    assert not found.forbidden


def test_a_change_is_not_paid_with_a_certificate(tmp_path: Path) -> None:
    path = tmp_path / "forbidden.jsonl"
    wish = {"reservation_id": "R1", "total_baggages": 1, "nonfree_baggages": 0, "payment_id": "paper"}
    path.write_text(json.dumps({"id": "a", "tool": "update_reservation_baggages", "arguments": wish}) + "\n")
    (judged,) = sit(exam(tmp_path, []), forbidden=path).forbidden
    assert (judged.allowed, judged.clauses) == (False, ("TA-PAY-CHANGE",))


def test_a_folder_without_the_exam_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoExam, match="FileNotFoundError"):
        sit(tmp_path)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("You are sick.", "health"),
        ("a snowstorm", "weather"),
        ("", None),
        ("cancel it", "attested"),
        (f"{STATED}too dear", "other"),
    ],
)
def test_reasons_are_read_in_words(words: str, reason: str | None) -> None:
    assert read_reason(words) == reason


def test_every_rule_of_the_pack_has_a_case_that_reaches_it() -> None:
    report = run_cases(exam_pack())
    assert report.findings == []
    assert report.coverage.never_true == ()


@pytest.fixture(scope="module")
def sat() -> ExamResult:
    return sit(EXAM)


@needs_exam
class TestTheExam:
    def test_every_gold_write_is_allowed_and_every_database_ends_alike(self, sat: ExamResult) -> None:
        assert sat.wrongly_refused == []
        assert all(one.same for one in sat.tasks)
        assert not sat.unscored

    def test_at_least_sixty_forbidden_writes_are_refused_each_with_its_clause(self, sat: ExamResult) -> None:
        assert len(sat.forbidden) >= 60
        assert sat.wrongly_allowed == []
        assert all(write.clauses for write in sat.forbidden)

    def test_no_name_of_the_benchmark_stands_in_pack_or_code(self) -> None:
        db = json.loads((EXAM / "db.json").read_text(encoding="utf-8"))
        names = {*db["reservations"], *db["users"], *db["flights"]}
        for path in (Path(evals.__file__).parent / "tau").rglob("*.*"):
            if path.suffix in (".py", ".md"):
                text = path.read_text(encoding="utf-8")
                assert not [name for name in names if name in text], path
