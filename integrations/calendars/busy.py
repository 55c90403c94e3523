"""The busy times in a person's calendar."""

from collections.abc import Iterable
from datetime import UTC, datetime

from integrations.calendars.entries import ParsedCalendar, UnreadableCalendar, entries_between

Span = tuple[datetime, datetime]
"""From a moment until before another, both in UTC."""


def busy_between(
    source: bytes | str | ParsedCalendar, start: datetime, end: datetime, zone: str = "UTC"
) -> tuple[Span, ...]:
    """Return when a person is busy between two moments (aware; at most 500 days), in order and without overlaps.

    Every entry is busy that is neither cancelled nor marked as free, also a tentative one; entries of whole days too,
    from midnight to midnight in ``zone`` (the person's, IANA). Raise UnreadableCalendar for what is no calendar, is
    above our limits, or has an entry that cannot be read: it may be busy.
    """
    found, unread = entries_between(source, start, end, lambda one: not one.free)
    if unread:
        raise UnreadableCalendar(f"{unread} of its entries or series cannot be read, so it is unknown when it is free")
    return tuple(_merged((one.limits(zone) for one in found), start.astimezone(UTC), end.astimezone(UTC)))


def _merged(spans: Iterable[Span], start: datetime, end: datetime) -> list[Span]:
    """Return the spans within two moments; those that overlap or adjoin are one."""
    merged: list[Span] = []
    for since, until in sorted((max(since, start), min(until, end)) for since, until in spans):
        if since >= until:
            continue
        if merged and since <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], until)
        else:
            merged.append((since, until))
    return merged
