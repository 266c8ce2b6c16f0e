import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.extract.locators import bare_locator, locators


def values(text: str) -> list[str]:
    return [found.value for found in locators(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pls cancel R4TN8W", ["R4TN8W"]),
        ("cancle my flihgt, ref zq52kv", ["ZQ52KV"]),
        ("Booking reference is B9 N3 KF, name Okonkwo", ["B9N3KF"]),
        ("how do i get out of booking T8 YY 4C", ["T8YY4C"]),
        ("it is B-9-N-3-K-F", ["B9N3KF"]),
        ("my booking is b 9 n 3 k f", ["B9N3KF"]),
        ("PNR QWXKLM please", ["QWXKLM"]),
        ("K7XQ2P and J8NW3B", ["K7XQ2P", "J8NW3B"]),
        ("booking GA0412", ["GA0412"]),
    ],
)
def test_a_record_locator_is_read_however_it_is_typed(text: str, expected: list[str]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "please cancel my flight tomorrow",
        "is flight GA0412 on time",
        "the code is 123456",
        "I paid 600EUR and 24hours later",
        "write to abc123@example.com",
        "booking please",
        "GO TO GATE",
        "I AM IN 24 hours there",
        "the booking number is not known",
        "CANCEL REFUND",
    ],
)
def test_ordinary_words_flight_numbers_and_codes_are_no_locators(text: str) -> None:
    assert values(text) == []


@given(st.text(string.ascii_uppercase + string.digits, min_size=6, max_size=6))
def test_a_word_with_letters_and_digits_is_found_in_a_sentence_in_either_case(word: str) -> None:
    flight = word[:2].isalpha() and word[2:5].isdigit()
    plain = word.isalpha() or word.isdigit() or flight or (word[0].isdigit() and word.lstrip(string.digits).isalpha())
    if not plain:
        assert values(f"my trip {word} please") == [word]
        assert values(f"my trip {word.lower()} please") == [word]


def test_a_bare_answer_may_be_letters_only_but_not_a_word_of_the_trade() -> None:
    assert bare_locator("qwxklm") == "QWXKLM"
    assert bare_locator("K7X Q2P.") == "K7XQ2P"
    assert bare_locator("cancel") is None
    assert bare_locator("123456") is None
    assert bare_locator("I do not have it") is None
