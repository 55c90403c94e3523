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


def booking(now: datetime = MONDAY, *offered: datetime, taken: tuple[datetime, ...] = ()) -> Times:
    owner, diary = csm("UTC"), Diary()
    for at in taken:
        diary.take(owner.id, at)
    return Times(now=now, sides=sides("UTC", owner), diary=diary, offered=offered)


def test_an_offered_time_can_be_had_until_four_hours_before_it() -> None:
    at = datetime(2026, 3, 4, 14, 30, tzinfo=UTC)
    last = at - timedelta(hours=4)
    assert booking(last, at).has(at)
    assert at in booking(last, at).choice()
    late = booking(last + timedelta(seconds=1), at)
    assert not late.has(at)
    assert at not in late.choice()


def test_only_an_offered_time_may_be_soon_or_beside_the_full_hour() -> None:
    soon, beside = datetime(2026, 3, 3, 10, tzinfo=UTC), datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
    assert booking(MONDAY, soon, beside).has(soon)
    assert booking(MONDAY, soon, beside).has(beside)
    assert not booking().has(soon), "tomorrow is too soon for what nobody offered"
    assert not booking().has(beside)


def test_the_first_time_to_choose_is_two_working_days_ahead() -> None:
    friday = datetime(2026, 3, 6, 9, tzinfo=UTC)
    assert booking(friday).choice()[0].date() == datetime(2026, 3, 10, tzinfo=UTC).date(), "the weekend is no notice"
    assert not booking(friday).has(datetime(2026, 3, 9, 16, tzinfo=UTC))
    assert booking(friday).has(datetime(2026, 3, 10, 9, tzinfo=UTC))


def test_an_offered_time_that_is_taken_since_can_not_be_had() -> None:
    at = datetime(2026, 3, 4, 10, tzinfo=UTC)
    assert not booking(MONDAY, at, taken=(at,)).has(at)
    assert at not in booking(MONDAY, at, taken=(at,)).choice()
