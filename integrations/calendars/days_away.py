"""Days out of office in a person's calendar."""

import re
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import NamedTuple

from integrations.calendars.entries import Entry, ParsedCalendar, entries_between
from onboarding.dates.working_time import zone_of

AHEAD = timedelta(days=400)
"""How far absences are read, to the first of that month, so that a series brings new ones once a month. Our choice."""
DAY_BEGINS, DAY_ENDS = clock_time(9), clock_time(17)
"""A timed entry makes a person absent on the days of which it covers this whole span. Our choice."""
OUT_OF_OFFICE = (
    "out of office", "out of the office", "ooo", "pto", "paid time off", "vacation", "annual leave", "holiday",
    "holidays", "on holiday", "on leave", "sick leave", "parental leave", "absent", "abwesend", "abwesenheit", "urlaub",
    "im urlaub", "krank", "elternzeit", "congé", "congés", "conges", "vacances", "en vacances", "vacaciones",
    "de vacaciones", "ferie",
)  # fmt: skip
"""What titles begin with that say out of office, where the calendar has no mark for it. Our choice."""
_GOES_ON = r"until|till|til|through|thru|from|since|bis|vom|von|ab|seit|du|au|jusqu|hasta|del|desde|fino|dal|al"
_TITLE = re.compile(rf"(?:{'|'.join(map(re.escape, OUT_OF_OFFICE))})(?:[^\w:]|\d)*(?:$|(?:{_GOES_ON})\b)")
"""Nothing but such words, or a time after them: “Holiday campaign launch”, “Absentee report” and “Vacation: Tom”
concern work, or another person. A doubtful title is none."""


class DaysAway(NamedTuple):
    """An entry out of office: the first day away and the first day back, in the person's zone."""

    since: date
    back: date


def days_away(source: bytes | str | ParsedCalendar, zone: str, now: datetime) -> tuple[DaysAway, ...]:
    """Return the days out of office of a calendar that are not over at ``now`` (UTC), in order.

    An entry counts if the calendar marks it as out of office, or its title says so and it is not marked as free, and it
    covers whole working days. So does each occurrence of a series. What cannot be read in it does not count. Raise
    UnreadableCalendar.
    """
    today = now.astimezone(zone_of(zone)).date()
    horizon = (today + AHEAD).replace(day=1)
    entries = entries_between(source, now, datetime.combine(horizon, clock_time(), UTC), _counts).found
    found = {days for one in entries if (days := _days(one, zone)).since < days.back}
    return tuple(sorted(one for one in found if one.back > today and one.since < horizon))


def _counts(one: Entry) -> bool:
    return one.out_of_office or (not one.free and _TITLE.match(one.title.casefold()) is not None)


def _days(one: Entry, zone: str) -> DaysAway:
    if not isinstance(one.start, datetime):
        return DaysAway(one.start, one.end)
    here, there = (at.astimezone(zone_of(zone)) for at in one.limits(zone))
    since = here.date() + timedelta(days=here.time() > DAY_BEGINS)
    return DaysAway(since, there.date() + timedelta(days=there.time() >= DAY_ENDS))
