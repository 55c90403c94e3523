"""What is due and has not left, and what was left out as too late: for the summary after a time without sweeps."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from database.outbox.conditions import PLANNED
from database.tables import EffectRow, TouchpointRow
from onboarding.model.vocabulary import TouchpointOutcome


def due_by_channel(conn: Connection, as_of: datetime) -> dict[str, int]:
    """Return how many planned effects are due, by channel."""
    due = select(EffectRow.channel, func.count()).where(PLANNED, EffectRow.not_before <= as_of)
    return {row[0]: row[1] for row in conn.execute(due.group_by(EffectRow.channel))}


def left_out_at(conn: Connection, as_of: datetime) -> int:
    """Return how many occurrences of steps the sweep of this moment left out."""
    skipped = TouchpointRow.outcome == TouchpointOutcome.SKIPPED.value
    return int(conn.execute(select(func.count()).where(skipped, TouchpointRow.at == as_of)).scalar_one())
