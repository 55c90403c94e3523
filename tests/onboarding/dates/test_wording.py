"""Moments in stored reasons are told in the zone of their reader, in short words."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from onboarding.dates.wording import retold, short_moment
from onboarding.model.phrases import day_words, moment_words


@given(
    st.integers(0, 15 * 366 * 24 * 60),
    st.sampled_from(["Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Pacific/Auckland"]),
)
def test_every_moment_is_retold_in_the_zone(minutes: int, zone: str) -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    stored = f"it was to be booked by {moment_words(at)}. Signed on {day_words(at)}, seen on {moment_words(at)}: so."
    said = short_moment(at, zone)
    expected = f"it was to be booked by {said}. Signed on {day_words(at)}, seen on {said}: so."
    assert retold(stored, zone) == expected
    assert retold(expected, zone) == expected


def test_what_is_no_moment_stays() -> None:
    for text in ("on 4 March 2026", "12 Marchers 2026, 10:00 UTC", "at 10:00 UTC", ""):
        assert retold(text, "Europe/Berlin") == text
