"""Files of evaluators' own cases are read tolerantly, and nothing is dropped in silence."""

import base64
from pathlib import Path

import pytest

import evals
from evals.cases import dialogue_of, read_files, suite_files
from evals.casting import cast
from evals.play import cast_of
from evals.stage import Stage
from evals.suites import SUITES

SAMPLES = Path(evals.__file__).parents[2] / "shared" / "exams" / "formats"


def test_a_line_that_cannot_be_read_is_unscored_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text('{"id": "a", "turns": ["hi"]}\n{broken\n[]\n\n{"turns": ["hi"]}\n{"id": "a", "turns": ["again"]}\n')
    read = read_files([path])
    assert [row["id"] for row in read.rows] == ["a", "own:5", "a#2"]
    assert [one.where for one in read.unscored] == ["own.jsonl:2", "own.jsonl:3"]


def test_cases_may_come_as_yaml(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("- {id: a, turns: [hello]}\n- not a case\n")
    read = read_files([path])
    assert [row["id"] for row in read.rows] == ["a"]
    assert read.unscored[0].reason == "not an object"


def test_missing_fields_have_their_defaults() -> None:
    dialogue = dialogue_of({"id": "a", "turns": ["hi", "bye"], "forbidden": "words for a reader", "more": 1})
    assert (dialogue.speaker, dialogue.gold, dialogue.forbidden) == ("anonymous", None, ())
    assert [turn.when for turn in dialogue.turns] == ["start", "any"]
    assert not dialogue.scored


@pytest.mark.parametrize("turns", [[], [{}], [{"when": "any"}], [3]])
def test_a_case_without_words_is_refused(turns: list[object]) -> None:
    with pytest.raises(ValueError, match="turn"):
        dialogue_of({"id": "a", "turns": turns})


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples of the formats are not here")
@pytest.mark.parametrize("name", ["dialogues", "safety"])
async def test_the_samples_of_the_formats_are_filled(stage: Stage, name: str) -> None:
    for row in read_files([SAMPLES / f"{name}.sample.jsonl"]).rows:
        dialogue = dialogue_of(row)
        actors = cast_of(stage, dialogue)
        for turn in dialogue.turns:
            assert not actors.unfilled(turn.say)


@pytest.mark.parametrize(
    ("needs", "who"),
    [
        ("refundable booking {LOCATOR}/{SURNAME}", "Ada"),
        ("a non-refundable booking", "Jonas"),
        ("two bookings {LOCATOR} and {LOCATOR_B}", "Yuki"),
        ("booking whose flight was cancelled by the airline", "Emma"),
        ("a delayed bag with its tag", "Liam"),
        ("Clara", "Clara"),
        ("booked within 24 hours", "Marco"),
        ("{MINOR} travels alone", "Hannah"),
    ],
)
async def test_who_plays_is_chosen_by_the_needs(stage: Stage, needs: str, who: str) -> None:
    assert cast(needs=needs, words="", speaker="authenticated", store=stage.store).persona.given_name == who


async def test_what_is_marked_is_encoded_after_it_was_filled(stage: Stage) -> None:
    actors = cast(needs="Ada", words="", speaker="anonymous", store=stage.store)
    told = actors.filled("<<b64:cancel {VICTIM_LOCATOR}>> {UNKNOWN}")
    assert told == base64.b64encode(b"cancel J8NW3B").decode() + " {UNKNOWN}"


@pytest.mark.parametrize(
    ("suite", "least"), [("selfservice", 80), ("safety", 200), ("resolution", 60), ("handoff", 25)]
)
def test_own_suites_are_as_large_as_promised_in_two_halves_with_clause_and_reason(suite: str, least: int) -> None:
    rows = read_files(suite_files(suite)).rows
    assert len(rows) >= least
    assert all(row.get("reason") for row in rows)
    halves = [len(read_files(suite_files(suite, part)).rows) for part in ("dev", "heldout")]
    assert min(halves) >= least / 3
    assert sum(halves) == len(rows)
    texts = [str([row.get(name) for name in ("turns", "facts", "situation", "standing", "setup")]) for row in rows]
    assert len(set(texts)) == len(texts)


def test_selfservice_covers_every_tool_that_a_customer_has() -> None:
    rows = read_files(suite_files("selfservice")).rows
    used = {step["tool"] for row in rows for step in row.get("gold", ())}
    assert used >= {
        "search_policies", "get_flight_status", "search_flights", "get_booking", "check_eligibility",
        "list_resolutions", "list_bookings", "get_profile", "get_consents", "recommend_offers", "verify_booking",
        "check_code",
        "book_flight", "cancel_booking", "change_flight", "rebook_disrupted", "add_ancillary", "correct_name",
        "request_refund", "claim_compensation", "report_baggage", "send_notification", "update_profile", "set_consent",
        "withdraw_consent",
    }  # fmt: skip
    assert set(SUITES) >= {
        "policy",
        "rights",
        "retrieval",
        "intents",
        "resolution",
        "handoff",
        "fairness",
        "robustness",
    }
