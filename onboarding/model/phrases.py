"""Dates, durations, lists and roles as words, worded alike in posts, in the CRM and in ``explain``."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from onboarding.model.vocabulary import Side, Stage

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
MARKS = {"critical": "🔴", "warning": "🔶", "low": "🔹", "over": "✅"}
"""The mark of a severity in Slack, beside its word: told apart by shape as well as by colour."""
ROLES = {
    "account_executive": "seller",
    "csm": "CSM",
    "cs_manager": "CS manager",
    "it_security": "IT security",
}
"""Roles whose wording differs from their name."""


def day_words(day: date) -> str:
    """Return a day as ``3 March 2026``; a moment gives its day in UTC."""
    if isinstance(day, datetime):
        day = day.astimezone(UTC).date()
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def near_day_words(day: date, now: datetime) -> str:
    """Return a day shortly, for narrow columns: ``2 Mar``, with its year where it is not the one of ``now``.

    A moment gives its day in UTC.
    """
    if isinstance(day, datetime):
        day = day.astimezone(UTC).date()
    return f"{day.day} {MONTHS[day.month - 1][:3]}" + (f" {day.year}" if day.year != now.year else "")


def month_words(month: str) -> str:
    """Return a month like ``2026-03`` for people: ``March 2026``. Raises ValueError for anything else."""
    year, number = month.split("-")
    return f"{MONTHS[int(number) - 1]} {int(year)}"


def moment_words(at: datetime) -> str:
    """Return a moment as ``3 March 2026, 09:30 UTC``."""
    return f"{day_words(at)}, {at.astimezone(UTC):%H:%M} UTC"


def number_words(value: float) -> str:
    """Return a number without an exponent and its thousands apart: ``1,250,000``, ``0.5``; six decimals at the most."""
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def change_words(start: float, end: float, unit: object) -> str:
    """Return ``from 48 to 4 hours``."""
    return f"from {number_words(start)} to {number_words(end)} {unit}"


def span_words(span: timedelta) -> str:
    """Return ``9 days``, ``1 day``, ``20 hours`` or ``less than an hour``; rounded down, never negative."""
    hours = max(span, timedelta()) // timedelta(hours=1)
    amount, unit = (hours // 24, "day") if hours >= 24 else (hours, "hour")
    if not amount:
        return "less than an hour"
    return f"{amount} {unit}" if amount == 1 else f"{amount} {unit}s"


def list_words(items: Iterable[str]) -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``."""
    named = list(items)
    if len(named) < 2:
        return "".join(named)
    return f"{', '.join(named[:-1])} and {named[-1]}"


def name_words(name: str) -> str:
    """Return a name of the playbook as plain words: ``kickoff_held`` becomes ``kickoff held``."""
    return name.replace("_", " ")


def role_words(role: str) -> str:
    """Return a role in words."""
    return ROLES.get(role) or name_words(role)


def side_words(side: str) -> str:
    """Return the side whose move it is in words."""
    return {Side.VENDOR.value: "us", Side.CUSTOMER.value: "the customer"}.get(side, "a third party")


def stage_words(stage: Stage) -> str:
    """Return ``Handoff`` to ``First value``, or ``Done``."""
    return name_words(stage.value).capitalize()


def mark_of(severity: str) -> str:
    """Return the mark of a severity; empty for an unknown one."""
    return MARKS.get(severity, "")
