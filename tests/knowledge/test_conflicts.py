"""Conflicts that only whole situations show, and what a new pack would change."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from knowledge.cases import read_all_cases, run_cases
from knowledge.compare import compare
from knowledge.conflicts import find_conflicts
from knowledge.decisions import run_decisions
from knowledge.pack import PolicyPack, load_pack
from knowledge.situations import situations
from knowledge.values import Value
from knowledge.vocabulary import FACTS
from tests.knowledge.clauses import rule, write_clause

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
BOTH: dict[str, Value] = {"booking.group_size": 1, "booking.any_flown": True, "booking.currency": "EUR"}


def _two(folder: Path, overrides: str = "") -> PolicyPack:
    write_clause(folder, "A", rule("booking.group_size == 1", "allow"), overrides=overrides)
    write_clause(folder, "B", rule("booking.any_flown", "deny"))
    return load_pack(folder)


def test_a_booking_shows_a_conflict_that_no_case_does(tmp_path: Path) -> None:
    pack = _two(tmp_path)
    assert list(find_conflicts(pack, read_all_cases(pack))) == []
    found = list(find_conflicts(pack, read_all_cases(pack), [BOTH]))
    assert [finding.message for finding in found] == [
        "B v1 and A v1 disagree on cancel_booking: one allows, one denies, and neither overrides the other"
    ]


def test_an_override_settles_it(tmp_path: Path) -> None:
    pack = _two(tmp_path, overrides="B")
    assert list(find_conflicts(pack, read_all_cases(pack), [BOTH])) == []


def test_situations_are_whole_and_the_same_every_time(pack: PolicyPack) -> None:
    book = read_all_cases(pack)
    first, second = list(situations(pack, book, 20)), list(situations(pack, book, 20))
    assert first == second
    for facts in first:
        decision = pack.decide("claim_compensation", facts, now=NOW)
        assert decision.missing == ()
        assert set(facts) <= set(FACTS)


def test_only_what_changes_is_compared_and_counted(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    for name, fee in (("old", "90 EUR"), ("new", "70 EUR")):
        fares = f"terms: {{fee: {fee}}}\n" + rule("booking.group_size == 1", "allow", "fee: term.fee")
        write_clause(tmp_path / name, "A", fares)
        write_clause(tmp_path / name, "B", rule("booking.any_flown", "deny"), governs="change_flight")
    old, new = load_pack(tmp_path / "old"), load_pack(tmp_path / "new")
    named = [("ABC123", BOTH), ("DEF456", {**BOTH, "booking.group_size": 2})]
    found = compare(old, new, named, now=NOW, actions=("cancel_booking", "change_flight"))
    assert (found.decisions, len(found.changes)) == (4, 1)
    assert dict(found.money) == {("fee", "EUR"): -2000}
    assert (
        str(found.changes[0]) == "ABC123: cancel_booking was allow by A (fee 90 EUR), would be allow by A (fee 70 EUR)"
    )


def test_a_promised_decision_that_comes_out_otherwise_is_found(tmp_path: Path) -> None:
    pack = _two(tmp_path, overrides="B")
    promise = """
- name: promised
  action: cancel_booking
  now: 2026-05-01
  given: {booking.group_size: 1, booking.any_flown: true}
  facts: {}
  expect: {effect: deny, clauses: [B]}
- {name: unreadable, action: cancel_booking, now: 2026-05-01, facts: {booking.nowhere: 1}, expect: {effect: deny}}
- {name: incomplete}
"""
    (tmp_path / "decisions.yaml").write_text(promise, encoding="utf-8")
    assert [str(finding) for finding in run_decisions(pack)] == [
        "decisions.yaml:2:3: promised: effect is allow, not deny; clauses is ['A'], not ['B']",
        "decisions.yaml:8:3: unreadable: unknown fact 'booking.nowhere'",
        "decisions.yaml:9:3: a decision has name, action, now, facts and expect",
    ]


def test_a_derived_fact_of_another_clause_is_computed_by_the_version_in_force(tmp_path: Path) -> None:
    defined = "terms: {most: 1}\ndefines:\n  party.small: booking.group_size <= term.most"
    write_clause(tmp_path, "D", defined, governs="", until="2026-01-01")
    write_clause(tmp_path, "D", defined.replace("most: 1", "most: 5"), governs="", version=2, start="2026-01-01")
    write_clause(tmp_path, "A", rule("party.small", "allow"))
    pack = load_pack(tmp_path)
    facts: dict[str, Value] = {"booking.group_size": 3}
    assert pack.decide("cancel_booking", facts, now=NOW).effect == "allow"
    before = pack.decide("cancel_booking", facts, now=NOW - timedelta(days=365))
    assert (before.effect, before.reason) == ("needs_human", "no_clause")
    assert "D v2 gives party.small = yes" in pack.decide("cancel_booking", facts, now=NOW).trace


def test_what_a_derived_fact_lacks_is_named_by_its_roots(tmp_path: Path) -> None:
    write_clause(tmp_path, "D", "defines:\n  party.small: booking.group_size <= 1", governs="")
    write_clause(tmp_path, "A", rule("party.small", "allow"))
    decision = load_pack(tmp_path).decide("cancel_booking", {}, now=NOW)
    assert decision.missing == ("booking.group_size",)


def test_a_version_in_doubt_for_want_of_its_date_needs_that_date(tmp_path: Path) -> None:
    for version, until, start in ((1, "2025-01-01", "2024-01-01"), (2, "", "2025-01-01")):
        write_clause(tmp_path, "A", rule("true", "allow"), basis="booked_on", version=version, start=start, until=until)
    pack = load_pack(tmp_path)
    assert pack.decide("cancel_booking", {}, now=NOW).missing == ("booking.booked_on",)
    assert pack.decide("cancel_booking", {"booking.booked_on": NOW}, now=NOW).clauses[0].version == 2


def test_outside_its_scope_a_clause_does_not_speak(tmp_path: Path) -> None:
    write_clause(tmp_path, "A", "scope: {from: [EU, FRA], carrier: GA}\n" + rule("true", "allow"))
    pack = load_pack(tmp_path)
    inside: dict[str, Value] = {"flight.origin": "FRA", "flight.carrier": "GA"}
    outside: dict[str, Value] = {**inside, "flight.carrier": "XX"}
    assert pack.decide("cancel_booking", inside, now=NOW).effect == "allow"
    assert pack.decide("cancel_booking", outside, now=NOW).reason == "no_clause"
    assert pack.decide("cancel_booking", {"flight.carrier": "GA"}, now=NOW).reason == "missing"


def test_money_of_the_booking_is_never_mixed_with_another_currency(tmp_path: Path) -> None:
    mixed = "terms: {fee: 5 EUR}\n" + rule("true", "allow", "refund: booking.total_paid - term.fee")
    write_clause(tmp_path, "A", mixed)
    facts: dict[str, Value] = {"booking.total_paid": 9000, "booking.currency": "GBP"}
    decision = load_pack(tmp_path).decide("cancel_booking", facts, now=NOW)
    assert (decision.effect, decision.reason) == ("needs_human", "amount")


def test_coverage_names_the_rules_no_case_reaches(tmp_path: Path) -> None:
    write_clause(
        tmp_path,
        "A",
        rule("booking.any_flown", "allow")
        + "\ncases:\n  - {facts: {booking.any_flown: true}, expect: {effect: allow}}",
    )
    coverage = run_cases(load_pack(tmp_path)).coverage
    assert (coverage.never_true, coverage.never_false) == ((), ("A v1 rule 1",))
