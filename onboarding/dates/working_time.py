"""Working time: when a person in a zone and a country may be written to, and how much of it lies between two moments.

Instants are aware and in UTC; working days and hours are those of the local wall clock. A moment is open when the
local day is a working day and the local time lies in one of the spans (start included, end excluded). This also
holds on days when clocks change: an hour that is skipped is never open, an hour that comes twice is open twice. An
unknown zone name counts as UTC.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from onboarding.model.case import Calendar
from onboarding.model.schedule import Hours

Span = tuple[datetime, datetime]
LONGEST_REST = 366
"""Consecutive days without work after which a calendar is treated as broken and the next day as a working day."""


@lru_cache(maxsize=1024)
def zone_of(name: str) -> tzinfo:
    """Return the zone with this IANA name; UTC if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def is_working_day(day: date, calendar: Calendar) -> bool:
    """Return whether a day is neither a weekend day nor a public holiday."""
    return day.weekday() not in calendar.weekend and day not in calendar.days_off


@lru_cache(maxsize=8192)
def add_working_days(at: datetime, days: int, zone: str, calendar: Calendar) -> datetime:
    """Return the same local time of day ``days`` working days later, in UTC.

    With 0 days: the first working day on or after. A local time that the clocks skip on that day is moved forward
    by the change; of one that comes twice the first is taken. Raise ValueError for a negative number of days.
    """
    if days < 0:
        raise ValueError(f"working days are counted forward only, not {days}")
    here = at.astimezone(zone_of(zone))
    first = here.date() + timedelta(days=1 if days else 0)
    dates = _working_dates(first, calendar)
    for _ in range(days - 1):
        next(dates)
    day = next(dates)
    if day == here.date():
        return at.astimezone(UTC)
    return datetime.combine(day, here.timetz().replace(fold=0)).astimezone(UTC)


def next_open(at: datetime, zone: str, calendar: Calendar, hours: tuple[Hours, ...]) -> datetime:
    """Return the first open moment at or after ``at``."""
    return _first_span(at, zone, calendar, hours)[0]


def next_close(at: datetime, zone: str, calendar: Calendar, hours: tuple[Hours, ...]) -> datetime:
    """Return the end of the open span that contains ``at``, or else of the next one."""
    return _first_span(at, zone, calendar, hours)[1]


def is_open(at: datetime, zone: str, calendar: Calendar, hours: tuple[Hours, ...]) -> bool:
    """Return whether a moment is open."""
    return next_open(at, zone, calendar, hours) == at


def add_working_hours(at: datetime, amount: float, zone: str, calendar: Calendar, hours: tuple[Hours, ...]) -> datetime:
    """Return the moment by which ``amount`` open hours have passed since ``at``; with 0 hours, the next open moment.

    Raise ValueError for a negative number of hours.
    """
    if amount < 0:
        raise ValueError(f"working hours are counted forward only, not {amount}")
    left = timedelta(hours=amount)
    spans = _open_spans(at, zone, calendar, hours)
    start, end = next(spans)
    while left > end - start:
        left -= end - start
        start, end = next(spans)
    return start + left


def open_hours_between(
    start: datetime, end: datetime, zone: str, calendar: Calendar, hours: tuple[Hours, ...]
) -> float:
    """Return how many open hours lie between two moments; 0 where the end is not after the start."""
    total = timedelta()
    if end <= start:
        return 0.0
    for opens, closes in _open_spans(start, zone, calendar, hours):
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total / timedelta(hours=1)


def _working_dates(first: date, calendar: Calendar) -> Iterator[date]:
    rest = 0
    day = first
    while True:
        rest = 0 if is_working_day(day, calendar) or rest >= LONGEST_REST else rest + 1
        if not rest:
            yield day
        day += timedelta(days=1)


@lru_cache(maxsize=8192)
def _first_span(at: datetime, zone: str, calendar: Calendar, hours: tuple[Hours, ...]) -> Span:
    """Return the open span that contains ``at``, starting at ``at``, or else the next one. Cached, because the readers
    of one message share it."""
    return next(_open_spans(at, zone, calendar, hours))


def _open_spans(at: datetime, zone: str, calendar: Calendar, hours: tuple[Hours, ...]) -> Iterator[Span]:
    """Yield the open spans from ``at`` on, in order, in UTC, without end; the first may begin at ``at`` itself."""
    at = at.astimezone(UTC)
    for day in _working_dates(at.astimezone(zone_of(zone)).date(), calendar):
        for start, end in _spans_of_day(day, zone, hours):
            if end > at:
                yield max(start, at), end


@lru_cache(maxsize=65536)
def _spans_of_day(day: date, zone: str, hours: tuple[Hours, ...]) -> tuple[Span, ...]:
    found = [piece for span in hours for piece in _pieces(day, span.start, span.end, zone_of(zone))]
    return tuple(_merged(sorted(found)))


def _pieces(day: date, start: time, end: time, zone: tzinfo) -> Iterator[Span]:
    """Yield the intervals of real time in which the wall clock of this day shows ``start`` up to ``end``."""
    opens, closes = datetime.combine(day, start), datetime.combine(day, end)
    offsets = {
        moment.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta()
        for moment in (opens, closes)
        for fold in (0, 1)
    }
    naive = [(opens - offset, closes - offset) for offset in offsets]
    spans = sorted((first.replace(tzinfo=UTC), last.replace(tzinfo=UTC)) for first, last in naive)
    if len(spans) == 1:
        yield spans[0]
        return
    change = _clock_change(spans[0][0], max(last for _, last in spans), zone)
    before = _offset(change - timedelta(seconds=1), zone)
    after = _offset(change, zone)
    early = ((opens - before).replace(tzinfo=UTC), min((closes - before).replace(tzinfo=UTC), change))
    late = (max((opens - after).replace(tzinfo=UTC), change), (closes - after).replace(tzinfo=UTC))
    yield from (piece for piece in (early, late) if piece[0] < piece[1])


def _clock_change(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    """Return the second between two moments at which the zone's UTC offset changes."""
    before = _offset(low, zone)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if _offset(middle, zone) == before:
            low = middle
        else:
            high = middle
    return high


def _offset(at: datetime, zone: tzinfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _merged(pieces: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in pieces:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
