"""Stops: nothing leaves on a channel until a person starts it again; facts and decisions go on."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, SQLColumnExpression, delete, select

from database.statements import insert_new, write_journal
from database.tables import StopRow
from onboarding.model.vocabulary import Channel
from onboarding.values import dataclass

EVERYTHING = "all"
"""The name of the stop of all channels at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A channel (or ``all``) from which nothing leaves until it is started again."""

    channel: str
    reason: str
    by: str
    at: datetime


def stop(conn: Connection, channel: Channel | None, *, reason: str, by: str, at: datetime) -> None:
    """Let nothing leave on this channel (None: on any). Safe to repeat: the first reason stays."""
    name = channel.value if channel else EVERYTHING
    if insert_new(conn, StopRow, [{"channel": name, "reason": reason, "by": by, "at": at}]):
        write_journal(conn, [(None, "stop", name, reason)], at=at, by=by)


def start(conn: Connection, channel: Channel | None, *, by: str, at: datetime) -> tuple[str, ...]:
    """Lift the stop of this channel (None: every stop); return what was lifted."""
    statement = delete(StopRow).returning(StopRow.channel)
    if channel is not None:
        statement = statement.where(StopRow.channel == channel.value)
    lifted = tuple(sorted(conn.execute(statement).scalars()))
    write_journal(conn, [(None, "start", name, "started again") for name in lifted], at=at, by=by)
    return lifted


def stops(conn: Connection) -> tuple[Stop, ...]:
    """Return the stops in force."""
    return tuple(Stop(**row._mapping) for row in conn.execute(select(StopRow).order_by(StopRow.channel)))


def stopped(channel: Channel | SQLColumnExpression[str]) -> ColumnElement[bool]:
    """Return the condition that this channel, or the one named by a column, is stopped."""
    name = channel.value if isinstance(channel, Channel) else channel
    return select(StopRow.channel).where(StopRow.channel.in_([name, EVERYTHING])).exists()
