"""A sentence is whole when its end is certain, however the text arrives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sentences import SentenceSplitter, split_sentences

WORDS = st.sampled_from(
    [
        "Bags",
        "weigh",
        "8 kg",
        "approx.",
        "25.",
        "November",
        "[[BAG-CABIN]]",
        "e.g.",
        "OK?",
        "Yes!",
        "249.90",
        "EUR.",
        "\n",
        "- item",
    ]
)


def texts(text: str) -> list[str]:
    return [sentence.text.strip() for sentence in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It is 8 kg. Is that all? Yes!", ["It is 8 kg.", "Is that all?", "Yes!"]),
        ("The fee is approx. 90 EUR. Fine.", ["The fee is approx. 90 EUR.", "Fine."]),
        ("Der Flug am 25. November entfällt. Schade.", ["Der Flug am 25. November entfällt.", "Schade."]),
        ("You leave at gate 5. Then board.", ["You leave at gate 5.", "Then board."]),
        ("You get 249.90 EUR. Good.", ["You get 249.90 EUR.", "Good."]),
        ("1. Pack it.\n2. Label it.", ["1. Pack it.", "2. Label it."]),
        ("**Note.** Bags e.g. suitcases.", ["**Note.**", "Bags e.g. suitcases."]),
    ],
)
def test_a_full_stop_ends_a_sentence_only_where_it_is_one(text: str, sentences: list[str]) -> None:
    assert texts(text) == sentences


def test_a_citation_behind_the_stop_belongs_to_its_sentence() -> None:
    first, second = split_sentences("It is 8 kg. [[BAG-CABIN]] It is free. [[BAG-CABIN]] [[BAG-EXTRA]]")
    assert (first.text, first.cited) == ("It is 8 kg. ", ("BAG-CABIN",))
    assert (second.text, second.cited) == ("It is free.", ("BAG-CABIN", "BAG-EXTRA"))


def test_a_sentence_waits_for_its_citation() -> None:
    splitter = SentenceSplitter()
    assert splitter.feed("It is 8 kg. ") == []
    assert splitter.feed("[[BAG-") == []
    assert [sentence.cited for sentence in splitter.feed("CABIN]] And")] == [("BAG-CABIN",)]


@given(
    words=st.lists(WORDS, max_size=12), cuts=st.lists(st.integers(min_value=1, max_value=7), min_size=1, max_size=30)
)
def test_the_pieces_it_arrives_in_change_nothing(words: list[str], cuts: list[int]) -> None:
    text = " ".join(words)
    splitter, told, at = SentenceSplitter(), [], 0
    for cut in cuts:
        told += splitter.feed(text[at : at + cut])
        at += cut
    told += splitter.feed(text[at:]) + splitter.rest()
    whole = "".join(sentence.text for sentence in told)
    assert whole.split() == "".join(sentence.text for sentence in split_sentences(text)).split()
    assert [c for s in told for c in s.cited] == [c for s in split_sentences(text) for c in s.cited]
