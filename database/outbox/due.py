"""What delivery on a channel checks before it leases anything, and how it keeps its leases while it waits."""

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, or_, select, update

from database.channels.pauses import micros, resting
from database.channels.stops import stopped
from database.outbox.conditions import PLANNED, UNDER_WAY
from database.outbox.ledger import LEASE_SECONDS
from database.tables import EffectRow
from database.transitions import changed
from onboarding.effects.events import Event
from onboarding.effects.retry_schedule import KEY_LIFE_USED
from onboarding.model.vocabulary import Channel, EffectState

FORGOTTEN = "it may have arrived, and the provider has forgotten its key: it could arrive twice"


ANOTHER_WAY = (
    "it may have arrived by the way that mails went before, and the one in use cannot tell: it could arrive twice"
)


def hold_expired_keys(conn: Connection, channel: Channel, key_life: timedelta, real_now: datetime) -> tuple[str, ...]:
    """Hold for a person what may have arrived and whose key the provider is about to forget; return the effects' keys.

    Called before every claim on a channel that forgets keys, whatever the last result was: a clean refusal after a
    doubt does not end the doubt (R10).
    """
    return _hold(conn, channel, FORGOTTEN, EffectRow.first_left_at <= real_now - key_life * KEY_LIFE_USED)


def hold_doubts(conn: Connection, channel: Channel) -> tuple[str, ...]:
    """Hold for a person all effects in doubt, which may have arrived through another sender; return their keys."""
    return _hold(conn, channel, ANOTHER_WAY)


def _hold(conn: Connection, channel: Channel, error: str, *which: ColumnElement[bool]) -> tuple[str, ...]:
    statement = (
        update(EffectRow)
        .where(EffectRow.channel == channel.value, PLANNED, EffectRow.in_doubt, *which)
        .values(**changed(Event.KEY_FORGOTTEN), error=error)
        .returning(EffectRow.key)
    )
    return tuple(sorted(conn.execute(statement).scalars()))


def work_waits(conn: Connection, channel: Channel, *, as_of: datetime, real_now: datetime) -> bool:
    """Return whether there is work on this channel: an effect is due, or a dead worker left one."""
    given = {"channel": channel.value, "as_of": as_of, "real_now": real_now, "now": micros(real_now)}
    return bool(conn.execute(_waiting(), given).scalar())


@cache
def _waiting() -> Select[tuple[bool]]:
    due = select(EffectRow.key).where(EffectRow.channel == bindparam("channel"), PLANNED)
    due = due.where(EffectRow.not_before <= bindparam("as_of"), ~stopped(EffectRow.channel))
    due = due.where(~resting(EffectRow.channel, "now"))
    left = select(EffectRow.key).where(UNDER_WAY, EffectRow.lease_until <= bindparam("real_now"))
    return select(or_(due.exists(), left.exists()))


def count_suspects(conn: Connection, channel: Channel, as_of: datetime) -> int:
    """Return how many effects are due that were in flight when a worker died, once."""
    due = select(func.count()).where(EffectRow.channel == channel.value, PLANNED, EffectRow.crashes == 1)
    return int(conn.execute(due.where(EffectRow.not_before <= as_of)).scalar_one())


def extend(conn: Connection, token: str, real_now: datetime, state: EffectState = EffectState.SENDING) -> None:
    """Prolong the leases of this worker's effects in one state: those in flight, while it waits for a slow result, or
    the leased ones, while it rechecks very many."""
    statement = update(EffectRow).where(EffectRow.lease_token == token, EffectRow.state == state.value)
    conn.execute(statement.values(lease_until=real_now + timedelta(seconds=LEASE_SECONDS)))
