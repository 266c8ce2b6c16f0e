"""What two systems say of one consent comes to the same, whatever the order they are heard in."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from agent.events.consents import UNHEARD, ConsentState, joined, stated, stricter

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(seconds=1)
moments = st.one_of(st.none(), st.integers(0, 3).map(lambda hours: NOON + timedelta(hours=hours)))
states = st.builds(ConsentState, granted_at=moments, withdrawn_at=moments)


def said(*, granted: bool, at: datetime | None = NOON, received_at: datetime = LATER) -> ConsentState:
    return stated(granted=granted, at=at, received_at=received_at)


def test_a_later_grant_opens_and_a_later_withdrawal_closes() -> None:
    assert joined(said(granted=False), said(granted=True, at=LATER)).granted
    assert not joined(said(granted=True), said(granted=False, at=LATER)).granted


def test_a_withdrawal_wins_a_tie() -> None:
    assert not joined(said(granted=True), said(granted=False)).granted


def test_a_withdrawal_wins_an_unordered_pair() -> None:
    assert not joined(said(granted=True), said(granted=False, at=None)).granted
    assert not joined(said(granted=True, at=None), said(granted=False)).granted
    assert not joined(said(granted=True, at=None), said(granted=False, at=None)).granted


def test_a_grant_after_the_withdrawal_was_heard_opens_again() -> None:
    unordered = said(granted=False, at=None, received_at=NOON)
    assert joined(unordered, said(granted=True, at=LATER)).granted


def test_nothing_heard_is_no_consent() -> None:
    assert not UNHEARD.granted


@given(st.lists(states, min_size=1, max_size=4))
def test_the_order_and_the_repetition_of_events_change_nothing(heard: list[ConsentState]) -> None:
    outcomes = {reduce(joined, order) for order in permutations([*heard[:3], heard[0]])}
    assert len(outcomes) == 1


@given(states, states)
def test_of_two_records_of_one_person_a_withdrawal_of_either_stays(one: ConsentState, other: ConsentState) -> None:
    both = stricter(one, other)
    closed = [state for state in (one, other) if state != UNHEARD and not state.granted]
    assert both.granted == (not closed and (one.granted or other.granted))
    assert both == stricter(other, one)


@given(states, states)
def test_a_merge_only_moves_moments_forwards(one: ConsentState, other: ConsentState) -> None:
    both = stricter(one, other)
    assert joined(both, joined(one, other)) == both
