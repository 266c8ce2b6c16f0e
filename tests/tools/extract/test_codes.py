import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.extract.codes import codes, mask_cards, mask_codes


@pytest.mark.parametrize("text", ["123456", "my code is 123456", "123 456", "it's 123456.", "code: 123456"])
def test_six_digits_alone_are_a_code(text: str) -> None:
    assert [found.value for found in codes(text)] == ["123456"]
    assert "123" not in mask_codes(text)


@pytest.mark.parametrize(
    "text",
    ["12345", "1234567", "GA 482913", "tag 482913", "0257 114823", "100000 euros", "+49 123456", "call 123456 7"],
)
def test_other_digits_are_not(text: str) -> None:
    assert codes(text) == ()


def luhn_complete(digits: str) -> str:
    total = sum(sum(divmod(int(d) * (2 if at % 2 == 0 else 1), 10)) for at, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


@given(
    st.sampled_from("453"), st.text("0123456789", min_size=14, max_size=14), st.sampled_from(["", " ", "-", ".", "/"])
)
def test_a_card_number_never_survives_however_it_is_spaced(first: str, middle: str, separator: str) -> None:
    number = luhn_complete({"4": "4", "5": "5", "3": "3"}[first] + middle)
    if (first == "3" and number[1] not in "0456789") or (first == "5" and number[1] == "9"):
        return
    spaced = separator.join(number[at : at + 4] for at in range(0, 16, 4))
    masked = mask_cards(f"charge {spaced} please")
    assert masked == "charge [card] please"


def test_phones_tags_and_tickets_are_left_alone() -> None:
    text = "phone +44 7700 900123, tag 0257 114823, ticket 1252412345670, on 2026-11-24"
    assert mask_cards(text) == text
