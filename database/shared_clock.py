"""The clock that all workers share: the PostgreSQL server's; workers on SQLite share a machine."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from database.engine import Database, clock

WallClock = Callable[[], datetime]
ASKED_AGAIN = 3600.0
"""After how many seconds the server is asked again: later than the longest run ends, so that a run goes by one clock.
Our choice."""


def shared_clock(database: Database) -> tuple[WallClock, timedelta]:
    """Return the clock (aware, UTC), and how far this machine's is ahead of it.

    The server is asked at first and once an hour. In between seconds are counted, also while the machine sleeps, so
    that a clock of this machine that is set right while a service runs changes nothing, and a service follows the
    server's.
    """
    if database.dialect != "postgresql":
        return machine_clock, timedelta()
    server = _ServerClock(database)
    return server, machine_clock() - server()


def machine_clock() -> datetime:
    """Return the time of this machine's clock (aware, UTC)."""
    return datetime.now(UTC)


class _ServerClock:
    """The server's time, counted on from when it was asked last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked = clock(database), _seconds()

    def __call__(self) -> datetime:
        there, since = self._asked
        now = there + timedelta(seconds=_seconds() - since)
        if _seconds() - since < ASKED_AGAIN:
            return now
        self._asked = now, _seconds()  # another thread does not ask too, nor does this one at once while it is down
        try:
            self._asked = clock(self._database), _seconds()
        except SQLAlchemyError:
            return now
        return self._asked[0]


def _seconds() -> float:
    counted = getattr(time, "CLOCK_BOOTTIME", None)  # on Linux; elsewhere a machine that sleeps counts less
    return time.monotonic() if counted is None else time.clock_gettime(counted)
