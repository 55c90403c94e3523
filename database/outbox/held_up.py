"""Effects that are held up: refused for now, or in doubt until the far side can be asked."""

from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from database.outbox.conditions import PLANNED, UNDER_WAY
from database.tables import EffectRow
from onboarding.model.vocabulary import EffectState
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldUp:
    """Effects of one channel that wait for the same reason."""

    channel: str
    error: str
    """The cause, and the mend where a person must act; without names or addresses."""
    count: int
    in_doubt: bool
    """They may have arrived: nothing is sent again before the far side was asked."""
    again_at: datetime | None
    """The first of the next tries, by the clock of the runs; None for doubts, which every run looks up."""


def held_up(conn: Connection, real_now: datetime) -> tuple[HeldUp, ...]:
    """Return them by channel, the most first. ``real_now`` is the wall clock's: what is being sent now is no doubt."""
    error = func.coalesce(EffectRow.error, "").label("error")
    columns = (EffectRow.channel, error, func.count().label("count"))
    refused = select(*columns, func.min(EffectRow.not_before).label("again_at")).where(
        PLANNED, EffectRow.error.is_not(None)
    )
    doubtful = select(*columns).where(
        UNDER_WAY,
        EffectRow.state == EffectState.SENDING.value,
        or_(EffectRow.in_doubt & EffectRow.error.is_not(None), EffectRow.lease_until <= real_now),
    )
    found = [
        HeldUp(in_doubt=False, **row._mapping)
        for row in conn.execute(refused.group_by(EffectRow.channel, EffectRow.error))
    ]
    found += [
        HeldUp(in_doubt=True, again_at=None, **row._mapping)
        for row in conn.execute(doubtful.group_by(EffectRow.channel, EffectRow.error))
    ]
    return tuple(sorted(found, key=lambda one: (one.channel, not one.in_doubt, -one.count, one.error)))
