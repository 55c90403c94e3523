"""Effects that wait for a person: refused for good, or in doubt."""

from collections import Counter

from sqlalchemy import Connection, func, select

from database.outbox.conditions import PLANNED, PUT_ASIDE
from database.tables import EffectRow
from onboarding.model.vocabulary import EffectState
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """An effect that waits for a person. ``error`` says why, without names or addresses."""

    key: str
    channel: str
    kind: str
    state: EffectState
    error: str


def aside(conn: Connection) -> tuple[Aside, ...]:
    """Return all effects that wait for a person, by key."""
    query = (
        select(EffectRow.key, EffectRow.channel, EffectRow.kind, EffectRow.state, EffectRow.error)
        .where(PUT_ASIDE)
        .order_by(EffectRow.key)
    )
    return tuple(
        Aside(key=row.key, channel=row.channel, kind=row.kind, state=EffectState(row.state), error=row.error or "")
        for row in conn.execute(query)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The number of effects that are tried again by themselves, for a cause that a person may have to mend."""

    channel: str
    error: str
    count: int


def waiting(conn: Connection) -> tuple[Waiting, ...]:
    """Return these numbers by channel and cause."""
    query = select(EffectRow.channel, EffectRow.error, func.count()).where(PLANNED, EffectRow.needs_person)
    grouped = query.group_by(EffectRow.channel, EffectRow.error).order_by(EffectRow.channel, EffectRow.error)
    return tuple(Waiting(channel=row[0], error=row[1] or "", count=row[2]) for row in conn.execute(grouped))


def count_aside(conn: Connection) -> Counter[EffectState]:
    """Return the number of effects that wait for a person, by state."""
    query = select(EffectRow.state, func.count()).where(PUT_ASIDE).group_by(EffectRow.state)
    return Counter({EffectState(state): count for state, count in conn.execute(query)})
