"""The labelled sentences: what is true leaves untouched, and nothing false leaves."""

import pytest

from evals.claims import PARTS, judge_all


def test_at_least_98_of_100_true_sentences_leave_untouched() -> None:
    verdicts = [verdict for part in PARTS for verdict in judge_all("true", part)]
    held = [(v.line.text, v.unbacked) for v in verdicts if not v.released]
    assert len(verdicts) >= 300
    assert len(held) <= 0.02 * len(verdicts), held


@pytest.mark.parametrize("part", PARTS)
def test_no_false_sentence_leaves(part: str) -> None:
    assert [verdict.line.text for verdict in judge_all("false", part) if verdict.released] == []
