from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.domain.money import Money, format_minor
from tools.extract.durations import durations, percentages
from tools.extract.figures import figures
from tools.extract.money import amounts
from tools.extract.numbers import numbers, read_number

TODAY = date(2026, 11, 24)


def told(text: str) -> list[tuple[str, str]]:
    return [(found.value.kind, found.value.value) for found in figures(text, today=TODAY)]


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("1,500", "1500"), ("1.500,25", "1500.25"), ("249.90", "249.90"), ("3,5", "3.5"), ("12 000", "12000"),
        ("twenty-four", "24"), ("a hundred and fifty", "150"), ("two hundred fifty", "250"), ("one and a half", "1.5"),
        ("half a million", "500000"), ("three thousand two hundred", "3200"), ("two dozen", "24"),
    ],
)  # fmt: skip
def test_numbers_in_digits_and_words(words: str, value: str) -> None:
    assert read_number(words) == Decimal(value)


def test_other_languages_number_words_count() -> None:
    assert [found.value for found in numbers("Sie bekommen zweihundertfünfzig oder seis")] == [250, 6]


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("600 EUR", Money(currency="EUR", minor=60000)),
        ("€249.90", Money(currency="EUR", minor=24990)),
        ("$1,550", Money(currency="USD", minor=155000)),
        ("six hundred euros", Money(currency="EUR", minor=60000)),
        ("fifty quid", Money(currency="GBP", minor=5000)),
        ("1,519 SDR", Money(currency="XDR", minor=151900)),
        ("600€", Money(currency="EUR", minor=60000)),
        ("5000 yen", Money(currency="JPY", minor=5000)),
        ("90 cents", Money(currency="EUR", minor=90)),
    ],
)
def test_money(text: str, money: Money) -> None:
    assert [found.value for found in amounts(f"that is {text}, really")] == [money]


@given(st.integers(0, 10_000_000), st.sampled_from(["EUR", "USD", "GBP", "JPY", "XDR"]))
def test_money_we_write_is_money_we_read(minor: int, currency: str) -> None:
    assert [found.value for found in amounts(f"You get {format_minor(minor, currency)} back.")] == [
        Money(currency=currency, minor=minor)
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("24 hours", "PT1440M"), ("1 day", "PT1440M"), ("24h", "PT1440M"), ("an hour and a half", "PT90M"),
        ("3 hours and 20 minutes", "PT200M"), ("two weeks", "PT20160M"), ("half an hour", "PT30M"),
        ("a year", "P12M"), ("six months", "P6M"),
    ],
)  # fmt: skip
def test_durations_of_equal_length_are_equal(text: str, value: str) -> None:
    assert [found.value for found in durations(text)] == [value]


def test_an_age_is_no_duration() -> None:
    assert durations("my 12 year old son") == ()


def test_percentages() -> None:
    assert [found.value for found in percentages("30 % or thirty per cent or 12.5percent")] == [30, 30, Decimal("12.5")]


def test_every_figure_of_a_sentence_is_found_once() -> None:
    assert told("Booking K7XQ2P on GA412, 14 August at 14:30: 249.90 EUR within 7 days, 23 kg, thirty per "
                "cent, gate B22.") == [
        ("locator", "K7XQ2P"),
        ("flight", "GA412"),
        ("date", "2027-08-14"),
        ("time", "14:30"),
        ("money", "EUR 24990"),
        ("duration", "PT10080M"),
        ("measure", "23 kg"),
        ("percent", "30"),
        ("token", "B22"),
    ]  # fmt: skip


def test_citations_and_the_word_one_are_no_figures() -> None:
    assert told("You may take one cabin bag. [[CXL-24H]]") == []


@given(st.text(max_size=200))
def test_no_digit_of_a_text_escapes(text: str) -> None:
    found = figures(text.replace("[", "("), today=TODAY)
    covered = {at for value in found for at in range(value.start, value.end)}
    ascii_digits = [at for at, c in enumerate(text) if c in "0123456789"]
    assert all(at in covered for at in ascii_digits)
