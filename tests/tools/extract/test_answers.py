import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.extract.answers import equals_phrase, reads_no, reads_yes

YES = [
    "yes",
    "Yes please!",
    "yep",
    "ok",
    "OK, go ahead",
    "sure",
    "yes, cancel it",
    "do it",
    "I confirm",
    "please do",
    "ok go on",
    "yes thanks",
    "ok thanks, go ahead",
]
NO = ["no", "No thanks.", "nope", "never mind", "don't do it", "stop", "not now", "no, I changed my mind"]
NEITHER = [
    "yes but change the date", "you must not", "yesterday", "thank you", "thanks", "great", "yes?", "yes no", "not yes",
    "is that yes", "yes, and add a "
                   "bag", "no, the other one", "no, cancel it", "ok what does it cost", "yes if it is free",
    "I said yes to my wife", "okay so how much", "no idea", "yes I have a question", "", "…", "sure thing, but later",
    "ok thanks", "Okay, thank you!", "great, thanks",
]  # fmt: skip


@pytest.mark.parametrize("text", YES)
def test_a_plain_yes(text: str) -> None:
    assert reads_yes(text)
    assert not reads_no(text)


@pytest.mark.parametrize("text", NO)
def test_a_plain_no(text: str) -> None:
    assert reads_no(text)
    assert not reads_yes(text)


@pytest.mark.parametrize("text", NEITHER)
def test_anything_more_is_neither(text: str) -> None:
    assert not reads_yes(text)
    assert not reads_no(text)


def test_a_named_act_must_be_the_one_asked_about() -> None:
    assert reads_yes("yes, cancel it", acts={"cancel"})
    assert not reads_yes("yes, cancel it", acts={"add"})
    assert reads_yes("yes, do it", acts={"add"})


@given(
    st.sampled_from(YES),
    st.sampled_from(["but", "unless", "except", "only if", "and also", "not"]),
    st.text("abc ", min_size=3),
)
def test_a_condition_behind_a_yes_takes_it_back(yes: str, word: str, rest: str) -> None:
    assert not reads_yes(f"{yes} {word} {rest}x")


def test_the_phrase_of_a_card_is_compared_without_case_and_spacing() -> None:
    assert equals_phrase(" Cancel  k7xq2p. ", "cancel K7XQ2P")
    assert not equals_phrase("cancel K7XQ2P now", "cancel K7XQ2P")
    assert not equals_phrase("cancel K7XQ2P?", "cancel K7XQ2P")
    assert not equals_phrase("", "")
