"""Times that customers choose by themselves: whatever they press, no two calls of one person overlap."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.booking.choice import FARTHEST, NOTICE, Times
from onboarding.booking.diary import SLOT, Diary
from onboarding.dates.working_time import is_open
from tests.examples import examples
from tests.onboarding.booking.test_slots import HOURS, MONDAY, ZONES, csm, sides

PRESSES = st.tuples(
    st.sampled_from(ZONES), st.sampled_from(["listed", "any"]), st.integers(0, 60 * 24 * 70), st.integers(0, 30)
)


@given(st.lists(PRESSES, max_size=12), st.sampled_from(ZONES))
@settings(max_examples=examples(40), deadline=None)
def test_no_two_booked_calls_overlap_and_all_are_in_working_hours(
    presses: list[tuple[str, str, int, int]], home: str
) -> None:
    owner, diary, booked = csm(home), Diary(), list[datetime]()
    for zone, how, minutes, number in presses:
        times = Times(now=MONDAY, sides=sides(zone, owner), diary=diary)
        listed = times.choice()
        at = MONDAY + timedelta(minutes=minutes)
        at = listed[number % len(listed)].astimezone(UTC) if how == "listed" and listed else at
        assert all(times.has(one) for one in listed), "what is shown can be had"
        if times.has(at):
            diary.take(owner.id, at)
            booked.append(at)
            assert not times.has(at), "only once"
    assert all(one + SLOT <= other for one, other in pairwise(sorted(booked)))
    for at in booked:
        assert MONDAY + NOTICE < at <= MONDAY + FARTHEST
        assert is_open(at, home, sides(home, owner).owner_calendar, HOURS)
