"""The entries of a calendar in the iCalendar format between two moments: series, their exceptions and their zones."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from threading import Lock
from typing import Any, NamedTuple

from onboarding.dates.working_time import zone_of

MOST_BYTES = 4 << 20
"""Far above any calendar of some years. Our choice."""
MOST_ENTRIES = 20_000
"""As above; a series is one entry. Our choice."""
MOST_SECONDS = 20.0
"""How long the series of one calendar are computed. Our choice."""
MOST_DAYS = timedelta(days=500)
"""The longest time that may be asked for, and the longest entry of a series. Our choice."""
DAY = timedelta(days=1)

_ANY_RULE = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"})
_OF_THE_DAY = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})
"""Read where they name one time of the day, as some programs write it beside DTSTART."""
_RULES: Mapping[str, frozenset[str]] = {
    "DAILY": frozenset({"BYDAY", "BYMONTH"}),
    "WEEKLY": frozenset({"BYDAY", "BYMONTH"}),
    "MONTHLY": frozenset({"BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"}),
    "YEARLY": frozenset({"BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"}),
}
"""The rules that are read, by FREQ: all that calendars offer their users. Some others (each second; of each day, the
30th of February) are not computed within minutes."""


_TIMES = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"})


class UnreadableCalendar(ValueError):
    """A content that cannot be read as a calendar, or not within our limits. The message quotes nothing of it."""


class Entry(NamedTuple):
    """An entry, or one occurrence of a series: both limits are days, or both are moments; the end does not belong to
    it."""

    title: str
    start: date
    end: date
    out_of_office: bool
    """Whether the calendar marks it so (Outlook)."""
    free: bool
    """Whether its owner is free all the same."""

    def limits(self, zone: str) -> tuple[datetime, datetime]:
        """Return both limits as moments; days, and moments without a zone, are in ``zone`` (IANA)."""
        return _moment(self.start, zone), _moment(self.end, zone)


class ParsedCalendar(NamedTuple):
    """A calendar as its library has read it, so that it need not be read again for another question."""

    content: Any


class Entries(NamedTuple):
    """What was found, and how many series and entries could not be read."""

    found: tuple[Entry, ...]
    unread: int


def entries_between(
    source: bytes | str | ParsedCalendar,
    start: datetime,
    end: datetime,
    wanted: Callable[[Entry], bool] = lambda _: True,
) -> Entries:
    """Return the entries that begin before ``end`` and end after ``start`` (both aware), or a day beside that, in any
    order. Cancelled ones are left out.

    Of series without a ``wanted`` entry none is computed. Raise UnreadableCalendar.
    """
    if end - start > MOST_DAYS:
        raise ValueError(f"a calendar is read for at most {MOST_DAYS.days} days at once")
    calendar = (source if isinstance(source, ParsedCalendar) else parse(source)).content
    found, unread, began = list[Entry](), 0, time.monotonic()
    for series in _by_id(calendar.walk("VEVENT")):
        if time.monotonic() - began > MOST_SECONDS:
            raise UnreadableCalendar("its series take too long to compute")
        try:
            if any(wanted(_entry(event)) for event in series) and not _is_past(series, start - DAY):
                events = filter(_holds, _occurrences(calendar, series, start - DAY, end + DAY))
                found += [one for one in map(_entry, events) if wanted(one) and _is_near(one, start - DAY, end + DAY)]
        except _MALFORMED:
            unread += 1
    for block in calendar.walk("VFREEBUSY"):
        try:
            found += [one for one in _blocks(block) if wanted(one) and _is_near(one, start - DAY, end + DAY)]
        except _MALFORMED:
            unread += 1
    return Entries(tuple(found), unread)


def _blocks(block: Any) -> Iterator[Entry]:
    """Yield the times of a calendar that publishes only when its owner is busy."""
    given = block.get("FREEBUSY", [])
    for line in given if isinstance(given, list) else [given]:
        kind = str(line.params.get("FBTYPE") or "BUSY").upper()
        yield Entry(title="", start=line.start, end=line.end, out_of_office=False, free=kind == "FREE")


_MALFORMED = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError)
"""What the libraries raise for entries that nothing can be made of."""


_PARSING = Lock()


def parse(text: bytes | str) -> ParsedCalendar:
    """Return the calendar of a text. Raise UnreadableCalendar."""
    from icalendar import Calendar
    from icalendar.timezone import tzp

    content = text.encode() if isinstance(text, str) else text
    if len(content) > MOST_BYTES or content.upper().count(b"BEGIN:VEVENT") > MOST_ENTRIES:
        raise UnreadableCalendar("it is too large; publish one of fewer entries")
    try:
        with _PARSING:
            tzp.use_zoneinfo()  # forgets the zones that other calendars define, maybe under the same name
            calendar = Calendar.from_ical(content)
    except _MALFORMED:
        calendar = None
    if calendar is None or calendar.name != "VCALENDAR":
        raise UnreadableCalendar("it is no iCalendar")
    return ParsedCalendar(calendar)


def _by_id(events: Iterable[Any]) -> Iterable[Sequence[Any]]:
    """Return the events with the same id together: a series with its exceptions."""
    found: dict[str, list[Any]] = {}
    for event in events:
        found.setdefault(str(event.get("UID") or id(event)), []).append(event)
    return found.values()


def _occurrences(calendar: Any, series: Sequence[Any], start: datetime, end: datetime) -> Iterable[Any]:
    """Return the events of a series at this time, with their own start and end. Raise ValueError for a rule that is not
    read."""
    if len(series) == 1 and not any(name in series[0] for name in ("RRULE", "RDATE", "RECURRENCE-ID")):
        return series
    from icalendar import Calendar
    from recurring_ical_events import of

    part = Calendar({name: calendar[name] for name in ("X-WR-TIMEZONE",) if name in calendar})
    for event in series:
        _refuse_endless(event)
        part.add_component(event)
    found: Iterable[Any] = of(part).between(start, end)
    return found


def _is_past(series: Sequence[Any], start: datetime) -> bool:
    """Return whether a series, with all its exceptions, had ended by then, so that it need not be computed."""
    ends = []
    for event in series:
        since, until = _entry(event).limits("UTC")
        rules = event.get("RRULE", [])
        last = [rule.get("UNTIL", [None])[0] for rule in (rules if isinstance(rules, list) else [rules])]
        if None in last or "RDATE" in event or until - since > MOST_DAYS:
            return False
        ends += [until, *(_moment(one, "UTC") + (until - since) for one in last)]
    return max(ends) + DAY < start


def _refuse_endless(event: Any) -> None:
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        parts = {str(name).upper(): values for name, values in rule.items()}
        (frequency,) = parts["FREQ"]
        once = {name for name in _OF_THE_DAY & parts.keys() if len(parts[name]) == 1}
        if not parts.keys() <= _ANY_RULE | _RULES[str(frequency).upper()] | once:
            raise ValueError("its rule is not read")
    one = _entry(event)
    if one.limits("UTC")[1] - one.limits("UTC")[0] > MOST_DAYS:
        raise ValueError("its entries are too long")


def _holds(event: Any) -> bool:
    return str(event.get("STATUS") or "").upper() != "CANCELLED"


def _entry(event: Any) -> Entry:
    if any(str(name).upper() in _TIMES for name, _ in event.errors):
        raise ValueError("a time in it cannot be read")
    status = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS") or "").upper()
    start, end = _limits(event)
    return Entry(
        title=str(event.get("SUMMARY") or "").strip(),
        start=start,
        end=end,
        out_of_office=status == "OOF",
        free=status in ("FREE", "WORKINGELSEWHERE") or str(event.get("TRANSP") or "").upper() == "TRANSPARENT",
    )


def _limits(event: Any) -> tuple[Any, Any]:
    """Return the start and the end, two days or two moments; without an end it is one day, or no time."""
    start = event["DTSTART"].dt
    if "DTEND" in event:
        end = event["DTEND"].dt
        if isinstance(start, datetime) != isinstance(end, datetime):
            raise ValueError("one limit is a day, the other a moment")
        return start, end
    length = event["DURATION"].dt if "DURATION" in event else timedelta(days=not isinstance(start, datetime))
    return start, start + length


def _is_near(one: Entry, start: datetime, end: datetime) -> bool:
    since, until = one.limits("UTC")
    return since < until and since < end and until > start


def _moment(at: date, zone: str) -> datetime:
    if not isinstance(at, datetime):
        at = datetime.combine(at, clock_time())
    return (at if at.tzinfo else at.replace(tzinfo=zone_of(zone))).astimezone(UTC)
