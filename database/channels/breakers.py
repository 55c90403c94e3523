"""The circuit breaker of each channel, one row shared by all workers.

After failures in a row it shuts the channel for a while; then one probe finds out whether the channel works
again. The pause is over by the wall clock, as leases are, or by the ``as_of`` of a later run.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, delete, literal, or_, select, update

from database.statements import insert_into
from database.tables import BreakerRow
from onboarding.values import dataclass

MOST_FAILURES = 5
"""The number of failures in a row that shut a channel. Our choice."""

REST = timedelta(seconds=30)
"""How long a channel stays shut before a probe. Our choice."""

LONG_REST = timedelta(minutes=5)
"""The same where only a person can mend it: a wrong password tried twice a minute locks a user out. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """A channel that has failed since it last worked."""

    channel: str
    failures: int
    since: datetime
    """The first of the failures in a row."""
    shut_until: datetime | None
    """By the wall clock; None while it is not shut."""
    shut_as_of: datetime | None
    """The same by the ``as_of`` of the run that shut it."""
    error: str
    needs_person: bool
    """Whether a person must mend it."""

    def rested(self, now: datetime, as_of: datetime) -> bool:
        """Return whether it is shut and its pause is over, by the wall clock or by a run's ``as_of``. One that would
        last longer than any was begun by a clock that was set back since."""
        if self.shut_until is None:
            return False
        past = self.shut_as_of is not None and self.shut_as_of <= as_of
        return past or not now < self.shut_until <= now + LONG_REST


def troubles(conn: Connection) -> tuple[Breaker, ...]:
    """Return the channels that have failed since they last worked."""
    return tuple(Breaker(**row._mapping) for row in conn.execute(select(BreakerRow).order_by(BreakerRow.channel)))


def of_channel(conn: Connection, channel: str) -> Breaker | None:
    """Return the breaker of one channel; None where the channel works."""
    row = conn.execute(_by_channel(), {"of": channel}).one_or_none()
    return None if row is None else Breaker(**row._mapping)


@cache
def _by_channel() -> Select[Any]:
    return select(BreakerRow).where(BreakerRow.channel == bindparam("of"))


def take_probe(conn: Connection, channel: str, now: datetime, as_of: datetime | None = None) -> bool:
    """Return whether the pause is over and the caller may probe; all others see the channel shut meanwhile."""
    over = or_(BreakerRow.shut_until <= now, BreakerRow.shut_until > now + LONG_REST)
    if as_of is not None:
        over = or_(over, BreakerRow.shut_as_of <= as_of)
    rest = {"shut_until": now + REST, "shut_as_of": as_of and as_of + REST}
    return conn.execute(update(BreakerRow).where(BreakerRow.channel == channel, over).values(**rest)).rowcount == 1


def worked(conn: Connection, channel: str) -> None:
    """Record that a message was accepted: the channel works."""
    conn.execute(delete(BreakerRow).where(BreakerRow.channel == channel))


def failed(
    conn: Connection,
    channel: str,
    times: int,
    now: datetime,
    error: str,
    *,
    needs_person: bool = False,
    as_of: datetime | None = None,
) -> Breaker:
    """Record ``times`` more failures in a row; return the breaker. ``needs_person`` shuts the channel at once."""
    insert = insert_into(conn)
    length = LONG_REST if needs_person else REST
    rest, rest_as_of = now + length, as_of and as_of + length
    shut, counted = BreakerRow.shut_until, BreakerRow.failures + times
    still = literal(True) if needs_person else counted >= MOST_FAILURES
    # A failure beside the one that shut it does not shorten the pause.
    until = case((shut > rest, shut), (still, literal(rest, shut.type)), else_=None)
    until_as_of = case((shut > rest, BreakerRow.shut_as_of), (still, literal(rest_as_of, shut.type)), else_=None)
    shuts = needs_person or times >= MOST_FAILURES
    statement = (
        insert(BreakerRow)
        .values(
            channel=channel,
            failures=times,
            since=now,
            shut_until=rest if shuts else None,
            shut_as_of=rest_as_of if shuts else None,
            error=error,
            needs_person=needs_person,
        )
        .on_conflict_do_update(
            index_elements=[BreakerRow.channel],
            set_={
                "failures": counted,
                "shut_until": until,
                "shut_as_of": until_as_of,
                "error": error,
                "needs_person": or_(BreakerRow.needs_person, literal(needs_person)),
            },
        )
        .returning(BreakerRow)
    )
    return Breaker(**conn.execute(statement).one()._mapping)
