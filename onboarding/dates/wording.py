"""Dates in the short words of Slack, in the zone of their reader."""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from onboarding.dates.working_time import zone_of
from onboarding.model.phrases import MONTHS, moment_words

_LONG = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(MONTHS)}) (\d{{4}}), (\d{{2}}):(\d{{2}}) UTC\b")
"""A moment as ``moment_words`` tells it."""
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def short_day(at: datetime, zone: str = "UTC") -> str:
    """Return the day of a moment in a zone (IANA, else UTC) as ``Thu 5 Mar``."""
    there = at.astimezone(zone_of(zone))
    return f"{DAYS[there.weekday()]} {there.day} {MONTHS[there.month - 1][:3]}"


def short_moment(at: datetime, zone: str = "UTC") -> str:
    """Return a moment in a zone (IANA, else UTC) as ``Thu 5 Mar, 09:30``."""
    return f"{short_day(at, zone)}, {at.astimezone(zone_of(zone)):%H:%M}"


def retold(text: str, zone: str) -> str:
    """Return a text that was stored with moments in long words (UTC), with these in short words and in a zone."""

    def short(found: re.Match[str]) -> str:
        day, month, year, hour, minute = found.groups()
        at = datetime(int(year), MONTHS.index(month) + 1, int(day), int(hour), int(minute), tzinfo=UTC)
        return short_moment(at, zone)

    return _LONG.sub(short, text)


class Audience(NamedTuple):
    """For whom an explanation is: the zone of their moments, and whether they work at the command line."""

    zone: str | None = None
    """IANA; None for moments in UTC and in long words."""
    commands: bool = True

    def moment(self, at: datetime) -> str:
        """Return a moment in words."""
        return moment_words(at) if self.zone is None else short_moment(at, self.zone)

    def hint(self, words: str) -> str:
        """Return words with a command; none for whom it does not help."""
        return words if self.commands else ""

    def told(self, stored: str) -> str:
        """Return a stored text; without its end from the clause with a command on, for whom that does not help."""
        before, found, _ = stored.partition("`first90 ")
        return stored if self.commands or not found else before.rpartition("; ")[0] or before.strip()


AT_THE_TERMINAL = Audience()
