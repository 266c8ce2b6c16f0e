"""Typed literals as a policy owner writes them, and the words they are read as."""

from datetime import UTC, datetime, timedelta

import pytest

from knowledge.expression import half, percent
from knowledge.values import Kind, fits, parse_duration, parse_money, parse_term, parse_value, render, render_money


@pytest.mark.parametrize(
    ("raw", "kind", "value", "text"),
    [
        ("24h", "duration", timedelta(hours=24), "24 hours"),
        ("1d", "duration", timedelta(days=1), "1 day"),
        ("1h30min", "duration", timedelta(minutes=90), "1 hour and 30 minutes"),
        ("2y", "duration", timedelta(days=730), "2 years"),
        ("249.90 EUR", "int", 24990, "249.90 EUR"),
        ("600 EUR", "int", 60000, "600 EUR"),
        ("500 JPY", "int", 500, "500 JPY"),
        ("1519 XDR", "int", 151900, "1,519 SDR"),
        ("23kg", "double", 23.0, "23 kg"),
        ("1500km", "double", 1500.0, "1,500 km"),
        ("158cm", "int", 158, "158 cm"),
        ("50%", "int", 50, "50 %"),
        ("22:00", "duration", timedelta(hours=22), "22:00"),
        ("2025-01-31", "timestamp", datetime(2025, 1, 31, tzinfo=UTC), "31 January 2025"),
        ("words", "string", "words", "words"),
        (3, "int", 3, "3"),
        (True, "bool", True, "yes"),
        (["A", "B", "C"], "strings", ("A", "B", "C"), "A, B and C"),
    ],
)
def test_a_term_is_typed_by_the_way_it_is_written(raw: object, kind: Kind, value: object, text: str) -> None:
    term = parse_term(raw)
    assert term is not None
    assert (term.kind, term.value, term.text) == (kind, value, text)


@pytest.mark.parametrize("raw", [None, 1.5, {"a": 1}, [1, 2]])
def test_what_is_no_term_is_none(raw: object) -> None:
    assert parse_term(raw) is None


@pytest.mark.parametrize("text", ["24", "h", "24 h", "1h-", "one day", ""])
def test_what_is_no_duration_is_none(text: str) -> None:
    assert parse_duration(text) is None


def test_a_duration_may_lie_in_the_past() -> None:
    assert parse_duration("-5h") == timedelta(hours=-5)


@pytest.mark.parametrize("text", ["250", "250 euro", "1.005 EUR", "1.5 JPY"])
def test_what_is_no_money_is_none(text: str) -> None:
    assert parse_money(text) is None


def test_money_is_written_with_the_digits_of_its_currency() -> None:
    assert render_money(24990, "EUR") == "249.90 EUR"
    assert render_money(123456, "EUR") == "1,234.56 EUR"
    assert render_money(500, "JPY") == "500 JPY"
    assert render_money(1250, "KWD") == "1.250 KWD"


@pytest.mark.parametrize(("amount", "expected"), [(0, 0), (1, 1), (2, 1), (25000, 12500), (12345, 6173)])
def test_half_rounds_up_for_the_passenger(amount: int, expected: int) -> None:
    assert half(amount) == expected


@pytest.mark.parametrize(
    ("amount", "rate", "expected"), [(40000, 50, 20000), (101, 50, 51), (333, 30, 100), (1, 75, 1)]
)
def test_a_percentage_rounds_halves_up(amount: int, rate: int, expected: int) -> None:
    assert percent(amount, rate) == expected


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("int", True, False),
        ("int", 1, True),
        ("bool", 1, False),
        ("double", 1, True),
        ("strings", ["A"], True),
        ("strings", "A", False),
        ("timestamp", datetime(2026, 1, 1), False),  # noqa: DTZ001
        ("duration", 5, False),
    ],
)
def test_a_value_must_be_exactly_of_its_kind(kind: Kind, value: object, expected: bool) -> None:
    assert fits(kind, value) is expected


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        ("duration", "3h", timedelta(hours=3)),
        ("duration", "21:30", timedelta(hours=21, minutes=30)),
        ("duration", 3, None),
        ("int", "250 EUR", 25000),
        ("int", "many", None),
        ("double", 3, 3.0),
        ("double", "23kg", 23.0),
        ("strings", ["A", "B"], ("A", "B")),
        ("timestamp", "2026-01-01", datetime(2026, 1, 1, tzinfo=UTC)),
        ("timestamp", "2026-01-01T10:00:00Z", datetime(2026, 1, 1, 10, tzinfo=UTC)),
        ("timestamp", "soon", None),
        ("bool", "yes", None),
    ],
)
def test_a_case_writes_a_value_of_a_known_kind(kind: Kind, raw: object, expected: object) -> None:
    assert parse_value(kind, raw) == expected


def test_values_are_read_in_words() -> None:
    assert render(timedelta(days=1, hours=2)) == "1 day and 2 hours"
    assert render(timedelta(hours=-3)) == "minus 3 hours"
    assert render(timedelta()) == "no time"
    assert render(datetime(2026, 1, 2, 10, 30, tzinfo=UTC)) == "2 January 2026, 10:30 UTC"
    assert render(("A", "B")) == "A and B"
    assert render(False) == "no"
    assert render(12345) == "12,345"
