"""How far this machine's clock is ahead of the clocks of the services that first90 talks to anyway.

Each of their answers says its moment in the header ``Date``, to the second; no request is made for it. Mail over SMTP
and files say none. One set of readings for a process, because it has one clock.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import NamedTuple

SAME = timedelta(minutes=1)
"""By how much the moment of the machine's start may differ for the clock to count as not set since. Our choice."""
HEARD_FOR = timedelta(days=1)
"""How long a reading counts that no later one replaced: a wrong one (a machine that slept during a call, a cache that
does not say so) ends by itself. Operators are told daily, in Slack where there is one, which is heard then. This
project's choice."""


class Reading(NamedTuple):
    """What one service said last."""

    ahead: timedelta
    """How far this machine's clock was ahead of the service's; negative where it was behind."""
    started: datetime
    """The moment (UTC) at which the machine was started, by its clock: another one once that is set."""
    heard_at: datetime
    """When it was said (UTC), by the machine's clock."""

    @property
    def holds(self) -> bool:
        """Return whether it counts still: it is not old, and the clock was not set since."""
        return abs(started_at() - self.started) < SAME and machine_now() < self.heard_at + HEARD_FOR


_readings: dict[str, Reading] = {}
_lock = Lock()


def hear(service: str, headers: Mapping[str, str]) -> None:
    """Note the ``Date`` of an answer that was just received. One from a cache (``Age``), or that cannot be read, says
    nothing."""
    said = {name.lower(): value for name, value in headers.items() if name.lower() in ("date", "age")}
    try:
        at = parsedate_to_datetime(said["date"])
    except (KeyError, TypeError, ValueError):
        return
    if "age" not in said and at.tzinfo is not None:
        with _lock:
            now = machine_now()
            _readings[service] = Reading(now - at, started_at(), now)


def heard() -> Mapping[str, Reading]:
    """Return what each service said last in this process, by its name, as far as it counts still."""
    with _lock:
        found = dict(_readings)
    return {service: one for service, one in found.items() if one.holds}


def machine_now() -> datetime:
    """Return the time of this machine's clock (aware, UTC)."""
    return datetime.now(UTC)


def started_at() -> datetime:
    """Return the moment at which this machine was started, by its clock as it is now (aware, UTC)."""
    counted = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return machine_now() - timedelta(seconds=time.clock_gettime(counted))
