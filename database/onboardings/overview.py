"""Queries for people and reports: the state of all onboardings, effects, journal, conflicts."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, func, select

from database.crm.owners import read_owner
from database.statements import chunks
from database.tables import (
    EffectRow,
    EscalationRow,
    FactRow,
    HoldRow,
    JournalRow,
    MilestoneRow,
    OnboardingRow,
    OwnerRow,
    StoredCrmRow,
    columns,
)
from onboarding.escalations.digest import REMEMBERED
from onboarding.model.parties import Owner
from onboarding.model.vocabulary import LIVE, Channel, EffectState, Side, Stage, Status

GONE = (Status.CHURNED.value, Status.CANCELLED.value)
DIGEST_AHEAD = timedelta(days=4)
"""A working day ahead, over any weekend."""
Line = Mapping[str, Any]
"""One line of output: names as ``--json`` prints them, moments aware and in UTC."""


def status_lines(
    conn: Connection, stage: Stage | None = None, keys: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """Return the ``status`` line of every onboarding that was reviewed, the most urgent first.

    ``stage`` narrows to those in it; churned and cancelled ones are in no stage.
    """
    query = select(OnboardingRow.summary).where(OnboardingRow.outcome != "").order_by(OnboardingRow.urgency)
    if stage is not None:
        query = query.where(OnboardingRow.stage == stage.value, OnboardingRow.status.not_in(GONE))
    if keys is not None:
        query = query.where(OnboardingRow.key.in_(keys))
    return [from_json(summary) for summary in conn.execute(query).scalars()]


def fact_counts(conn: Connection) -> dict[str, tuple[int, datetime]]:
    """Return by onboarding how many facts are known, and when the last of them was learned."""
    query = select(FactRow.onboarding_key, func.count(), func.max(FactRow.learned_at)).group_by(FactRow.onboarding_key)
    return {row[0]: (row[1], row[2]) for row in conn.execute(query)}


def effect_lines(
    conn: Connection,
    *,
    onboarding_key: str | None = None,
    state: EffectState | None = None,
    channel: Channel | None = None,
    error: str | None = None,
) -> list[Line]:
    """Return the lines of ``effects``, by due date. ``error`` narrows to effects whose error contains this text."""
    query = (
        select(
            EffectRow.key,
            OnboardingRow.account_id,
            EffectRow.onboarding_key.label("deal_id"),
            *columns(EffectRow, *_EFFECT),
        )
        .select_from(EffectRow)
        .outerjoin(OnboardingRow, OnboardingRow.key == EffectRow.onboarding_key)
        .order_by(EffectRow.due_at, EffectRow.key)
    )
    if onboarding_key is not None:
        query = query.where(EffectRow.onboarding_key == onboarding_key)
    if state is not None:
        query = query.where(EffectRow.state == state.value)
    if channel is not None:
        query = query.where(EffectRow.channel == channel.value)
    if error is not None:
        query = query.where(EffectRow.error.icontains(error, autoescape=True))
    return [dict(row._mapping) for row in conn.execute(query)]


def journal_lines(conn: Connection, onboarding_key: str | None = None, limit: int | None = None) -> list[Line]:
    """Return the journal, the oldest line first (with ``limit`` only the latest so many)."""
    query = select(JournalRow).order_by(JournalRow.id.desc()).limit(limit)
    if onboarding_key is not None:
        query = query.where(JournalRow.onboarding_key == onboarding_key)
    return [dict(row._mapping) for row in reversed(conn.execute(query).all())]


def conflict_lines(conn: Connection, onboarding_key: str | None = None) -> list[Line]:
    """Return the CRM rows in which both sides changed the same field."""
    query = select(StoredCrmRow.key, StoredCrmRow.conflict).where(StoredCrmRow.conflict.is_not(None))
    if onboarding_key is not None:
        query = query.where(StoredCrmRow.onboarding_key == onboarding_key)
    return [dict(row._mapping) for row in conn.execute(query.order_by(StoredCrmRow.key))]


def provider_ids(conn: Connection, keys: Collection[str]) -> dict[str, str]:
    """Return the provider's ids of these effects by key, as far as they were sent."""
    found: dict[str, str] = {}
    for part in chunks(sorted(keys)):
        query = select(EffectRow.key, EffectRow.provider_id).where(
            EffectRow.key.in_(part), EffectRow.provider_id.is_not(None)
        )
        found |= {row.key: row.provider_id for row in conn.execute(query)}
    return found


def all_keys(conn: Connection) -> list[str]:
    """Return the keys of all onboardings, in order."""
    return list(conn.execute(select(OnboardingRow.key).order_by(OnboardingRow.key)).scalars())


def keys_of(conn: Connection, statuses: Collection[Status]) -> list[str]:
    """Return the keys of all onboardings with one of these statuses, in order."""
    states = sorted(status.value for status in statuses)
    query = select(OnboardingRow.key).where(OnboardingRow.status.in_(states)).order_by(OnboardingRow.key)
    return list(conn.execute(query).scalars())


def gone(conn: Connection) -> list[tuple[Status, Stage]]:
    """Return the status and the last stage of every onboarding that was churned or cancelled."""
    query = select(OnboardingRow.status, OnboardingRow.stage).where(OnboardingRow.status.in_(GONE))
    return [(Status(row.status), Stage(row.stage)) for row in conn.execute(query)]


def activated(conn: Connection, keys: Collection[str]) -> frozenset[str]:
    """Return the keys of those of these onboardings that were saved as activated."""
    found: set[str] = set()
    for part in chunks(sorted(keys)):
        query = select(OnboardingRow.key, OnboardingRow.summary).where(OnboardingRow.key.in_(part))
        found.update(row.key for row in conn.execute(query) if _is_activated(row.summary))
    return frozenset(found)


def _is_activated(summary: str | None) -> bool:
    return bool(summary and json.loads(summary).get("activated_at"))


def owners(conn: Connection) -> dict[str, Owner]:
    """Return all of the vendor's people by id."""
    return {row.id: read_owner(row) for row in conn.execute(select(OwnerRow))}


_EFFECT = (
    "channel",
    "kind",
    "occurrence",
    "recipient",
    "role",
    "due_at",
    "state",
    "attempts",
    "sent_at",
    "provider_id",
    "error",
    "because",
)


def due_effects(conn: Connection, channel: Channel, as_of: datetime, account_ids: Collection[str]) -> list[str]:
    """Return the keys of effects due on a channel for these accounts, the longest due first."""
    query = (
        select(EffectRow.key)
        .join(OnboardingRow, OnboardingRow.key == EffectRow.onboarding_key)
        .where(EffectRow.channel == channel.value, EffectRow.state == EffectState.PLANNED.value)
        .where(EffectRow.not_before <= as_of, OnboardingRow.account_id.in_(sorted(account_ids)))
        .order_by(EffectRow.not_before, EffectRow.key)
    )
    return list(conn.execute(query).scalars())


def with_digest_content(conn: Connection, as_of: datetime, within: timedelta = DIGEST_AHEAD) -> list[str]:
    """Return the keys of onboardings with content for a digest: a stall that is open or was lately, a task for a
    person, or work that is not the customer's and due ``within`` this time or done lately; and of those that are on
    hold or were until lately: a digest keeps what its reader knows of them."""
    since = as_of - REMEMBERED
    stalls = [
        select(EscalationRow.onboarding_key).where(which)  # one by one: with an OR no index is used
        for which in (EscalationRow.closed_at.is_(None), EscalationRow.closed_at >= since)
    ]
    due = select(MilestoneRow.onboarding_key).where(
        MilestoneRow.status == "open",
        MilestoneRow.side != Side.CUSTOMER.value,
        MilestoneRow.due_at <= as_of + within,
    )
    done = select(MilestoneRow.onboarding_key).where(
        MilestoneRow.status == "done", MilestoneRow.side != Side.CUSTOMER.value, MilestoneRow.done_at >= since
    )
    resumed = select(HoldRow.onboarding_key).where(func.coalesce(HoldRow.ended_at, HoldRow.until) >= since)
    shown = sorted({*(status.value for status in LIVE), Status.COMPLETED.value})
    query = select(OnboardingRow.key, OnboardingRow.status, OnboardingRow.tasks).where(OnboardingRow.status.in_(shown))
    stalled = {key for one in stalls for key in conn.execute(one).scalars()}
    told = {key for one in (due, done, resumed) for key in conn.execute(one).scalars()}
    rest = Status.ON_HOLD.value
    said = (row.key for row in conn.execute(query) if row.key in told or row.tasks or row.status == rest)
    return sorted({*stalled, *said})


def existing_effects(conn: Connection, keys: Collection[str]) -> frozenset[str]:
    """Return those of these effect keys that exist."""
    found: set[str] = set()
    for part in chunks(sorted(keys)):
        found.update(conn.execute(select(EffectRow.key).where(EffectRow.key.in_(part))).scalars())
    return frozenset(found)
