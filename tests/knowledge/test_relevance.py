"""Relevance rises with what a clause says of a question and falls with what lies outside."""

from dataclasses import replace

import pytest

from knowledge.relevance import FLOOR, Evidence, relevance, relevance_of_words

NEAR = Evidence(nearest=0.8, wording=0.6, outside=0.3, known=0.9, other_airline=False)


def test_a_question_near_a_clause_passes_the_floor() -> None:
    assert relevance(NEAR) > FLOOR


@pytest.mark.parametrize(
    "worse",
    [
        replace(NEAR, nearest=0.3, wording=0.2),
        replace(NEAR, outside=1.0, known=0.2),
        replace(NEAR, other_airline=True),
    ],
)
def test_a_question_far_from_every_clause_or_near_what_lies_outside_falls_below(worse: Evidence) -> None:
    assert relevance(worse) < FLOOR


def test_words_alone_must_be_mostly_known() -> None:
    assert relevance_of_words(replace(NEAR, known=0.9)) > FLOOR
    assert relevance_of_words(replace(NEAR, known=0.2)) < FLOOR
    assert relevance_of_words(replace(NEAR, other_airline=True)) == 0.0
