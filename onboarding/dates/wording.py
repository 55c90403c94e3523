"""Dates in the short words of Slack, in the zone of their reader."""

from datetime import datetime

from onboarding.dates.working_time import zone_of
from onboarding.model.phrases import MONTHS

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def short_day(at: datetime, zone: str = "UTC") -> str:
    """Return the day of a moment in a zone (IANA, else UTC) as ``Thu 5 Mar``."""
    there = at.astimezone(zone_of(zone))
    return f"{DAYS[there.weekday()]} {there.day} {MONTHS[there.month - 1][:3]}"


def short_moment(at: datetime, zone: str = "UTC") -> str:
    """Return a moment in a zone (IANA, else UTC) as ``Thu 5 Mar, 09:30``."""
    return f"{short_day(at, zone)}, {at.astimezone(zone_of(zone)):%H:%M}"
