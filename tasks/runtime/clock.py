"""The moment at which a person's command counts, where runs were given a moment of their own (``--as-of``)."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from database import key_values

if TYPE_CHECKING:
    from tasks.runtime.context import RunContext

CLOCK = "clock"
SMALL = timedelta(minutes=10)
"""A run's moment that differs less from the wall clock counts as the wall clock."""


def note_run(conn: Connection, context: "RunContext", as_of: datetime) -> None:
    """Keep that a run took place at ``as_of`` just now."""
    key_values.write(conn, CLOCK, context.wall_clock().isoformat(), as_of)


def present(context: "RunContext") -> datetime:
    """Return now for a command of a person, as ``present_in`` does."""
    with context.database.reading() as conn:
        return present_in(conn, context.wall_clock())


def present_in(conn: Connection, now: datetime) -> datetime:
    """Return now (aware, UTC) for a command of a person and for ``status``; ``now`` is the wall clock's.

    That is the wall clock, except where the last run was given a moment of its own (the sample, a rehearsal): then
    it is that moment plus the time passed since, so that a hold or a fact entered between two runs lies between them.
    """
    last = key_values.read(conn, CLOCK)
    if last is None:
        return now
    ran_at = datetime.fromisoformat(last.value)
    return now if abs(last.at - ran_at) < SMALL else last.at + max(now - ran_at, timedelta(0))
