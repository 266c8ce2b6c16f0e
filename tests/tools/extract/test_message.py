from dataclasses import fields
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.extract.found import Found
from tools.extract.message import extract

TODAY = date(2026, 11, 24)


def test_a_message_is_read_once_for_everything() -> None:
    text = (
        "I'd like to call off the whole trip, all four of us. Booking reference is B9 N3 KF, name Okonkwo, and we were "
        "meant to fly on 14 August."
    )
    read = extract(text, today=TODAY)
    assert [v.value for v in read.locators] == ["B9N3KF"]
    assert [v.value for v in read.surnames] == ["Okonkwo"]
    assert [v.text for v in read.dates] == ["14 August"]
    assert read.seats == read.bag_tags == read.codes == read.phones == ()


@given(st.text(max_size=300))
def test_found_words_are_the_words_of_the_message(text: str) -> None:
    read = extract(text, today=TODAY)
    for field in fields(read):
        values = getattr(read, field.name)
        for value in values if isinstance(values, tuple) else ():
            assert isinstance(value, Found)
            assert text[value.start : value.end] == value.text


@pytest.mark.parametrize(
    "unit",
    [
        "name a ",
        "A1 ",
        "1 ",
        "a",
        "1",
        "ok, ",
        "hundred and ",
        "one two three ",
        "GA 12 ",
        "from a b ",
        "Aa Bb ",
        "x@",
        "tag: ",
    ],
)
def test_a_hostile_message_of_full_length_is_read_to_its_end(unit: str) -> None:
    """Backtracking would make this hang."""
    extract((unit * 4000)[:4000], today=TODAY)
