"""Offered times: free for one of the vendor's people, in their working hours, and offered to one customer only."""

import itertools
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from onboarding.booking import slots
from onboarding.booking.diary import SLOT, Diary
from onboarding.booking.slots import Sides, offers
from onboarding.dates.working_time import is_open, zone_of
from onboarding.model.case import Calendar
from onboarding.model.parties import Absence, AbsenceSource, Owner
from onboarding.model.schedule import Hours
from tests.examples import examples

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOURS = (Hours(start=time(9), end=time(17)),)
WITH_LUNCH = (Hours(start=time(9), end=time(12)), Hours(start=time(13), end=time(17)))
ZONES = ("Europe/Berlin", "Asia/Kolkata", "Pacific/Kiritimati", "America/Los_Angeles", "Australia/Lord_Howe", "UTC")
YEARS = 10


def sides(zone: str, owner: Owner, weekend: frozenset[int] = frozenset({5, 6}), hours: Any = HOURS) -> Sides:
    return Sides(zone, Calendar(weekend=weekend), owner, Calendar(), hours)


def csm(zone: str = "Europe/Berlin", **more: Any) -> Owner:
    return Owner(id="005CSM", name="Cleo Berg", email="cleo@vendor.example", zone=zone, **more)


def test_a_time_that_both_sides_work_is_offered_first() -> None:
    first, _ = offers(MONDAY, sides("Europe/Berlin", csm("America/New_York")), Diary())
    assert first.isoformat() == "2026-03-04T15:00:00+01:00"


def test_two_days_and_two_hours_are_offered() -> None:
    first, second = offers(MONDAY, sides("Europe/Berlin", csm()), Diary())
    assert (first.isoformat(), second.isoformat()) == ("2026-03-04T10:00:00+01:00", "2026-03-05T14:00:00+01:00")


def test_what_is_taken_is_not_offered_however_little_it_overlaps() -> None:
    diary = Diary()
    diary.take("005CSM", datetime(2026, 3, 4, 9, 59, tzinfo=UTC), datetime(2026, 3, 4, 10, tzinfo=UTC))
    diary.take("005CSM", datetime(2026, 3, 4, 8, 0, tzinfo=UTC), datetime(2026, 3, 4, 9, 1, tzinfo=UTC))
    diary.take("005OTHER", datetime(2026, 3, 4, 13, tzinfo=UTC))
    first, _ = offers(MONDAY, sides("Europe/Berlin", csm()), diary)
    assert first.isoformat() == "2026-03-04T14:00:00+01:00", "10 and 9 to 10 are taken, and 14 only by another person"


def test_a_full_day_moves_the_offer_to_the_next() -> None:
    diary = Diary()
    diary.take("005CSM", datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC))
    first, second = offers(MONDAY, sides("Europe/Berlin", csm()), diary)
    assert [at.date() for at in (first, second)] == [date(2026, 3, 5), date(2026, 3, 6)]


def test_no_time_is_offered_on_a_day_out_of_office() -> None:
    away = Absence(since=date(2026, 3, 4), back=date(2026, 3, 9), source=AbsenceSource.PERSON)
    first, second = offers(MONDAY, sides("Europe/Berlin", csm(absences=(away,))), Diary())
    assert [at.date() for at in (first, second)] == [date(2026, 3, 9), date(2026, 3, 10)]


def test_a_call_does_not_reach_into_the_lunch_break() -> None:
    diary = Diary()
    owner = csm("Asia/Kolkata")  # half an hour beside the reader's full hours
    for _ in range(20):
        for at in offers(MONDAY, sides("Europe/Berlin", owner, hours=WITH_LUNCH), diary):
            diary.take(owner.id, at)
            assert is_open(at + SLOT - timedelta(minutes=1), owner.zone, Calendar(), WITH_LUNCH)


def test_of_a_diary_without_an_end_no_hour_is_offered() -> None:
    diary = Diary()
    diary.take("005CSM", MONDAY, MONDAY + timedelta(days=500))
    assert offers(MONDAY, sides("Europe/Berlin", csm()), diary) is None


@settings(max_examples=examples(60))
@example(now=datetime(2027, 10, 14, 7, tzinfo=UTC), zone=ZONES[3], owner_zone=ZONES[1], weekend=frozenset({4, 5}))
@given(
    now=st.integers(0, 24 * 730).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)),
    zone=st.sampled_from(ZONES),
    owner_zone=st.sampled_from(ZONES),
    weekend=st.sampled_from([frozenset({5, 6}), frozenset({4, 5})]),
)
def test_offered_times_lie_ahead_on_two_days_in_working_hours(
    now: datetime, zone: str, owner_zone: str, weekend: frozenset[int]
) -> None:
    first, second = offers(now, sides(zone, csm(owner_zone), weekend), Diary())
    assert now < first < second
    days = [at.astimezone(zone_of(zone)).date() for at in (first, second)]
    assert days[0] < days[1]
    assert all(day.weekday() not in weekend for day in days), "on the reader's working days"
    for at in (first, second):
        assert is_open(at, owner_zone, Calendar(), HOURS), "in the hours of the vendor's person"
        assert at.astimezone(zone_of(owner_zone)).weekday() < 5
    if zone == owner_zone:
        assert all(is_open(at, zone, Calendar(weekend=weekend), HOURS) for at in (first, second))


@pytest.mark.slow
def test_no_two_offers_of_one_person_overlap_in_ten_years() -> None:
    """Some customers in all zones are written to together, at all hours; each offer stays held until it is over."""
    owners = [replace(csm(zone), id=f"005{number}") for number, zone in enumerate(ZONES)]
    diary, held = Diary(), defaultdict[str, list[datetime]](list)
    now, number = MONDAY, 0
    while now < MONDAY + timedelta(days=365 * YEARS):
        for reader in range(8):
            owner = owners[(number + reader % 2) % len(owners)]
            for at in offers(now, sides(ZONES[reader % len(ZONES)], owner), diary):
                diary.take(owner.id, at)
                held[owner.id].append(at.astimezone(UTC))
        number += 1
        now += timedelta(hours=24 * (number % 3) or 24 * 100 + number % 24)
    assert number > 100
    for times in held.values():
        assert all(one + SLOT <= other for one, other in pairwise(sorted(times)))


def test_many_customers_of_one_person_at_one_moment_get_different_hours() -> None:
    diary, found = Diary(), list[datetime]()
    for number in range(60):
        for at in offers(MONDAY, sides(ZONES[number % 2], csm()), diary):
            diary.take("005CSM", at)
            found.append(at.astimezone(UTC))
    ordered = sorted(found)
    assert all(one + SLOT <= other for one, other in itertools.pairwise(ordered))


def test_what_is_worked_is_found_out_once_for_all_who_are_written_to_together(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, diary = Counter[datetime](), Diary()

    def counted(at: datetime, *more: Any) -> bool:
        asked[at] += 1
        return is_open(at, *more)

    monkeypatch.setattr(slots, "is_open", counted)
    owner = replace(csm(), id="005BUSY")
    for _ in range(200):
        for at in offers(MONDAY, sides("Europe/Berlin", owner), diary):
            diary.take(owner.id, at)
    assert max(asked.values()) <= len(slots.WAYS), "each way to look asks once, not each of the readers"
