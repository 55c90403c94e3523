"""Which time between two sweeps is told as down time: by the timetable, and in the rhythm of somebody who runs it."""

from datetime import timedelta

import pytest

from onboarding.effects.down_time import is_down_time

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DAILY = [DAY, DAY - HOUR, DAY + 2 * HOUR, DAY]
WORKDAYS = [DAY, DAY, DAY, DAY, 3 * DAY, DAY, DAY]


@pytest.mark.parametrize(
    ("gap", "usual", "told"),
    [
        (5 * HOUR, None, False),
        (6 * HOUR, None, True),
        (3 * DAY, None, True),
        (DAY + 4 * HOUR, [], False),
        (DAY, [HOUR / 6, HOUR], False),
        (DAY + 8 * HOUR, DAILY, False),
        (2 * DAY, DAILY, True),
        (3 * DAY, DAILY, True),
        (3 * DAY, [HOUR], True),
        (3 * DAY + 8 * HOUR, WORKDAYS, False),
        (5 * DAY, WORKDAYS, True),
    ],
)
def test_a_rhythm_is_no_down_time_and_days_without_are(
    gap: timedelta, usual: list[timedelta] | None, told: bool
) -> None:
    assert is_down_time(gap, usual) is told
