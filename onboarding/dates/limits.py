"""The limits of dates and counts from outside, the same at every entrance: CRM, product, command line, Slack."""

from datetime import UTC, date, datetime

YEARS = range(1990, 2101)
"""Outside of these a date is a slip of the keyboard (0203, 20026, 9999), whatever the calendar says; ours."""
OUT_OF_YEARS = f"outside the years {YEARS[0]} to {YEARS[-1]}"
MOST_EVENTS = 1_000_000
"""The highest count of one report of product usage; a higher one is a slip, and sums stay far below 64 bits; ours."""

_FIRST = datetime(YEARS[0], 1, 1, tzinfo=UTC)
_LAST = datetime(YEARS[-1], 12, 31, 23, 59, 59, tzinfo=UTC)


def in_years(moment: date) -> bool:
    """Whether a day or a moment may come in. A moment counts by the year of its own zone."""
    return moment.year in YEARS


def bounded(moment: datetime) -> datetime:
    """An aware moment, or the nearest one within the limits.

    For what was stored before the limits held: arithmetic with it, and its form in any zone, cannot overflow.
    """
    return moment if _FIRST <= moment <= _LAST else min(max(moment, _FIRST), _LAST)
