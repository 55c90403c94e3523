"""Tables of onboardings and what belongs to one: facts, touchpoints, holds, escalations, journal."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from database.tables.columns import Stored, TableRow, instant, long_text, string, structure


def _onboarding(**more: Any) -> Any:
    return string(foreign_key="onboarding.key", **more)


def _number() -> Any:
    """Return a primary-key column that the program numbers, not the database."""
    return Field(primary_key=True, sa_column_kwargs={"autoincrement": False})


class OnboardingRow(TableRow, table=True):
    """One onboarding: its state, its summary for ``status``, and when it is reviewed next."""

    __tablename__ = "onboarding"

    key: Stored[str] = string(primary_key=True)
    account_id: Stored[str] = string(foreign_key="account.id", index=True)
    version: Stored[int]
    status: Stored[str] = string()
    stage: Stored[str] = string()
    stage_times: Stored[Mapping[str, str]] = structure()
    tier: Stored[str | None] = string()
    tier_because: Stored[str] = string()
    playbook: Stored[str] = string()
    opened_at: Stored[datetime] = instant()
    adopted_at: Stored[datetime | None] = instant()
    blocked: Stored[str | None] = string()
    assignments: Stored[Mapping[str, str]] = structure()
    closed_reason: Stored[str | None] = string()
    conditions: Stored[Mapping[str, Any]] = structure()
    crm_digests: Stored[Mapping[str, Any]] = structure()
    health_history: Stored[Sequence[Any]] = structure()
    unbalanced_at: Stored[datetime | None] = instant()
    signed_at: Stored[datetime] = instant()
    owner_id: Stored[str | None] = string()
    tasks: Stored[Sequence[Any]] = structure()
    summary: Stored[str] = long_text()
    urgency: Stored[str] = string()
    outcome: Stored[str] = string()
    milestones: Stored[str] = string()
    stages_at: Stored[datetime | None] = instant()
    check_ins_at: Stored[datetime | None] = instant()
    escalations_at: Stored[datetime | None] = instant()


class BoardLineRow(TableRow, table=True):
    """What the board filters, counts and sorts an onboarding by, saved with its summary.

    A copy of parts of the summary in columns, so that a page of the board parses the summaries it shows and no others.
    The last five are the reasons of ``Attention`` by name. There is no row until the first review.
    """

    __tablename__ = "board_line"
    __table_args__ = (Index(None, "stage", "urgency"),)

    onboarding_key: Stored[str] = _onboarding(primary_key=True)
    urgency: Stored[str] = string()
    status: Stored[str] = string()
    stage: Stored[str] = string()
    tier: Stored[str] = string()
    owner: Stored[str | None] = string()
    covers_for: Stored[str | None] = string()
    health_band: Stored[str] = string()
    folded_name: Stored[str] = string()
    stalled: Stored[bool]
    critical: Stored[bool]
    decision: Stored[bool]
    on_hold: Stored[bool]
    role_unheld: Stored[bool]


class MilestoneRow(TableRow, table=True):
    """A milestone as it was last saved, for people and reports."""

    __tablename__ = "milestone"

    onboarding_key: Stored[str] = _onboarding(primary_key=True)
    name: Stored[str] = string(primary_key=True)
    title: Stored[str] = string()
    stage: Stored[str] = string()
    side: Stored[str] = string()
    owner_role: Stored[str] = string()
    exit: Stored[bool]
    status: Stored[str] = string()
    due_at: Stored[datetime | None] = instant()
    done_at: Stored[datetime | None] = instant()
    done_by: Stored[str | None] = string()
    reason: Stored[str | None] = string()


class GoalRow(TableRow, table=True):
    """A measurable goal as it was last saved, for people and reports."""

    __tablename__ = "goal"

    onboarding_key: Stored[str] = _onboarding(primary_key=True)
    position: Stored[int] = _number()
    metric: Stored[str] = string()
    baseline: Stored[float]
    target: Stored[float]
    unit: Stored[str] = string()
    due: Stored[str] = string()
    at: Stored[datetime] = instant()
    by: Stored[str] = string()


class FactRow(TableRow, table=True):
    """A fact that was reported once."""

    __tablename__ = "fact"

    onboarding_key: Stored[str] = _onboarding(primary_key=True)
    key: Stored[str] = string(primary_key=True)
    kind: Stored[str] = string()
    name: Stored[str] = string()
    at: Stored[datetime] = instant()
    learned_at: Stored[datetime] = instant()
    source: Stored[str] = string()
    by: Stored[str] = string()
    value: Stored[Mapping[str, Any]] = structure()
    call_at: Stored[datetime | None] = instant()
    """The time of the call on which it agrees."""


class TouchpointRow(TableRow, table=True):
    """The outcome of one occurrence of a step."""

    __tablename__ = "touchpoint"

    onboarding_key: Stored[str] = _onboarding(primary_key=True)
    step: Stored[str] = string(primary_key=True)
    occurrence: Stored[str] = string(primary_key=True)
    outcome: Stored[str] = string()
    at: Stored[datetime] = instant()
    because: Stored[str] = string()


class HoldRow(TableRow, table=True):
    """A time in which the onboarding is on hold."""

    __tablename__ = "hold"

    onboarding_key: Stored[str] = _onboarding(primary_key=True)
    since: Stored[datetime] = instant(primary_key=True)
    reason: Stored[str] = string()
    by: Stored[str] = string()
    until: Stored[datetime | None] = instant()
    ended_at: Stored[datetime | None] = instant()
    resume: Stored[str] = string()


class EscalationRow(TableRow, table=True):
    """An episode of a stall, with its escalation."""

    __tablename__ = "escalation"

    onboarding_key: Stored[str] = _onboarding(primary_key=True)
    number: Stored[int] = _number()
    kind: Stored[str] = string()
    severity: Stored[str] = string()
    cause: Stored[str] = string()
    waiting_on: Stored[str] = string()
    since: Stored[datetime] = instant()
    next_step: Stored[str] = string()
    opened_at: Stored[datetime] = instant()
    level: Stored[int]
    level_at: Stored[datetime | None] = instant()
    posts: Stored[int]
    reminded_at: Stored[datetime | None] = instant()
    acked_at: Stored[datetime | None] = instant()
    acked_by: Stored[str | None] = string()
    snoozed_until: Stored[datetime | None] = instant()
    answered_at: Stored[datetime | None] = instant()
    resolved_reason: Stored[str | None] = string()
    closed_at: Stored[datetime | None] = instant()
    causes: Stored[list[Mapping[str, Any]]] = structure()
    news: Stored[list[Mapping[str, Any]]] = structure()


class JournalRow(TableRow, table=True):
    """A line of the journal: what was decided, when, why and by whom."""

    __tablename__ = "journal"
    __table_args__ = (Index(None, "onboarding_key", "id"),)

    id: Stored[int] = Field(primary_key=True)
    at: Stored[datetime] = instant()
    onboarding_key: Stored[str | None] = _onboarding()
    kind: Stored[str] = string()
    about: Stored[str] = string()
    because: Stored[str] = string()
    playbook: Stored[str] = string()
    by: Stored[str] = string()
    # How whoever did it was known: the command line, Slack ...; empty for a flow.
    known: Stored[str] = string(sa_column_kwargs={"server_default": ""})
