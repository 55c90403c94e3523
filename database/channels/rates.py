"""Rate limits shared by all workers and processes: one row a rate, one statement a grant (GCRA).

The row holds the moment from which the next unit would be free if they left evenly; a burst may run ahead of it by so
many units. In any stretch of time at most the rate times its length, plus the burst, are granted.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, case, literal

from database.statements import insert_into
from database.tables import RateRow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BELIEVED = 60_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A limit of units a second on average, and ``burst`` at once after a pause."""

    name: str
    per_second: float
    burst: int = 1


@dataclass(frozen=True, slots=True)
class Grant:
    """The units that may go now, and the seconds until the next one could."""

    units: int
    wait: float


def take(conn: Connection, rate: Rate, units: int, now: datetime) -> Grant:
    """Take up to ``units``; a granted unit is used up, whether it is sent or not.

    ``now`` is the wall clock's, read inside the transaction. A row that lies more than a minute further ahead than a
    burst can reach is ignored: the clock was set back. (Less is another machine whose clock differs.)
    """
    gap = max(1, round(1_000_000 / rate.per_second))
    at = (now - _EPOCH) // _MICROSECOND
    latest = at + rate.burst * gap
    insert = insert_into(conn)
    fresh = min(units, rate.burst)
    kept = RateRow.free_at
    start = case((kept < at, literal(at)), (kept > latest + _BELIEVED, literal(latest)), else_=kept)
    free = (latest - start) // gap
    granted = case((start >= latest, literal(0)), (free < units, free), else_=literal(units))
    statement = (
        insert(RateRow)
        .values(name=rate.name, free_at=at + fresh * gap, granted=fresh)
        .on_conflict_do_update(
            index_elements=[RateRow.name], set_={"free_at": start + granted * gap, "granted": granted}
        )
        .returning(RateRow.free_at, RateRow.granted)
    )
    free_at, units = conn.execute(statement).one()
    return Grant(units, max(0, free_at - (rate.burst - 1) * gap - at) / 1_000_000)
