"""Names, offered times and texts of the CRM in a letter."""

import re
from datetime import date, datetime, tzinfo

from onboarding.dates.working_time import add_working_days, is_open, zone_of
from onboarding.model.case import Calendar
from onboarding.model.parties import Owner, Person
from onboarding.model.schedule import Hours
from onboarding.people.names import read_names

OFFERED_HOURS = (10, 14, 11, 15, 9, 13, 16)
"""Preferred local hours for a call, best first. This project's choice."""

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s")


def greeted(person: Person | Owner) -> str:
    """Return the name for the salutation or a mention in a letter; empty for none."""
    return read_names("", "", person.name).called if person.called is None else person.called


def offers(
    now: datetime,
    reader: tuple[str, Calendar],
    owner: tuple[str, Calendar],
    hours: tuple[Hours, ...],
) -> tuple[datetime, datetime]:
    """Return two times for a call, on the recipient's second and third working day from ``now``.

    Hours in which both work come before hours in which only the recipient works. Each side is a zone and a calendar.
    """
    here = zone_of(reader[0])
    found: list[datetime] = []
    for days in (2, 3):
        day = add_working_days(now, days, *reader).astimezone(here).date()
        taken = [at.hour for at in found]
        times = [_at(day, hour, here) for hour in OFFERED_HOURS if hour not in taken]
        shared = [at for at in times if is_open(at, *owner, hours)]
        found.append((shared or times)[0])
    return found[0], found[1]


def clip(text: str, longest: int = 280) -> str:
    """Return a text of the CRM on one line; a long one is cut at a sentence or a word."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    kept = line[:longest]
    ends = [match.start() for match in _SENTENCE_END.finditer(kept)]
    if ends and ends[-1] > longest // 2:
        return kept[: ends[-1]]
    return kept.rsplit(" ", 1)[0].rstrip(",;:") + " …"


def joined_lines(text: str) -> str:
    """Return several lines of the CRM as one, separated by semicolons, to read as a list inside a sentence."""
    return clip("; ".join(line.strip(" -*•\t").rstrip(".;") for line in text.splitlines() if line.strip(" -*•\t")))


def _at(day: date, hour: int, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=zone)
