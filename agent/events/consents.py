"""What is known of a consent from events, whatever order they came in. Pure.

A state holds the latest grant and the latest withdrawal. It grants only when the grant is strictly later, so that a
withdrawal wins a tie. Joining two states takes the later of each, which gives the same result in any order and however
often. A withdrawal without a time counts as made when it was received, a grant without one as older than everything:
of two whose order is not known, the withdrawal wins.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentState:
    granted_at: datetime | None = None
    withdrawn_at: datetime | None = None

    @property
    def granted(self) -> bool:
        return self.granted_at is not None and (self.withdrawn_at is None or self.granted_at > self.withdrawn_at)


UNHEARD = ConsentState()


def stated(*, granted: bool, at: datetime | None, received_at: datetime) -> ConsentState:
    """What one event says."""
    return ConsentState(granted_at=at or LONG_AGO) if granted else ConsentState(withdrawn_at=at or received_at)


def joined(one: ConsentState, other: ConsentState) -> ConsentState:
    return ConsentState(
        granted_at=_later(one.granted_at, other.granted_at),
        withdrawn_at=_later(one.withdrawn_at, other.withdrawn_at),
    )


def stricter(one: ConsentState, other: ConsentState) -> ConsentState:
    """The consent of two records that turn out to be one person: an explicit withdrawal of either closes it.

    A record that never said anything about the purpose is no withdrawal.
    """
    both = joined(one, other)
    closed = any(state != UNHEARD and not state.granted for state in (one, other))
    if closed and both.granted:
        return ConsentState(granted_at=both.granted_at, withdrawn_at=both.granted_at)
    return both


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(one, other) if one and other else one or other
