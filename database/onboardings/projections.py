"""Milestones, goals and lines of the board stored as rows, for people and metrics. Rules read facts, never these."""

import hashlib
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from database.statements import replace_rows
from database.tables import BoardLineRow, GoalRow, MilestoneRow, columns
from onboarding.board.portfolio import Attention, attentions
from onboarding.health.summary import Summary
from onboarding.model.review import Review
from onboarding.model.state import Goal

_FIELDS = tuple(column.name for column in MilestoneRow.__table__.columns if column.name != "onboarding_key")
_WORDS = ("stage", "side", "owner_role")
_values = attrgetter(*_FIELDS)
_moving = attrgetter("name", "status", "due_at", "done_at", "done_by", "reason")
"""The fields that can change while the playbook stays the same."""


def mark(review: Review) -> str:
    """Return a hash of the milestones and goals of the review."""
    said = [review.progress.playbook, *map(str, map(_moving, review.milestones))]
    said += map(repr, review.state.goals)
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]


def write(conn: Connection, reviews: Sequence[Review]) -> None:
    """Write what differs from the stored rows. Give only reviews whose ``mark`` has changed."""
    keys = [review.case_key for review in reviews]
    if not keys:
        return
    query = select(MilestoneRow.onboarding_key, *columns(MilestoneRow, *_FIELDS)).where(
        MilestoneRow.onboarding_key.in_(keys)
    )
    stored = {(row[0], row[1]): tuple(row[1:]) for row in conn.execute(query).all()}
    wanted = {(review.case_key, stone.name): _values(stone) for review in reviews for stone in review.milestones}
    _remove(conn, [key for key in stored if key not in wanted])
    fresh = [(key, values) for key, values in wanted.items() if stored.get(key) != values]
    replace_rows(conn, MilestoneRow, [_milestone(key, values) for (key, _), values in fresh])
    _write_goals(conn, reviews)


def write_board_lines(conn: Connection, summaries: Sequence[tuple[Summary, str]]) -> None:
    """Write what the board filters and counts these summaries by; each has its urgency as text beside it."""
    replace_rows(conn, BoardLineRow, [_board_line(summary, urgency) for summary, urgency in summaries])


def _board_line(summary: Summary, urgency: str) -> dict[str, Any]:
    why = attentions(summary)
    return {
        "onboarding_key": summary.deal_id,
        "urgency": urgency,
        "status": summary.status.value,
        "stage": summary.stage.value,
        "tier": str(summary.tier),
        "owner": summary.owner,
        "covers_for": summary.covers_for,
        "health_band": summary.health_band,
        "folded_name": summary.account_name.casefold(),
        **{one.value: one in why for one in Attention},
    }


def _milestone(onboarding_key: str, values: tuple[Any, ...]) -> dict[str, Any]:
    row = dict(zip(_FIELDS, values, strict=True))
    return row | {"onboarding_key": onboarding_key} | {name: str(row[name]) for name in _WORDS}


def _remove(conn: Connection, gone: Sequence[tuple[str, str]]) -> None:
    """Delete milestones that a newer playbook no longer has."""
    if gone:
        statement = delete(MilestoneRow).where(
            MilestoneRow.onboarding_key == bindparam("of"), MilestoneRow.name == bindparam("called")
        )
        conn.execute(statement, [{"of": key, "called": name} for key, name in gone])


def _write_goals(conn: Connection, reviews: Sequence[Review]) -> None:
    rows = [
        _goal(review.case_key, position, goal) for review in reviews for position, goal in enumerate(review.state.goals)
    ]
    conn.execute(delete(GoalRow).where(GoalRow.onboarding_key.in_([review.case_key for review in reviews])))
    replace_rows(conn, GoalRow, rows)


def _goal(onboarding_key: str, position: int, goal: Goal) -> dict[str, Any]:
    return {
        "onboarding_key": onboarding_key,
        "position": position,
        "metric": goal.metric,
        "baseline": goal.baseline,
        "target": goal.target,
        "unit": goal.unit,
        "due": goal.due.isoformat(),
        "at": goal.at,
        "by": goal.by,
    }
