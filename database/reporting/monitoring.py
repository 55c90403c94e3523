"""Counts for monitoring. Each statement reads an index of what is open, or a table of a few rows: none reads the
history of effects or facts, and none waits for a writer."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from database.outbox.conditions import PLANNED, PUT_ASIDE, UNDER_WAY, WITHHELD
from database.tables import EffectRow, EscalationRow, OnboardingRow, SetAsideRow
from onboarding.model.vocabulary import Channel, EffectState, Severity, Stage, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEffects:
    """The effects that are neither sent nor cancelled."""

    counts: Counter[tuple[Channel, EffectState]]
    next_at: dict[Channel, datetime]
    """When the first planned effect of a channel is due, or was; a channel without one is missing."""


def open_effects(conn: Connection) -> OpenEffects:
    """Return the open effects by channel and state. Four statements, each along a partial index."""
    counts: Counter[tuple[Channel, EffectState]] = Counter()
    next_at = {}
    planned = select(EffectRow.channel, func.count(), func.min(EffectRow.not_before)).where(PLANNED)
    for channel, count, at in conn.execute(planned.group_by(EffectRow.channel)):
        counts[Channel(channel), EffectState.PLANNED], next_at[Channel(channel)] = count, at
    withheld = select(EffectRow.channel, func.count()).where(WITHHELD).group_by(EffectRow.channel)
    for channel, count in conn.execute(withheld):
        counts[Channel(channel), EffectState.WITHHELD] = count
    for which in (UNDER_WAY, PUT_ASIDE):
        query = select(EffectRow.channel, EffectRow.state, func.count()).where(which)
        for channel, state, count in conn.execute(query.group_by(EffectRow.channel, EffectRow.state)):
            counts[Channel(channel), EffectState(state)] = count
    return OpenEffects(counts=counts, next_at=next_at)


def count_onboardings_by_stage(conn: Connection) -> Counter[tuple[Status, Stage]]:
    """Return the number of onboardings by status and stage."""
    query = select(OnboardingRow.status, OnboardingRow.stage, func.count())
    rows = conn.execute(query.group_by(OnboardingRow.status, OnboardingRow.stage))
    return Counter({(Status(status), Stage(stage)): count for status, stage, count in rows})


def count_stalls(conn: Connection) -> Counter[Severity]:
    """Return the number of open stalls by severity; an onboarding has at most one."""
    query = select(EscalationRow.severity, func.count()).where(EscalationRow.closed_at.is_(None))
    rows = conn.execute(query.group_by(EscalationRow.severity))
    return Counter({Severity(severity): count for severity, count in rows})


def count_set_aside(conn: Connection) -> Counter[str]:
    """Return the number of problems of records that are set aside now, by source."""
    query = select(SetAsideRow.source, func.count()).where(SetAsideRow.gone_at.is_(None))
    return Counter({row[0]: row[1] for row in conn.execute(query.group_by(SetAsideRow.source))})
