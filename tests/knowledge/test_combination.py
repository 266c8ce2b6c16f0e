"""How the verdicts of several clauses become one decision."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.decide import Decision
from knowledge.pack import load_pack
from knowledge.values import Value
from tests.knowledge.clauses import pack_of, rule, write_clause

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
FACTS: dict[str, Value] = {"booking.group_size": 1, "booking.currency": "EUR"}

# Clauses as "ID: state effect > overridden"; T holds, U unknown, F false.
WORKED_ROWS = [
    ("A: T allow > B; B: T allow > C; C: T deny", "allow", "clause", ["A"]),
    ("A: T allow > B; B: F allow > C; C: T deny", "deny", "clause", ["C"]),
    ("A: T deny; B: U allow", "deny", "clause", ["A"]),
    ("A: U allow > B; B: T deny", "needs_human", "missing", ["A"]),
    ("A: U allow > B; B: T deny; C: T deny", "deny", "clause", ["C"]),
    ("A: T allow > B; B: U deny", "allow", "clause", ["A"]),
    ("A: T allow; B: U deny", "needs_human", "missing", ["B"]),
    ("A: T allow refund: 24990; B: T allow refund: 4200", "needs_human", "conflict", ["A", "B"]),
    ("A: T allow refund: 24990; B: T allow bag_refund: 5000", "allow", "clause", ["A", "B"]),
]


def _clauses(text: str) -> list[tuple[str, str, str, str]]:
    found = []
    for part in text.split("; "):
        name, _, rest = part.partition(": ")
        verdict, _, overrides = rest.partition(" > ")
        state, _, effect = verdict.partition(" ")
        found.append((name, state, effect, overrides))
    return found


def _decide(folder: Path, clauses: str, facts: dict[str, Value] | None = None) -> Decision:
    return pack_of(folder, *_clauses(clauses)).decide("cancel_booking", FACTS if facts is None else facts, now=NOW)


@pytest.mark.parametrize(("clauses", "effect", "reason", "cited"), WORKED_ROWS)
def test_worked_row(tmp_path: Path, clauses: str, effect: str, reason: str, cited: list[str]) -> None:
    decision = _decide(tmp_path, clauses)
    assert (decision.effect, decision.reason) == (effect, reason)
    assert [ref.clause_id for ref in decision.clauses] == cited


def test_both_amounts_of_two_allows_are_granted(tmp_path: Path) -> None:
    decision = _decide(tmp_path, WORKED_ROWS[8][0])
    assert {amount.name: amount.minor for amount in decision.amounts} == {"refund": 24990, "bag_refund": 5000}


def test_no_clause_needs_a_human(tmp_path: Path) -> None:
    decision = _decide(tmp_path, "A: F allow")
    assert (decision.effect, decision.reason, decision.approver) == ("needs_human", "no_clause", "supervisor")


def test_needs_human_beats_allow(tmp_path: Path) -> None:
    decision = _decide(tmp_path, "A: T allow; B: T needs_human")
    assert (decision.effect, [ref.clause_id for ref in decision.clauses]) == ("needs_human", ["B"])


def test_a_removed_unknown_clause_that_could_remove_an_allow_leaves_it_in_doubt(tmp_path: Path) -> None:
    decision = _decide(tmp_path, "A: T allow > B; B: U deny > C; C: T allow refund: 5")
    assert (decision.effect, decision.missing) == ("needs_human", ("booking.any_flown",))


def test_law_is_cited_before_the_carrier(tmp_path: Path) -> None:
    write_clause(tmp_path, "A", rule("booking.group_size == 1", "allow"))
    write_clause(tmp_path, "Z", rule("booking.group_size == 1", "allow"), authority="EC261")
    decision = load_pack(tmp_path).decide("cancel_booking", FACTS, now=NOW)
    assert [ref.clause_id for ref in decision.clauses] == ["Z", "A"]


def test_a_negative_amount_needs_a_human(tmp_path: Path) -> None:
    decision = _decide(tmp_path, "A: T allow refund: 0 - booking.group_size")
    assert (decision.effect, decision.reason) == ("needs_human", "amount")


def test_an_amount_whose_fact_is_missing_names_the_fact(tmp_path: Path) -> None:
    decision = _decide(tmp_path, "A: T allow refund: booking.taxes")
    assert (decision.effect, decision.missing) == ("needs_human", ("booking.taxes",))


def test_money_without_the_currency_of_the_booking_needs_a_human(tmp_path: Path) -> None:
    decision = _decide(tmp_path, "A: T allow refund: 100", {"booking.group_size": 1})
    assert (decision.effect, decision.missing) == ("needs_human", ("booking.currency",))


STATES = st.sampled_from(["T", "F", "U"])
EFFECTS = st.sampled_from(["allow", "deny", "needs_human"])


@st.composite
def _packs(draw: st.DrawFn) -> list[tuple[str, str, str, str]]:
    names = ["A", "B", "C", "D"][: draw(st.integers(1, 4))]
    later = {name: st.sets(st.sampled_from(names[i + 1 :])) for i, name in enumerate(names[:-1])}
    return [
        (name, draw(STATES), draw(EFFECTS), ", ".join(sorted(draw(later[name]))) if name in later else "")
        for name in names
    ]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(clauses=_packs())
def test_a_decision_made_on_missing_facts_stands_whatever_they_turn_out_to_be(
    tmp_path_factory: pytest.TempPathFactory, clauses: list[tuple[str, str, str, str]]
) -> None:
    pack = pack_of(tmp_path_factory.mktemp("pack"), *clauses)
    decision = pack.decide("cancel_booking", FACTS, now=NOW)
    filled = [pack.decide("cancel_booking", {**FACTS, "booking.any_flown": flown}, now=NOW) for flown in (True, False)]
    if decision.reason != "missing":
        assert {later.effect for later in filled} == {decision.effect}
    if any(later.effect == "deny" for later in filled):
        assert decision.effect != "allow"
