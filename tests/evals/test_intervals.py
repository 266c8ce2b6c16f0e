"""The interval says how little a small sample proves."""

import math

import pytest

from evals.intervals import Share, share


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (5, 10, 0.237, 0.763), (95, 100, 0.888, 0.978)],
)
def test_the_interval_is_wilsons(successes: int, trials: int, low: float, high: float) -> None:
    found = Share(successes=successes, trials=trials).interval
    assert found == pytest.approx((low, high), abs=0.001)


def test_no_trial_proves_nothing() -> None:
    empty = share([])
    assert math.isnan(empty.value)
    assert empty.interval == (0.0, 1.0)


def test_a_share_is_printed_with_its_count_and_interval() -> None:
    assert str(share([True, True, False, False])) == "2/4 = 0.500 [0.150, 0.850]"
