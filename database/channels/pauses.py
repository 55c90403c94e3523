"""A far side that asks us for time gets it from all workers: until then nothing leaves on its channel.

Kept beside the rates, one row a channel, on the wall clock. It is a condition of leasing and of announcing, so that it
costs no statement, and a worker in the middle of a round heeds it too.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, SQLColumnExpression, bindparam, case, literal, select

from database.statements import insert_into
from database.tables import RateRow
from onboarding.model.vocabulary import Channel

LONGEST = timedelta(days=1)
"""Of what is asked for; further ahead a rest is not believed either, as after a clock that was set back. Ours."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NAME = "rest:"


def begin(conn: Connection, channel: Channel, until: datetime) -> None:
    """Let nothing leave on the channel before then. A rest that lasts longer stays."""
    at = micros(until)
    kept = RateRow.free_at
    conn.execute(
        insert_into(conn)(RateRow)
        .values(name=_NAME + channel.value, free_at=at, granted=0)
        .on_conflict_do_update(
            index_elements=[RateRow.name],
            set_={"free_at": case(((kept > at) & (kept <= at + _LONGEST), kept), else_=at)},
        )
    )


def resting(channel: Channel | SQLColumnExpression[str], now: datetime | str) -> ColumnElement[bool]:
    """The condition that a channel, or the one that a column names, rests. ``now`` is the wall clock's, or the name of
    a parameter with its ``micros``."""
    name: Any = _NAME + channel.value if isinstance(channel, Channel) else literal(_NAME).concat(channel)
    at: Any = bindparam(now, type_=BigInteger()) if isinstance(now, str) else micros(now)
    return (
        select(RateRow.name)
        .where(RateRow.name == name, RateRow.free_at > at, RateRow.free_at <= at + _LONGEST)
        .exists()
    )


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


_LONGEST = LONGEST // _MICROSECOND
