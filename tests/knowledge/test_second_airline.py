"""Another airline is another pack: other fares, other figures, and not a line of code."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.cases import run_cases
from knowledge.lint import lint
from knowledge.pack import PolicyPack, load_pack
from knowledge.values import Value

FJORD = Path(__file__).parent / "fjord"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
BOOKING: dict[str, Value] = {
    "booking.status": "confirmed",
    "booking.fare_family": "basic",
    "booking.booked_on": NOW - timedelta(hours=40),
    "booking.age": timedelta(hours=40),
    "booking.total_paid": 100_000,
    "booking.currency": "NOK",
}


@pytest.fixture(scope="module")
def fjord() -> PolicyPack:
    return load_pack(FJORD)


def test_the_second_pack_is_complete_and_clean(fjord: PolicyPack) -> None:
    coverage = run_cases(fjord).coverage
    assert lint(FJORD) == []
    assert len(fjord.clauses) == 20
    assert (coverage.never_true, coverage.never_false) == ((), ())
    assert (fjord.airline, fjord.carriers["FJ"].size) == ("Fjord Air", "small")


def test_its_own_window_refunds_where_the_first_airline_would_not(fjord: PolicyPack, pack: PolicyPack) -> None:
    theirs = fjord.decide("cancel_booking", BOOKING, now=NOW)
    assert (theirs.effect, theirs.clauses[0].clause_id) == ("allow", "F-CXL-FREE")
    assert [(amount.name, amount.minor, amount.currency) for amount in theirs.amounts] == [("refund", 100_000, "NOK")]
    assert pack.decide("cancel_booking", BOOKING, now=NOW).effect != "allow"


def test_after_its_window_a_basic_fare_becomes_a_voucher(fjord: PolicyPack) -> None:
    late = {**BOOKING, "booking.age": timedelta(hours=49)}
    decision = fjord.decide("cancel_booking", late, now=NOW)
    assert [(grant.name, grant.quantity) for grant in decision.grants] == [("voucher_ore", 80_000)]
    assert "80 % of it becomes a voucher valid for 2 years" in decision.say
