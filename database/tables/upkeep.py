"""Tables of effects, and of what the program stores for itself: stops, values by name, playbooks, problems."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, false
from sqlmodel import Field

from database.tables.columns import Stored, TableRow, instant, long_text, string, structure


class EffectRow(TableRow, table=True):
    """An effect: a mail, a Slack message or a CRM row to write, with its state and lease."""

    __tablename__ = "effect"
    # One address gets one mail for a step and occurrence, even if several people share it (NULLs do not clash).
    __table_args__ = (UniqueConstraint("onboarding_key", "kind", "occurrence", "mail_to"),)

    key: Stored[str] = string(primary_key=True)
    onboarding_key: Stored[str | None] = string(foreign_key="onboarding.key", index=True)
    channel: Stored[str] = string()
    kind: Stored[str] = string()
    occurrence: Stored[str] = string()
    # The person it is for; empty for a CRM row, whose key is ``target_id``.
    person_id: Stored[str] = string()
    target_id: Stored[str] = string(sa_column_kwargs={"server_default": ""})
    recipient: Stored[str] = string()
    mail_to: Stored[str | None] = string()
    # The reader's day on which it counts (ISO), once it is admitted: see database/channels/daily_counts.py.
    mail_day: Stored[str | None] = string()
    role: Stored[str] = string()
    state: Stored[str] = string()
    due_at: Stored[datetime] = instant()
    not_before: Stored[datetime] = instant()
    expires_at: Stored[datetime | None] = instant()
    because: Stored[str] = string()
    data: Stored[Mapping[str, Any]] = structure()
    payload: Stored[str | None] = long_text()
    created_at: Stored[datetime] = instant()
    attempts: Stored[int]
    crashes: Stored[int]
    in_doubt: Stored[bool]
    # Refused for now for a reason that may need a person: reported once, and tried again all the same.
    needs_person: Stored[bool] = Field(sa_column_kwargs={"server_default": false()})
    first_try_at: Stored[datetime | None] = instant()
    first_left_at: Stored[datetime | None] = instant()
    # When it last left, by the wall clock; compared with the record in the home (database/outbox/departures.py).
    departed_at: Stored[datetime | None] = instant()
    lease_token: Stored[str | None] = string()
    lease_until: Stored[datetime | None] = instant()
    sent_at: Stored[datetime | None] = instant()
    provider_id: Stored[str | None] = string()
    error: Stored[str | None] = string()
    # The times for a call that it offers (``onboarding.booking.offer``), and when the last of them is over.
    offer: Stored[Mapping[str, Any] | None] = structure()
    offered_until: Stored[datetime | None] = instant()


class StopRow(TableRow, table=True):
    """A channel that a person stopped."""

    __tablename__ = "stop"

    channel: Stored[str] = string(primary_key=True)
    reason: Stored[str] = string()
    by: Stored[str] = string()
    at: Stored[datetime] = instant()


class KeyValueRow(TableRow, table=True):
    """A value stored by name."""

    __tablename__ = "key_value"

    name: Stored[str] = string(primary_key=True)
    value: Stored[str] = long_text()
    at: Stored[datetime] = instant()


class PlaybookRow(TableRow, table=True):
    """A version of a playbook that onboardings run on."""

    __tablename__ = "playbook"

    hash: Stored[str] = string(primary_key=True)
    tier: Stored[str] = string()
    content: Stored[str] = long_text()
    at: Stored[datetime] = instant()


class CalendarRow(TableRow, table=True):
    """The working days of a country, as reviews counted them."""

    __tablename__ = "calendar"

    country: Stored[str] = string(primary_key=True)
    first_year: Stored[int]
    last_year: Stored[int]
    weekend: Stored[Sequence[int]] = structure()
    days_off: Stored[Sequence[str]] = structure()


class SetAsideRow(TableRow, table=True):
    """A record of a source that could not be read, and why."""

    __tablename__ = "set_aside"

    source: Stored[str] = string(primary_key=True)
    record: Stored[str] = string(primary_key=True)
    field: Stored[str] = string(primary_key=True)
    problem: Stored[str] = string(primary_key=True)
    first_seen_at: Stored[datetime] = instant()
    seen_at: Stored[datetime] = instant()
    told_at: Stored[datetime | None] = instant()
    gone_at: Stored[datetime | None] = instant()


class StoredCrmRow(TableRow, table=True):
    """A row of the CRM as it was last written by us or read from there."""

    __tablename__ = "crm_row"

    key: Stored[str] = string(primary_key=True)
    onboarding_key: Stored[str] = string(index=True)
    values: Stored[Mapping[str, str]] = structure()
    conflict: Stored[Mapping[str, str] | None] = structure()
    at: Stored[datetime] = instant()
