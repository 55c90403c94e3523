"""The moments of a simulation: when its clock stops next."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

DIGEST_HOURS = (time(1), time(9), time(15))
"""Hours (UTC) at which digests are written: working time in Asia and Oceania, in Europe and Africa, in America."""


def moment_after(moments: Iterable[datetime | None], now: datetime) -> datetime:
    """Return the next moment at which something is due, a person acts, or digests are written."""
    days = (now.date(), now.date() + timedelta(days=1))
    digests = [datetime.combine(day, hour, tzinfo=UTC) for day in days for hour in DIGEST_HOURS]
    return min(at for at in (*moments, *digests) if at is not None and at > now)
