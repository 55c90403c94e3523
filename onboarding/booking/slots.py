"""Which times are offered for a call: free for one of the vendor's people, in their working hours and the reader's."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from onboarding.booking.diary import SLOT, Diary, quarters_of_call
from onboarding.dates.working_time import add_working_days, is_open, is_working_day, next_close, zone_of
from onboarding.model.case import Calendar, Case
from onboarding.model.parties import Owner, Person
from onboarding.model.schedule import Hours
from onboarding.people.absences import spells

OFFERED_HOURS = (10, 14, 11, 15, 9, 13, 16)
"""Preferred local hours for a call, best first. This project's choice."""
FIRST_DAY = 2
"""The reader's first working day with times: a mail must be read before. This project's choice."""
SHARED_DAYS = 15
"""Working days in which a time is looked for that both work, before the reader is asked to come earlier or later."""
MOST_DAYS = 400
"""Days that are looked through. Of somebody whose calendar is full for longer, mails ask for a time."""
AWAKE = (7, 21)
"""The reader's hours in which a call is bearable where the working hours of both never meet. Our choice."""


class Sides(NamedTuple):
    """Both sides of a call: the reader's zone and calendar, and the vendor's person with their calendar and hours."""

    zone: str
    calendar: Calendar
    owner: Owner
    owner_calendar: Calendar
    hours: tuple[Hours, ...]

    def works(self, at: datetime) -> bool:
        """Return whether the vendor's person works through a whole call that starts then."""
        zone, calendar = self.owner.zone, self.owner_calendar
        if not is_open(at, zone, calendar, self.hours) or next_close(at, zone, calendar, self.hours) < at + SLOT:
            return False
        day = at.astimezone(zone_of(zone)).date()
        return not any(one.since <= day < one.back for one in spells(self.owner))


def sides_of(case: Case, owner: Owner | None, reader: Person | Owner, hours: tuple[Hours, ...]) -> Sides:
    """Return the sides of a call between a reader and one of the vendor's people, in these working hours; while nobody
    is accountable, with one who works as the reader does."""
    one = owner or Owner(id="", name="", email="", zone=reader.zone, country=reader.country)
    return Sides(reader.zone, case.calendar(reader.country), one, case.calendar(one.country), hours)


def offers(now: datetime, sides: Sides, diary: Diary) -> tuple[datetime, datetime] | None:
    """Return two free times on different days and if possible at different hours, the first ones from the reader's
    second working day on; None where there are no two within more than a year.

    Never outside the working hours of the vendor's person, nor when that one is away or taken. Hours in which both
    work come first.
    """
    first: datetime | None = None
    for times in free_times(now, sides, diary):
        if first is None:
            first = times[0]
        elif first.date() != times[0].date():
            second = next((at for at in times if at.hour != first.hour), times[0])
            return min(first, second), max(first, second)  # a later way to look can find an earlier day
    return None


def free_times(now: datetime, sides: Sides, diary: Diary) -> Iterator[tuple[datetime, ...]]:
    """Yield the free times (aware, in the reader's zone) of each day that has some, the preferred hours first."""
    first = first_day(now, sides)
    for number, way in enumerate(WAYS):
        for start in range(0, way.days, SHARED_DAYS):
            for calls in _workable(first, number, start, sides):
                if free := tuple(one.at for one in calls if diary.has_room(sides.owner.id, one.quarters)):
                    yield free


class Way(NamedTuple):
    """Where times are looked for: on how many of the reader's working days, at which hours, and of what kind."""

    days: int
    hours: Iterable[int]
    fits: Callable[[datetime], bool]


WAYS = (
    Way(SHARED_DAYS, OFFERED_HOURS, lambda _: True),
    Way(SHARED_DAYS, range(24), lambda at: AWAKE[0] <= at.hour < AWAKE[1]),
    Way(MOST_DAYS, range(24), lambda _: True),
)


class Call(NamedTuple):
    """A time at which both sides work, in the reader's zone, and what it takes of the diary."""

    at: datetime
    quarters: range


@lru_cache(maxsize=256)
def _workable(first: date, number: int, start: int, sides: Sides) -> tuple[tuple[Call, ...], ...]:
    """Return the times at which both sides work by one of the ways, by day, on some working days from the ``start``th.

    Cached, because all readers of a zone who are written to together share them; the diary fills up, and with each
    reader more of them are asked for.
    """
    way = WAYS[number]
    found = []
    for day in islice(_days(first, sides.calendar), start, min(start + SHARED_DAYS, way.days)):
        times = [at for at in _times(day, way.hours, sides) if way.fits(at) and sides.works(at)]
        if times:
            found.append(tuple(Call(at, quarters_of_call(at)) for at in times))
    return tuple(found)


def first_day(now: datetime, sides: Sides) -> date:
    """Return the first of the reader's days on which there are times."""
    return add_working_days(now, FIRST_DAY, sides.zone, sides.calendar).astimezone(zone_of(sides.zone)).date()


def _days(first: date, calendar: Calendar) -> Iterator[date]:
    """Yield the reader's working days among ``MOST_DAYS`` days."""
    for number in range(MOST_DAYS):
        if is_working_day(day := first + timedelta(days=number), calendar):
            yield day


def _times(day: date, hours: Iterable[int], sides: Sides) -> Iterator[datetime]:
    """Yield these hours of a day on the reader's clock; one that the clocks skip on that day is left out."""
    zone = zone_of(sides.zone)
    for hour in hours:
        at = datetime(day.year, day.month, day.day, hour, tzinfo=zone)
        if at.astimezone(UTC).astimezone(zone).hour == hour:
            yield at
