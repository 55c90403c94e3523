"""Milestones and goals as rows, for ``show`` and the metrics. The rules read facts, never these."""

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from database.tables import GOAL, MILESTONE
from database.writes import replace_rows
from onboarding.review import Review
from onboarding.standing import Goal, Milestone

_FIELDS = tuple(name for name in Milestone.__dataclass_fields__)


def mark(review: Review) -> str:
    """A digest of the milestones and goals that the review found."""
    said = [f"{[str(getattr(stone, name)) for name in _FIELDS]}" for stone in review.milestones]
    said += [f"{goal!r}" for goal in review.standing.goals]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]


def write(conn: Connection, reviews: Sequence[Review]) -> None:
    """Write what differs from the rows that are there. Give only reviews whose mark has changed."""
    keys = [review.case_key for review in reviews]
    if not keys:
        return
    stored = {
        (row.onboarding_key, row.name): dict(row._mapping)
        for row in conn.execute(select(MILESTONE).where(MILESTONE.c.onboarding_key.in_(keys)))
    }
    wanted = {
        (review.case_key, stone.name): _milestone(review.case_key, stone)
        for review in reviews
        for stone in review.milestones
    }
    _remove(conn, [key for key in stored if key not in wanted])
    replace_rows(conn, MILESTONE, [row for key, row in wanted.items() if stored.get(key) != row])
    _write_goals(conn, reviews)


def _milestone(onboarding_key: str, stone: Milestone) -> dict[str, Any]:
    return {
        "onboarding_key": onboarding_key,
        "name": stone.name,
        "title": stone.title,
        "stage": stone.stage.value,
        "side": stone.side.value,
        "owner_role": str(stone.owner_role),
        "exit": stone.exit,
        "status": stone.status,
        "due_at": stone.due_at,
        "done_at": stone.done_at,
        "done_by": stone.done_by,
        "reason": stone.reason,
    }


def _remove(conn: Connection, gone: Sequence[tuple[str, str]]) -> None:
    """Milestones that a newer playbook no longer has."""
    if gone:
        statement = delete(MILESTONE).where(
            MILESTONE.c.onboarding_key == bindparam("of"), MILESTONE.c.name == bindparam("called")
        )
        conn.execute(statement, [{"of": key, "called": name} for key, name in gone])


def _write_goals(conn: Connection, reviews: Sequence[Review]) -> None:
    rows = [
        _goal(review.case_key, position, goal)
        for review in reviews
        for position, goal in enumerate(review.standing.goals)
    ]
    conn.execute(delete(GOAL).where(GOAL.c.onboarding_key.in_([review.case_key for review in reviews])))
    replace_rows(conn, GOAL, rows)


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
