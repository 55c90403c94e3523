"""The moment that a person's command counts for, where runs live by a clock of their own (``--as-of``)."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from database import cursors

if TYPE_CHECKING:
    from tasks.workplace import Workplace

CLOCK = "clock"
SMALL = timedelta(minutes=10)
"""A run's moment that is so close to the wall clock is the wall clock."""


def note_run(conn: Connection, place: "Workplace", as_of: datetime) -> None:
    """Remember that a run lived at ``as_of`` just now."""
    cursors.write(conn, CLOCK, place.wall_clock().isoformat(), as_of)


def present(place: "Workplace") -> datetime:
    """Now, for a command of a person: see ``present_in``."""
    with place.database.reading() as conn:
        return present_in(conn, place.wall_clock())


def present_in(conn: Connection, now: datetime) -> datetime:
    """Now, for a command of a person and for what ``status`` counts from; ``now`` is the wall clock's.

    The wall clock; but where the last run was given a moment of its own (the sample, a rehearsal), that moment
    and the time that has passed since, so that a hold or a fact entered between two runs lies between them.
    """
    last = cursors.read(conn, CLOCK)
    if last is None:
        return now
    ran_at = datetime.fromisoformat(last.value)
    return now if abs(last.at - ran_at) < SMALL else last.at + max(now - ran_at, timedelta(0))
