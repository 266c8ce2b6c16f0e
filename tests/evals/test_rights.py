"""Passenger rights to the article: a table of situations, each with what the law gives."""

import json
from collections import Counter
from pathlib import Path

import pytest

import evals
from evals.rights import answer, lines_of, run, run_file
from evals.rights_facts import Unscorable
from knowledge.pack import PolicyPack

SUITE = Path(evals.__file__).parent / "suites" / "rights"
SAMPLE = Path(evals.__file__).parents[2] / "shared" / "exams" / "formats" / "rights.sample.jsonl"
TABLE = [json.loads(line) for path in sorted(SUITE.glob("*.jsonl")) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("case", TABLE, ids=[f"{case['id']} {case['article']}" for case in TABLE])
def test_situation(pack: PolicyPack, case: dict[str, object]) -> None:
    report = run([json.dumps(case)], pack)
    assert list(lines_of(report)) == ["1 of 1 right, 0 unscored"]


def test_the_table_is_large_and_every_situation_names_its_article() -> None:
    assert len(TABLE) >= 120
    assert all(case["article"] for case in TABLE)
    assert set(Counter(case["regime"] for case in TABLE)) == {"EC261", "UK261", "US-DOT", "APPR", "MC99"}


@pytest.mark.parametrize(
    ("field", "edge"),
    [
        ("arrival_delay_minutes", 180),
        ("arrival_delay_minutes", 179),
        ("distance_km", 1500.0),
        ("distance_km", 1500.1),
        ("distance_km", 3500.0),
        ("distance_km", 3500.1),
        ("notice_days", 14),
        ("notice_days", 13),
        ("notice_days", 7),
        ("departure_delay_minutes", 300),
        ("departure_delay_minutes", 299),
    ],
)
def test_the_table_stands_on_the_edge(field: str, edge: float) -> None:
    assert any(case["facts"].get(field) == edge for case in TABLE)


def test_the_published_sample_is_answered(pack: PolicyPack) -> None:
    if not SAMPLE.exists():
        pytest.skip("the evaluators' sample is not on this machine")
    report = run_file(SAMPLE, pack)
    assert (report.misses, report.unscored) == ([], {})


def test_a_missing_field_has_its_default_and_an_unknown_one_is_ignored(pack: PolicyPack) -> None:
    facts: dict[str, object] = {
        "flight_date": "2025-09-16",
        "origin_country": "DE",
        "destination_country": "ES",
        "distance_km": 1200,
        "operating_carrier_country": "EU",
        "event": "delayed",
        "arrival_delay_minutes": 200,
        "mood": "angry",
    }
    assert answer(pack, "EC261", "compensation", facts).amount == 250


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nonsense", "Expecting value"),
        ('{"regime": "EC261", "question": "compensation"}', "no facts or no expect"),
        ('{"regime": "EC261", "question": "horoscope", "facts": {}, "expect": {}}', "unknown question 'horoscope'"),
        ('{"regime": "MARS", "question": "care", "facts": {}, "expect": {}}', "no clauses of MARS"),
        ('{"regime": "EC261", "question": "care", "facts": {}, "expect": {}}', "no flight_date"),
    ],
)
def test_a_line_that_cannot_be_scored_is_counted_with_its_reason(pack: PolicyPack, line: str, reason: str) -> None:
    report = run([line], pack)
    assert (report.scored, len(report.unscored)) == (0, 1)
    assert reason in report.unscored["line 1"]


def test_an_undecided_case_counts_as_wrong(pack: PolicyPack) -> None:
    facts = {"flight_date": "2025-08-19", "origin_country": "CA", "event": "delayed", "arrival_delay_minutes": 400}
    case = {"id": "x", "regime": "APPR", "question": "compensation", "facts": facts, "expect": {"entitled": False}}
    report = run([json.dumps(case)], pack)
    assert [miss.answer.entitled for miss in report.misses] == [None]


def test_unscorable_is_raised_for_a_bad_date(pack: PolicyPack) -> None:
    with pytest.raises(Unscorable, match="is not a date"):
        answer(pack, "EC261", "care", {"flight_date": "soon"})
