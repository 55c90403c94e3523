"""Effects that wait for a person: refused for good, or in doubt."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from database.outbox.conditions import PLANNED, PUT_ASIDE
from database.tables import EffectRow
from onboarding.model.vocabulary import EffectState


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """One of them. ``error`` says why, without names or addresses."""

    key: str
    channel: str
    kind: str
    state: EffectState
    error: str


def aside(conn: Connection) -> tuple[Aside, ...]:
    """All of them, by key."""
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
    """How many are tried again by themselves although a person may have to decide or mend something, by cause."""

    channel: str
    error: str
    count: int


def waiting(conn: Connection) -> tuple[Waiting, ...]:
    """All of these, by channel and cause."""
    query = select(EffectRow.channel, EffectRow.error, func.count()).where(PLANNED, EffectRow.needs_person)
    grouped = query.group_by(EffectRow.channel, EffectRow.error).order_by(EffectRow.channel, EffectRow.error)
    return tuple(Waiting(channel=row[0], error=row[1] or "", count=row[2]) for row in conn.execute(grouped))


def count_aside(conn: Connection) -> Counter[EffectState]:
    """How many there are of each state."""
    query = select(EffectRow.state, func.count()).where(PUT_ASIDE).group_by(EffectRow.state)
    return Counter({EffectState(state): count for state, count in conn.execute(query)})
