"""What the database holds of one onboarding, and what is late; as tests look at it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from database.tables import EffectRow, GoalRow, MilestoneRow
from onboarding.model.vocabulary import UNSENT, EffectState


def milestone_lines(conn: Connection, onboarding_key: str) -> list[Mapping[str, Any]]:
    """The milestones as they were last saved, by due date and name."""
    return _lines(conn, MilestoneRow, onboarding_key, MilestoneRow.due_at, MilestoneRow.name)


def goal_lines(conn: Connection, onboarding_key: str) -> list[Mapping[str, Any]]:
    """The measurable goals as they were last saved, in their order."""
    return _lines(conn, GoalRow, onboarding_key, GoalRow.position)


def oldest_owed(conn: Connection, as_of: datetime) -> dict[str, datetime]:
    """By channel, since when something is due and has not left."""
    query = select(EffectRow.channel, func.min(EffectRow.due_at)).where(
        EffectRow.state.in_(sorted(state.value for state in UNSENT - {EffectState.WITHHELD})),
        EffectRow.due_at <= as_of,
    )
    return {row[0]: row[1] for row in conn.execute(query.group_by(EffectRow.channel))}


def _lines(
    conn: Connection, table: type[MilestoneRow] | type[GoalRow], onboarding_key: str, *order: Any
) -> list[Mapping[str, Any]]:
    query = select(table).where(table.onboarding_key == onboarding_key).order_by(*order)
    return [dict(row._mapping) for row in conn.execute(query)]
