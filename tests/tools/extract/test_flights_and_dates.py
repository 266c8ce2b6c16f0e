from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.extract.dates import dates
from tools.extract.flights import canonical_flight, flights

TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("is GA0412 on time", ["GA412"]),
        ("ga 88 tomorrow", ["GA88"]),
        ("status of ga0850", ["GA850"]),
        ("LH1234 and BA 117", ["LH1234", "BA117"]),
        ("flight 412 please", ["GA412"]),
        ("GA0412 22 october", ["GA412"]),
        ("bag tag GA 482913", []),
        ("EC 261 and row 22", []),
        ("I want to go at 12", []),
    ],
)
def test_flight_numbers(text: str, expected: list[str]) -> None:
    assert [found.value for found in flights(text)] == expected


def test_leading_zeros_name_the_same_flight() -> None:
    assert canonical_flight("ga 0088") == canonical_flight("GA88") == "GA88"
    assert canonical_flight("nonsense") == "NONSENSE"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on 14 August", date(2027, 8, 14)),
        ("14th of August 2026", date(2026, 8, 14)),
        ("August 14, 2026", date(2026, 8, 14)),
        ("the second of July 2026", date(2026, 7, 2)),
        ("Saturday the twenty-first of March", date(2027, 3, 21)),
        ("May the first", date(2027, 5, 1)),
        ("Saturday 5 December", date(2026, 12, 5)),
        ("2026-12-03", date(2026, 12, 3)),
        ("3/12", date(2026, 12, 3)),
        ("3.12.2026", date(2026, 12, 3)),
        ("on the 3rd", date(2026, 12, 3)),
        ("the 30th", date(2026, 11, 30)),
        ("today", TUESDAY),
        ("tonight", TUESDAY),
        ("tmrw", date(2026, 11, 25)),
        ("the day after tomorrow", date(2026, 11, 26)),
        ("yesterday", date(2026, 11, 23)),
        ("on Friday", date(2026, 11, 27)),
        ("next Friday", date(2026, 12, 4)),
        ("this friday", date(2026, 11, 27)),
        ("Tuesday", date(2026, 12, 1)),
        ("last Monday", date(2026, 11, 23)),
        ("in two weeks", date(2026, 12, 8)),
        ("in 3 days", date(2026, 11, 27)),
        ("this weekend", date(2026, 11, 28)),
    ],
)
def test_dates_as_people_say_them(text: str, expected: date) -> None:
    assert [found.value for found in dates(text, today=TUESDAY)] == [expected]


@pytest.mark.parametrize("text", ["30 February", "31/13", "may I march on", "3.5 hours", "we sat in the sun", "24/7 9"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert [found for found in dates(text, today=TUESDAY) if found.text != "24/7"] == []


def test_the_words_are_kept_as_typed() -> None:
    found = dates("from the 4th to 6 May.", today=TUESDAY)
    assert [value.text for value in found] == ["the 4th", "6 May"]


@given(st.dates(date(2026, 11, 24), date(2027, 11, 22)))
def test_a_day_without_its_year_is_the_next_one(day: date) -> None:
    (found,) = dates(f"on {day.day} {day:%B}", today=TUESDAY)
    assert found.value == day


@given(st.integers(1, 400))
def test_days_ahead_are_counted_from_today(days: int) -> None:
    (found,) = dates(f"in {days} days", today=TUESDAY)
    assert found.value == TUESDAY + timedelta(days=days)
