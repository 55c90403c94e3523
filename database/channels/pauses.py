"""The pause that a far side asks for, shared by all workers: until then nothing leaves on its channel.

Stored beside the rates, one row a channel, on the wall clock. It is a condition of leasing and of marking as sending,
so that it costs no statement of its own, and a worker in the middle of a batch keeps it too.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, SQLColumnExpression, bindparam, case, literal, select

from database.statements import insert_into
from database.tables import RateRow
from onboarding.model.vocabulary import Channel

LONGEST = timedelta(days=1)
"""The longest pause. One that ends further ahead is ignored, as after a clock that was set back. Our choice."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NAME = "rest:"


def begin(conn: Connection, channel: Channel, until: datetime) -> None:
    """Let nothing leave on the channel before ``until``. A longer pause stays."""
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
    """Return the condition that a channel, or the one named by a column, is paused. ``now`` is the wall clock's, or
    the name of a parameter with its ``micros``."""
    name: Any = _NAME + channel.value if isinstance(channel, Channel) else literal(_NAME).concat(channel)
    at: Any = bindparam(now, type_=BigInteger()) if isinstance(now, str) else micros(now)
    return (
        select(RateRow.name)
        .where(RateRow.name == name, RateRow.free_at > at, RateRow.free_at <= at + _LONGEST)
        .exists()
    )


def micros(moment: datetime) -> int:
    """Return microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


_LONGEST = LONGEST // _MICROSECOND
