"""The clock that all workers share: the PostgreSQL server's; workers on SQLite share a machine."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from database.engine import Database, clock

WallClock = Callable[[], datetime]


def shared_clock(database: Database) -> tuple[WallClock, timedelta]:
    """Return the clock (aware, UTC), and how far this machine's is ahead of it.

    The server is asked once; from then on seconds are counted, also while the machine sleeps, so that a clock that is
    set right while a service runs changes nothing.
    """
    if database.dialect != "postgresql":
        return machine_clock, timedelta()
    there, began = clock(database), _seconds()
    ahead = machine_clock() - there
    return lambda: there + timedelta(seconds=_seconds() - began), ahead


def machine_clock() -> datetime:
    """Return the time of this machine's clock (aware, UTC)."""
    return datetime.now(UTC)


def _seconds() -> float:
    counted = getattr(time, "CLOCK_BOOTTIME", None)  # on Linux; elsewhere a machine that sleeps counts less
    return time.monotonic() if counted is None else time.clock_gettime(counted)
