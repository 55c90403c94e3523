"""Which times one customer can choose from by themselves for a call, and whether one of them can still be had. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from onboarding.booking.diary import Diary
from onboarding.booking.slots import Sides, first_day, free_times
from onboarding.dates.working_time import is_working_day, zone_of

DAYS = 5
"""On how many days there are times to choose from. This project's choice."""
A_DAY = 4
"""How many times a day. This project's choice."""
FARTHEST = timedelta(days=60)
"""How far ahead a call can be booked. This project's choice."""
NOTICE = timedelta(hours=4)
"""How long before a call a time that was offered can still be had. This project's choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """What decides on the times that one reader can choose for a call with one of the vendor's people."""

    now: datetime
    sides: Sides
    diary: Diary
    """What is taken of the person's time, without what is offered to this customer."""
    offered: tuple[datetime, ...] = ()
    """What mails offer to this customer with this person."""
    only_offered: bool = False
    """Whether all other times with this person are booked on another page."""

    def offers_stand(self) -> bool:
        """Return whether a time that a mail offered can still be had."""
        return any(self.has(at) for at in self.offered)

    def choice(self) -> tuple[datetime, ...]:
        """Return the times to choose from (in the reader's zone), in order: free ones of some days, and those that were
        offered and can still be had."""
        found: dict[date, tuple[datetime, ...]] = {}
        for times in () if self.only_offered else free_times(self.now, self.sides, self.diary):
            found.setdefault(times[0].date(), times[:A_DAY])
            if len(found) == DAYS:
                break
        free = {at.astimezone(UTC) for times in found.values() for at in times}
        zone = zone_of(self.sides.zone)
        wanted = sorted(at for at in free | set(self.offered) if self.has(at))
        return tuple(at.astimezone(zone) for at in wanted)

    def has(self, at: datetime) -> bool:
        """Return whether a call can be booked for this moment: the person works and is free then, and it is a time that
        was offered, or a full hour of one of the reader's working days that is neither too soon nor too far.
        With a booking page of their own it is only what was offered."""
        if not self.sides.works(at) or not self.diary.is_free(self.sides.owner.id, at):
            return False
        if at in self.offered:
            return at >= self.now + NOTICE
        if self.only_offered:
            return False
        local = at.astimezone(zone_of(self.sides.zone))
        full = local.replace(minute=0, second=0, microsecond=0) == local
        first, last = first_day(self.now, self.sides), self.now + FARTHEST
        return full and first <= local.date() and at <= last and is_working_day(local.date(), self.sides.calendar)


def by_day(times: tuple[datetime, ...]) -> Iterator[tuple[date, tuple[datetime, ...]]]:
    """Yield each day with its times, both in order."""
    for day in sorted({at.date() for at in times}):
        yield day, tuple(at for at in times if at.date() == day)
