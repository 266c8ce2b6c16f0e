"""The figures: pass^k, paired comparison, and end states told apart by what differs."""

import math

import pytest

from evals.endstate import differences
from evals.foreign import found_in
from evals.numbers import compare, mcnemar, pass_hat


def test_pass_hat_is_the_share_of_cases_of_which_k_trials_all_pass() -> None:
    trials = {"a": [True, True, True], "b": [True, False, False], "c": [False, False, False]}
    assert pass_hat(trials, 1).value == pytest.approx((1 + 1 / 3) / 3)
    assert pass_hat(trials, 3).value == pytest.approx(1 / 3)
    assert pass_hat(trials, 1).low <= pass_hat(trials, 1).value <= pass_hat(trials, 1).high
    assert math.isnan(pass_hat(trials, 4).value)


@pytest.mark.parametrize(("a", "b", "p"), [(0, 0, 1.0), (0, 5, 0.0625), (1, 9, 0.0215), (5, 5, 1.0)])
def test_mcnemars_exact_p(a: int, b: int, p: float) -> None:
    assert mcnemar(a, b) == pytest.approx(p, abs=0.0005)


def test_a_comparison_is_paired_over_the_cases_of_both() -> None:
    a = {"x": [True], "y": [True], "z": [False], "only": [True]}
    b = {"x": [True], "y": [False], "z": [False]}
    paired = compare(a, b)
    assert (paired.cases, paired.only_a, paired.only_b) == (3, 1, 0)
    assert paired.difference.value == pytest.approx(-1 / 3)


def test_of_a_record_that_both_changed_only_the_fields_that_differ_are_told() -> None:
    got = ['booking/A {"a": 1, "b": 2}', 'claim/new {"c": 1}']
    assert differences(got, got) == []
    told = differences(got, ['booking/A {"a": 1, "b": 3}'])
    assert told == ["booking/A: b is 2, not 3", 'not wanted: claim/new {"c": 1}']
    assert differences([], ['refund/new {"x": 1}']) == ['not done: refund/new {"x": 1}']


def test_a_secret_counts_only_as_a_word_of_its_own() -> None:
    assert found_in(["Weber", "J8NW3B"], "weber's booking") == ["Weber"]
    assert found_in(["Weber"], "Webers") == []
