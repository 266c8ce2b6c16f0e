"""Inflections are one word; unknown words weigh most in how much of a question is known."""

import pytest

from knowledge.lexical import Lexical, words


@pytest.mark.parametrize(
    "forms",
    [
        ("cancel", "cancelled", "cancelling", "cancellation", "cancels"),
        ("change", "changed", "changing", "changes", "changeable"),
        ("baby", "babies"),
        ("delay", "delays", "delayed"),
        ("refund", "refunded", "refundable"),
        ("miss", "missed"),
    ],
)
def test_inflections_are_one_word(forms: tuple[str, ...]) -> None:
    assert len({word for form in forms for word in words(form)}) == 1


def test_stop_words_say_nothing() -> None:
    assert words("What is the of my") == []


def test_a_text_scores_by_the_words_it_shares() -> None:
    lexical = Lexical(["a dog in the cabin", "a bag in the hold"])
    dog, bag = lexical.scores("dogs")
    assert dog > bag == 0
    assert not lexical.scores("the of").any()
    assert not lexical.scores("zebra").any()


def test_no_text_scores_nothing() -> None:
    assert Lexical([]).scores("dog").shape == (0,)
    assert Lexical(["the"]).scores("dog").tolist() == [0.0]


def test_how_much_is_known_counts_rare_words_more() -> None:
    lexical = Lexical(["dog cabin", "bag cabin", "bird cabin"])
    assert lexical.known("dog") == 1.0
    assert lexical.known("zebra") == lexical.known("") == 0.0
    assert lexical.known("cabin zebra") < lexical.known("dog zebra") < 1.0
