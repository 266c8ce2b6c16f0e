"""The pack of Gamma Airways as it ships."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest

from knowledge.cases import run_cases
from knowledge.clause import Audience
from knowledge.decide import FactError
from knowledge.decisions import count_decisions
from knowledge.facts import route_facts
from knowledge.lint import lint
from knowledge.pack import PolicyPack, default_pack_path
from knowledge.values import Value
from knowledge.vocabulary import ACTIONS, FACTS

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_lint_is_clean() -> None:
    assert [str(finding) for finding in lint(default_pack_path())] == []


def test_every_rule_is_made_true_and_false_by_some_case(pack: PolicyPack) -> None:
    coverage = run_cases(pack).coverage
    assert (coverage.never_true, coverage.never_false) == ((), ())
    assert coverage.cases > 600
    assert count_decisions(pack) >= 25


def test_it_has_clauses_on_every_subject(pack: PolicyPack) -> None:
    ids = {clause.id for clause in pack.clauses}
    subjects = Counter(clause.path.parent.name for clause in pack.clauses)
    assert len(ids) >= 80
    assert set(subjects) == {
        *("fares", "baggage", "disruption", "rights", "assistance", "children", "pets", "loyalty", "goodwill"),
        *("payments", "privacy", "notices", "travel"),
    }
    assert {clause.authority for clause in pack.clauses} >= {"EC261", "UK261", "US-DOT", "APPR", "MC99", "GDPR"}


def test_every_action_is_governed(pack: PolicyPack) -> None:
    assert set(pack.actions) == ACTIONS


def test_every_clause_of_law_names_its_article(pack: PolicyPack) -> None:
    laws = [clause for clause in pack.clauses if clause.authority != "carrier" and clause.rules]
    words = ("Article", "section", "CFR", "U.S.C.", "Annex", "C-", "Regulation (", "Limitation Act")
    silent = [clause.label for clause in laws if not any(word in rule.say for rule in clause.rules for word in words)]
    assert silent == []


def test_a_ticket_is_judged_by_the_clause_of_the_day_it_was_bought(pack: PolicyPack) -> None:
    assert (pack.clause("CXL-24H", on=date(2024, 6, 1)) or pack.clauses[0]).version == 2
    assert (pack.clause("CXL-24H", on=date(2025, 1, 1)) or pack.clauses[0]).version == 3
    assert (pack.clause("CXL-24H") or pack.clauses[0]).version == 3
    assert pack.clause("CXL-24H", version=9) is None


@pytest.mark.parametrize("audience", get_args(Audience))
def test_only_staff_read_the_clauses_of_staff(pack: PolicyPack, audience: Audience) -> None:
    shown = {clause.id for clause in pack.effective(date(2026, 1, 1), audience)}
    assert ("GDW-AGENT" in shown) is (audience == "staff")
    assert "BAG-CABIN" in shown


def test_a_clause_for_staff_decides_for_everyone_but_is_cited_to_staff_only(pack: PolicyPack) -> None:
    facts: dict[str, Value] = {
        "staff.role": "agent",
        "staff.own_case": False,
        "goodwill.value": 5000,
        "goodwill.miles": 0,
        "goodwill.given_before": 0,
    }
    to_staff = pack.decide("issue_goodwill", facts, now=NOW, audience="staff")
    to_customer = pack.decide("issue_goodwill", facts, now=NOW, audience="customer")
    assert (to_staff.effect, [ref.clause_id for ref in to_staff.clauses]) == ("allow", ["GDW-AGENT"])
    assert (to_customer.effect, to_customer.clauses, to_customer.say) == ("allow", (), "")


def test_a_small_automatic_grant_names_its_ceiling(pack: PolicyPack) -> None:
    facts: dict[str, Value] = {
        "flight.event": "delayed",
        "passenger.on_time": True,
        "flight.departure_delay": timedelta(hours=2),
    }
    decision = pack.under("carrier").decide("provide_care", facts, now=NOW)
    assert decision.automatic_up_to is not None
    assert (decision.automatic_up_to.minor, decision.automatic_up_to.currency) == (2500, "EUR")


def test_care_in_kind_beside_a_voucher_leaves_the_voucher_its_ceiling(pack: PolicyPack) -> None:
    facts: dict[str, Value] = {
        "flight.event": "delayed",
        "flight.departure": NOW,
        "flight.departure_delay": timedelta(hours=3),
        "flight.carrier_region": "EU",
        "passenger.on_time": True,
        "passenger.fare_public": True,
        "claim.regime": "any",
        **route_facts("VIE", "BCN"),
    }
    decision = pack.decide("provide_care", facts, now=NOW)
    assert [clause.clause_id for clause in decision.clauses] == ["EC261-CARE", "DIS-VOUCHER"]
    assert decision.automatic_up_to is not None
    assert decision.automatic_up_to.minor == 2500


def test_a_refund_on_the_persons_word_names_what_must_be_quoted(pack: PolicyPack) -> None:
    facts: dict[str, Value] = {
        "flight.event": "none",
        "booking.status": "confirmed",
        "booking.unused_value": 9000,
        "booking.refunded": 0,
        "booking.currency": "EUR",
        "booking.unused_taxes": 0,
        "baggage.event": "none",
    }
    carrier = pack.under("carrier")
    asked = carrier.decide("request_refund", facts, now=NOW)
    told = carrier.decide(
        "request_refund", {**facts, "stated.reason": "bereavement", "stated.can_prove": True}, now=NOW
    )
    assert (asked.effect, "stated.reason" in asked.missing) == ("needs_human", True)
    assert (told.effect, told.on_statement) == ("allow", ("stated.reason", "stated.can_prove"))


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"booking.nowhere": 1}, "'booking.nowhere' is not in the fact vocabulary"),
        ({"booking.group_size": True}, "booking.group_size must be int, not bool"),
        ({"booking.age": 3}, "booking.age must be duration, not int"),
        ({"booking.booked_on": datetime(2026, 1, 1)}, "booking.booked_on must be timestamp"),  # noqa: DTZ001
    ],
)
def test_a_fact_of_the_wrong_kind_is_the_callers_mistake(
    pack: PolicyPack, facts: dict[str, Value], message: str
) -> None:
    with pytest.raises(FactError, match=message):
        pack.decide("cancel_booking", facts, now=NOW)


def test_every_fact_says_what_it_means_and_where_it_comes_from() -> None:
    assert [fact.name for fact in FACTS.values() if not fact.meaning] == []
    assert [fact.name for fact in FACTS.values() if not fact.field and fact.source != "stated"] == []
