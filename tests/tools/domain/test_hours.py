from datetime import UTC, datetime

import pytest

from tools.domain.hours import ServiceHours

DAY = ServiceHours.read("06:00-22:00 Europe/Vienna")


@pytest.mark.parametrize(
    ("written", "moment", "on_duty"),
    [
        ("06:00-22:00 Europe/Vienna", datetime(2026, 6, 15, 4, 0, tzinfo=UTC), True),  # six in summer
        ("06:00-22:00 Europe/Vienna", datetime(2026, 6, 15, 3, 59, tzinfo=UTC), False),
        ("06:00-22:00 Europe/Vienna", datetime(2026, 1, 15, 4, 59, tzinfo=UTC), False),  # an hour later in winter
        ("06:00-22:00 Europe/Vienna", datetime(2026, 6, 15, 20, 0, tzinfo=UTC), False),
        ("20:00-04:00 UTC", datetime(2026, 6, 15, 3, 0, tzinfo=UTC), True),
        ("20:00-04:00 UTC", datetime(2026, 6, 15, 12, 0, tzinfo=UTC), False),
        ("00:00-00:00 UTC", datetime(2026, 6, 15, 12, 0, tzinfo=UTC), True),
    ],
)
def test_duty_is_by_the_clocks_of_the_place(written: str, moment: datetime, on_duty: bool) -> None:
    assert ServiceHours.read(written).on_duty(moment) is on_duty


def test_hours_are_told_with_their_place() -> None:
    assert DAY.in_words() == "every day from 06:00 to 22:00 (Vienna time)"
    assert ServiceHours.read("00:00-00:00 UTC").in_words() == "at any hour"


@pytest.mark.parametrize(
    "wrong", ["", "6-22 Europe/Vienna", "06:00-22:00", "06:00-22:00 Mars/Olympus", "25:00-26:00 UTC"]
)
def test_what_is_no_hours_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        ServiceHours.read(wrong)
