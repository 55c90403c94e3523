from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.dates.working_time import (
    add_working_days,
    add_working_hours,
    is_open,
    is_working_day,
    next_close,
    next_open,
)
from onboarding.model.case import Calendar
from onboarding.model.schedule import Hours
from tests.examples import examples

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Lisbon",
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Santiago",
    "America/Havana",
    "America/Phoenix",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Asia/Tehran",
    "Asia/Beirut",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Australia/Adelaide",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "America/Nuuk",
)
OFFICE = (Hours(start=time(9), end=time(17)),)
SPLIT = (Hours(start=time(9), end=time(12)), Hours(start=time(13, 30), end=time(17)))
NIGHT = (Hours(start=time(0, 30), end=time(4)),)
WITHIN_THE_CHANGE = (Hours(start=time(2, 15), end=time(2, 45)),)
ALL_HOURS = (OFFICE, SPLIT, NIGHT, WITHIN_THE_CHANGE)
GULF = Calendar(weekend=frozenset({4, 5}))
GERMAN = Calendar(days_off=frozenset({date(2026, 4, 3), date(2026, 4, 6), date(2026, 12, 25)}))
PLAIN = Calendar()
DAILY = Calendar(weekend=frozenset())

START = datetime(2020, 1, 1, tzinfo=UTC)
moments = st.integers(0, 11 * 365 * 24 * 3600).map(lambda seconds: START + timedelta(seconds=seconds))
zones = st.sampled_from(ZONES)
calendars = st.sampled_from((PLAIN, GULF, GERMAN, DAILY))
hours_of_day = st.sampled_from(ALL_HOURS)


def _open_by_the_wall_clock(at: datetime, zone: str, calendar: Calendar, hours: tuple[Hours, ...]) -> bool:
    here = at.astimezone(ZoneInfo(zone))
    inside = any(span.start <= here.time() < span.end for span in hours)
    return is_working_day(here.date(), calendar) and inside


def working_days_between(start: datetime, end: datetime, zone: str, calendar: Calendar) -> int:
    """How many working days have begun after the local day of ``start``, up to that of ``end``."""
    first, last = (moment.astimezone(ZoneInfo(zone)).date() for moment in (start, end))
    days = (first + timedelta(days=n + 1) for n in range((last - first).days))
    return sum(is_working_day(day, calendar) for day in days)


def working_hours_between(
    start: datetime, end: datetime, zone: str, calendar: Calendar, hours: tuple[Hours, ...]
) -> float:
    """How many open hours are between two moments."""
    passed, at = timedelta(), next_open(start, zone, calendar, hours)
    while at < end:
        closes = next_close(at, zone, calendar, hours)
        passed += min(closes, end) - at
        at = next_open(closes, zone, calendar, hours)
    return passed / timedelta(hours=1)


@given(moments, zones, calendars, hours_of_day)
@settings(max_examples=examples(400))
def test_the_next_open_moment_is_inside_working_hours_and_nothing_before_it_is(
    at: datetime, zone: str, calendar: Calendar, hours: tuple[Hours, ...]
) -> None:
    opens = next_open(at, zone, calendar, hours)
    assert opens >= at
    assert opens.tzinfo is UTC
    assert _open_by_the_wall_clock(opens, zone, calendar, hours)
    assert is_open(opens, zone, calendar, hours)
    for step in range(1, 200):
        earlier = opens - timedelta(minutes=7 * step) + timedelta(seconds=1)
        if earlier < at:
            break
        assert not _open_by_the_wall_clock(earlier, zone, calendar, hours)


@given(moments, zones, calendars, hours_of_day)
@settings(max_examples=examples(300))
def test_open_is_what_the_wall_clock_says(
    at: datetime, zone: str, calendar: Calendar, hours: tuple[Hours, ...]
) -> None:
    assert is_open(at, zone, calendar, hours) == _open_by_the_wall_clock(at, zone, calendar, hours)


@given(zones, st.integers(2020, 2030), hours_of_day, st.integers(-40, 40))
@settings(max_examples=examples(300))
def test_around_every_change_of_the_clocks_open_is_what_the_wall_clock_says(
    zone: str, year: int, hours: tuple[Hours, ...], quarters: int
) -> None:
    for change in _changes(zone, year):
        at = change + quarters * timedelta(minutes=15)
        assert is_open(at, zone, DAILY, hours) == _open_by_the_wall_clock(at, zone, DAILY, hours)
        opens = next_open(at, zone, DAILY, hours)
        assert _open_by_the_wall_clock(opens, zone, DAILY, hours)


def _changes(zone: str, year: int) -> list[datetime]:
    """The hours in which a zone's clocks change in a year."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    hours = [start + timedelta(hours=n) for n in range(0, 366 * 24, 6)]
    offsets = [at.astimezone(ZoneInfo(zone)).utcoffset() for at in hours]
    return [
        at + timedelta(hours=n)
        for at, before, after in zip(hours, offsets, offsets[1:], strict=False)
        if before != after
        for n in range(7)
        if (at + timedelta(hours=n)).astimezone(ZoneInfo(zone)).utcoffset() != before
    ][:2]


def test_an_hour_that_the_clocks_skip_is_never_open() -> None:
    # Berlin, 29 March 2026: 02:00 becomes 03:00.
    hours = (Hours(start=time(2), end=time(2, 30)), Hours(start=time(5), end=time(6)))
    assert next_open(datetime(2026, 3, 28, 23, tzinfo=UTC), "Europe/Berlin", DAILY, hours) == datetime(
        2026, 3, 29, 3, tzinfo=UTC
    )
    begins_in_the_gap = (Hours(start=time(2, 30), end=time(6)),)
    assert next_open(datetime(2026, 3, 28, 23, tzinfo=UTC), "Europe/Berlin", DAILY, begins_in_the_gap) == datetime(
        2026, 3, 29, 1, tzinfo=UTC
    ), "the moment the clocks jump from 02:00 to 03:00"


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    # Berlin, 25 October 2026: 03:00 becomes 02:00; 02:15 is at 00:15 and at 01:15 UTC.
    first = datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    again = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)
    after_the_first = first + timedelta(minutes=40)
    assert next_open(first - timedelta(hours=3), "Europe/Berlin", DAILY, WITHIN_THE_CHANGE) == first
    assert next_open(after_the_first, "Europe/Berlin", DAILY, WITHIN_THE_CHANGE) == again
    night = working_hours_between(first - timedelta(hours=6), first + timedelta(hours=6), "Europe/Berlin", DAILY, NIGHT)
    assert night == 4.5, "half past midnight to four is an hour longer in that night"


def test_an_office_day_keeps_its_eight_hours_when_the_clocks_change_in_the_night() -> None:
    for day in (datetime(2026, 3, 30, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC)):
        assert working_hours_between(day, day + timedelta(days=1), "Europe/Berlin", PLAIN, OFFICE) == 8


def test_nine_o_clock_stays_nine_o_clock_across_a_change_of_the_clocks() -> None:
    friday = datetime(2026, 3, 27, 8, tzinfo=UTC)  # 09:00 in Berlin
    monday = add_working_days(friday, 1, "Europe/Berlin", PLAIN)
    assert monday == datetime(2026, 3, 30, 7, tzinfo=UTC)
    assert monday.astimezone(ZoneInfo("Europe/Berlin")).time() == time(9)


def test_a_message_on_good_friday_waits_for_easter_tuesday_in_germany_alone() -> None:
    friday = datetime(2026, 4, 3, 8, tzinfo=UTC)
    assert next_open(friday, "Europe/Berlin", GERMAN, OFFICE) == datetime(2026, 4, 7, 7, tzinfo=UTC)
    assert next_open(friday, "Europe/Berlin", PLAIN, OFFICE) == friday


def test_a_working_week_from_sunday_to_thursday() -> None:
    thursday_evening = datetime(2026, 3, 5, 18, tzinfo=UTC)
    assert next_open(thursday_evening, "Asia/Riyadh", GULF, OFFICE) == datetime(2026, 3, 8, 6, tzinfo=UTC)


def test_lunch_is_not_working_time_and_the_end_of_a_span_is_outside() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert not is_open(noon, "UTC", PLAIN, SPLIT)
    assert next_open(noon, "UTC", PLAIN, SPLIT) == datetime(2026, 3, 2, 13, 30, tzinfo=UTC)
    assert next_open(datetime(2026, 3, 2, 17, tzinfo=UTC), "UTC", PLAIN, SPLIT) == datetime(2026, 3, 3, 9, tzinfo=UTC)


def test_the_next_close_is_the_end_of_this_span_or_of_the_next() -> None:
    assert next_close(datetime(2026, 3, 2, 10, tzinfo=UTC), "UTC", PLAIN, SPLIT).hour == 12
    assert next_close(datetime(2026, 3, 7, 10, tzinfo=UTC), "UTC", PLAIN, OFFICE) == datetime(
        2026, 3, 9, 17, tzinfo=UTC
    )


def test_spans_in_any_order_and_overlapping_are_the_same_working_day() -> None:
    shuffled = (Hours(start=time(13), end=time(17)), Hours(start=time(9), end=time(14)))
    assert (
        working_hours_between(
            datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC), "UTC", PLAIN, shuffled
        )
        == 8
    )


@given(moments, zones, calendars, st.integers(0, 60))
@settings(max_examples=examples(300))
def test_working_days_added_are_the_working_days_counted_between(
    at: datetime, zone: str, calendar: Calendar, days: int
) -> None:
    later = add_working_days(at, days, zone, calendar)
    assert later >= at
    assert is_working_day(later.astimezone(ZoneInfo(zone)).date(), calendar)
    if days:
        assert working_days_between(at, later, zone, calendar) == days


@given(moments, zones, calendars, hours_of_day, st.integers(0, 4000))
@settings(max_examples=examples(300))
def test_working_hours_added_are_the_working_hours_counted_between(
    at: datetime, zone: str, calendar: Calendar, hours: tuple[Hours, ...], minutes: int
) -> None:
    later = add_working_hours(at, minutes / 60, zone, calendar, hours)
    assert later >= at
    between = working_hours_between(at, later, zone, calendar, hours)
    assert between == pytest.approx(minutes / 60, abs=1e-6)


def test_zero_working_days_is_the_first_working_day_on_or_after() -> None:
    monday = datetime(2026, 3, 2, 5, tzinfo=UTC)
    saturday = datetime(2026, 3, 7, 5, tzinfo=UTC)
    assert add_working_days(monday, 0, "UTC", PLAIN) == monday
    assert add_working_days(saturday, 0, "UTC", PLAIN) == datetime(2026, 3, 9, 5, tzinfo=UTC)
    assert add_working_days(saturday, 1, "UTC", PLAIN) == datetime(2026, 3, 9, 5, tzinfo=UTC)


def test_the_day_is_the_local_one() -> None:
    friday_in_utc = datetime(2026, 3, 6, 12, tzinfo=UTC)  # Saturday 02:00 in Kiritimati
    assert not is_open(friday_in_utc, "Pacific/Kiritimati", PLAIN, NIGHT)
    assert add_working_days(friday_in_utc, 0, "Pacific/Kiritimati", PLAIN) == datetime(2026, 3, 8, 12, tzinfo=UTC)


@pytest.mark.parametrize("name", ["", "Europe/Atlantis", "../etc/passwd", "America", "a\x00b", "UTC+3"])
def test_an_unknown_zone_counts_as_utc(name: str) -> None:
    at = datetime(2026, 3, 2, 3, tzinfo=UTC)
    assert next_open(at, name, PLAIN, OFFICE) == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_calendar_without_any_working_day_does_not_hang() -> None:
    never = Calendar(weekend=frozenset(range(7)))
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert next_open(at, "UTC", never, OFFICE) == at + timedelta(days=366)


def test_counting_backwards_is_refused_with_the_number() -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    with pytest.raises(ValueError, match="-1"):
        add_working_days(at, -1, "UTC", PLAIN)
    with pytest.raises(ValueError, match="-2"):
        add_working_hours(at, -2, "UTC", PLAIN, OFFICE)
