"""Limits of dates and counts from outside, the same for the CRM, the product, the command line and Slack."""

from datetime import UTC, date, datetime

YEARS = range(1990, 2101)
"""A year outside this range is taken for a typing error (0203, 20026, 9999). This project's choice."""
OUT_OF_YEARS = f"outside the years {YEARS[0]} to {YEARS[-1]}"
MOST_EVENTS = 1_000_000
"""The highest count in one report of product usage; a higher one is taken for a mistake, and sums stay far below 64
bits. This project's choice."""

_FIRST = datetime(YEARS[0], 1, 1, tzinfo=UTC)
_LAST = datetime(YEARS[-1], 12, 31, 23, 59, 59, tzinfo=UTC)


def in_years(moment: date) -> bool:
    """Return whether a day or a moment is within the limits. A moment counts by the year in its own zone."""
    return moment.year in YEARS


def bounded(moment: datetime) -> datetime:
    """Return an aware moment, or the nearest one within the limits.

    For moments stored before the limits existed: arithmetic and zone conversions cannot overflow.
    """
    return moment if _FIRST <= moment <= _LAST else min(max(moment, _FIRST), _LAST)
