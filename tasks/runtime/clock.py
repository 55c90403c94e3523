"""The moment that a person's command counts for, where runs live by a clock of their own (``--as-of``)."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from database import key_values

if TYPE_CHECKING:
    from tasks.runtime.context import RunContext

CLOCK = "clock"
SMALL = timedelta(minutes=10)
"""A run's moment that is so close to the wall clock is the wall clock."""


def note_run(conn: Connection, context: "RunContext", as_of: datetime) -> None:
    """Remember that a run lived at ``as_of`` just now."""
    key_values.write(conn, CLOCK, context.wall_clock().isoformat(), as_of)


def present(context: "RunContext") -> datetime:
    """Now, for a command of a person: see ``present_in``."""
    with context.database.reading() as conn:
        return present_in(conn, context.wall_clock())


def present_in(conn: Connection, now: datetime) -> datetime:
    """Now, for a command of a person and for what ``status`` counts from; ``now`` is the wall clock's.

    The wall clock; but where the last run was given a moment of its own (the sample, a rehearsal), that moment
    and the time that has passed since, so that a hold or a fact entered between two runs lies between them.
    """
    last = key_values.read(conn, CLOCK)
    if last is None:
        return now
    ran_at = datetime.fromisoformat(last.value)
    return now if abs(last.at - ran_at) < SMALL else last.at + max(now - ran_at, timedelta(0))
