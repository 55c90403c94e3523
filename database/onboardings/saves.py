"""Saves what reviews decided: state, journal and effects in one transaction, or nothing of it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from database.acting import how_known
from database.bulk import collector_resting
from database.onboardings import projections
from database.onboardings.cases import MOMENTS
from database.outbox import planned
from database.statements import chunks, insert_new, replace_rows
from database.tables import EscalationRow, JournalRow, OnboardingRow, TouchpointRow, dump
from onboarding.escalations.stored import stored_episode
from onboarding.health.summary import Summary
from onboarding.model.case import Episode
from onboarding.model.conditions.result import stored_results
from onboarding.model.review import Review

Reviewed = tuple[Review, Summary]
"""A review, and the line of it that ``status`` shows."""


@collector_resting()
def save(conn: Connection, reviews: Sequence[Reviewed], as_of: datetime, by: str) -> frozenset[str]:
    """Save a batch of reviews inside the transaction of ``conn``; return the keys whose version had changed.

    Nothing is saved of those: the onboarding changed after it was read, so read and review it again. A review that
    decided nothing and whose outcome equals the stored one only updates its next moments. Safe to repeat: an effect's
    key exists once, and the second save of one review meets a newer version. The journal names the playbook version
    that each onboarding runs on.
    """
    stored = _locked(conn, [review.case_key for review, _ in reviews])
    moved: set[str] = set()
    quiet: list[Review] = []
    loud: list[Review] = []
    changed: list[Review] = []
    told: list[tuple[Summary, str]] = []
    rows: list[tuple[str, Mapping[str, Any]]] = []
    for review, summary in reviews:
        known = stored.get(review.case_key)
        if known is None or known.version != review.version:
            moved.add(review.case_key)
            continue
        row = _row(review, summary)
        if not _decides(review) and (known.outcome, known.milestones) == (row["outcome"], row["milestones"]):
            quiet.append(review)
            continue
        loud.append(review)
        told.append((summary, row["urgency"]))
        rows.append((review.case_key, {**row, **_moments(review)}))
        if known.milestones != row["milestones"]:
            changed.append(review)
    _update(conn, [(review.case_key, _moments(review)) for review in quiet])
    if loud:
        projections.write(conn, changed)
        _update(conn, rows)
        projections.write_board_lines(conn, told)
        _write_decisions(conn, loud, as_of, by)
    return frozenset(moved)


def lock(conn: Connection, onboarding_key: str) -> None:
    """Let no other transaction change this onboarding, or another one of its account, before this one ends; SQLite has
    one writer anyway.

    All of the account, in the order of their keys as everywhere: what is learned of a person marks the others too, and
    two that held one onboarding each and wanted the other's would deadlock on PostgreSQL.
    """
    account = select(OnboardingRow.account_id).where(OnboardingRow.key == onboarding_key).scalar_subquery()
    query = select(OnboardingRow.key).where(OnboardingRow.account_id == account)
    conn.execute(query.order_by(OnboardingRow.key).with_for_update(key_share=True)).all()


def versions(conn: Connection, keys: Iterable[str]) -> dict[str, int]:
    """Return the versions of these onboardings by key. Every change of what a review reads raises the version."""
    found: dict[str, int] = {}
    for part in chunks(keys):
        query = select(OnboardingRow.key, OnboardingRow.version).where(OnboardingRow.key.in_(part))
        found.update((row.key, row.version) for row in conn.execute(query))
    return found


def _locked(conn: Connection, keys: Sequence[str]) -> Mapping[str, Row[Any]]:
    """Return what is stored. On PostgreSQL the rows stay locked to the end; SQLite has one writer anyway."""
    query = select(OnboardingRow.key, OnboardingRow.version, OnboardingRow.outcome, OnboardingRow.milestones).where(
        OnboardingRow.key.in_(keys)
    )
    query = query.order_by(OnboardingRow.key).with_for_update(key_share=True)
    return {row.key: row for row in conn.execute(query)}


def _decides(review: Review) -> bool:
    return bool(review.decisions or review.touchpoints or review.effects or review.changes or review.episodes)


def _moments(review: Review) -> dict[str, datetime | None]:
    return {column.key: review.next_at.get(concern) for concern, column in MOMENTS.items()}


def _update(conn: Connection, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    if not rows:
        return
    names = list(rows[0][1])
    statement = (
        update(OnboardingRow)
        .where(OnboardingRow.key == bindparam("case_key"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    conn.execute(
        statement,
        [{"case_key": key, **{f"new_{name}": value for name, value in row.items()}} for key, row in rows],
    )


def _row(review: Review, summary: Summary) -> dict[str, Any]:
    """Return the onboarding's row; ``outcome`` is a hash of all its values."""
    progress, owner = review.progress, review.state.owner
    row = {
        "status": progress.status.value,
        "stage": progress.stage.value,
        "stage_times": {stage.value: at.isoformat() for stage, at in progress.stage_times.items()},
        "tier": progress.tier,
        "tier_because": progress.tier_because,
        "playbook": progress.playbook,
        "adopted_at": progress.adopted_at,
        "blocked": progress.blocked,
        "assignments": {role.value: owner_id for role, owner_id in progress.assignments.items()},
        "closed_reason": progress.closed_reason,
        "conditions": stored_results(progress.conditions),
        "crm_digests": dict(progress.crm_digests),
        "health_history": [list(entry) for entry in progress.health_history],
        "unbalanced_at": progress.unbalanced_at,
        "owner_id": owner.id if owner else None,
        "tasks": _tasks(review),
        "summary": dump(summary.as_json()),
        "urgency": _urgency(summary),
    }
    row["outcome"] = hashlib.sha256(repr(row).encode()).hexdigest()[:32]
    return row | {"version": review.version + 1, "milestones": projections.mark(review)}


def _urgency(summary: Summary) -> str:
    """Return ``Summary.urgency`` as text, by which the database can sort."""
    live, stalled, level, health, since, deal_id = summary.urgency
    return f"{live}{stalled}{level + 9}{health:03d}{since.astimezone(UTC).isoformat()}{deal_id}"


def _tasks(review: Review) -> list[dict[str, Any]]:
    """Return the tasks for people, each with the person who has the role now."""
    team = {str(role): owner.id for role, owner in review.state.team.items()}
    return [
        {
            "role": task.role,
            "owner_id": team.get(task.role),
            "text": task.text,
            "due_at": task.due_at.isoformat() if task.due_at else None,
        }
        for task in review.tasks
    ]


def _write_decisions(conn: Connection, reviews: Sequence[Review], as_of: datetime, by: str) -> None:
    touchpoints = [
        {
            "onboarding_key": review.case_key,
            "step": point.step,
            "occurrence": point.occurrence,
            "outcome": point.outcome.value,
            "at": point.at,
            "because": point.because,
        }
        for review in reviews
        for point in review.touchpoints
    ]
    insert_new(conn, TouchpointRow, touchpoints)
    # Changes first: a cancelled mail frees its address for its successor.
    planned.change(conn, [change for review in reviews for change in review.changes])
    planned.plan(conn, [(review.case_key, effect) for review in reviews for effect in review.effects], as_of)
    episodes = [_episode(review.case_key, episode) for review in reviews for episode in review.episodes]
    replace_rows(conn, EscalationRow, episodes)
    lines = [
        {
            "at": as_of,
            "onboarding_key": review.case_key,
            "kind": decision.kind,
            "about": decision.about,
            "because": decision.because,
            "playbook": review.progress.playbook,
            "by": by,
            "known": how_known(by),
        }
        for review in reviews
        for decision in review.decisions
    ]
    if lines:
        conn.execute(insert(JournalRow), lines)


def _episode(onboarding_key: str, episode: Episode) -> dict[str, Any]:
    return {
        "onboarding_key": onboarding_key,
        **stored_episode(episode),
    }
