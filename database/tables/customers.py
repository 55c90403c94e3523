"""Tables of what the CRM and the product report: users, accounts, contacts, deals, roles and product usage."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from database.tables.columns import Stored, TableRow, instant, string, structure


class OwnerRow(TableRow, table=True):
    """One of the vendor's people: a user of the CRM."""

    __tablename__ = "owner"

    id: Stored[str] = string(primary_key=True)
    name: Stored[str] = string()
    called: Stored[str | None] = string()
    email: Stored[str] = string(index=True)
    active: Stored[bool]
    zone: Stored[str] = string()
    country: Stored[str | None] = string()
    manager_id: Stored[str | None] = string()
    booking_url: Stored[str | None] = string()
    backup_id: Stored[str | None] = string()
    absences: Stored[Sequence[Mapping[str, str]] | None] = structure()
    """As ``database.crm.owners`` writes them; not from the CRM, so a reading of it leaves them alone."""
    digest: Stored[str] = string()
    gone_at: Stored[datetime | None] = instant()


class AccountRow(TableRow, table=True):
    """One customer's account."""

    __tablename__ = "account"

    id: Stored[str] = string(primary_key=True)
    name: Stored[str] = string(index=True)
    country: Stored[str | None] = string()
    zone: Stored[str | None] = string()
    domain: Stored[str | None] = string(index=True)
    industry: Stored[str | None] = string()
    tier: Stored[str | None] = string()
    unknown_tier: Stored[str] = string()
    csm_id: Stored[str | None] = string()
    specialist_id: Stored[str | None] = string()
    owner_id: Stored[str | None] = string()
    churned_on: Stored[date | None]
    language: Stored[str | None] = string()
    fields: Stored[Mapping[str, str]] = structure()
    digest: Stored[str] = string()
    gone_at: Stored[datetime | None] = instant()


class PersonRow(TableRow, table=True):
    """One of a customer's people: a contact of the CRM."""

    __tablename__ = "person"

    id: Stored[str] = string(primary_key=True)
    account_id: Stored[str] = string(index=True)
    name: Stored[str] = string()
    called: Stored[str | None] = string()
    family_name: Stored[str] = string()
    salutation: Stored[str | None] = string()
    language: Stored[str | None] = string()
    email: Stored[str | None] = string(index=True)
    title: Stored[str | None] = string()
    zone: Stored[str | None] = string()
    country: Stored[str | None] = string()
    opted_out: Stored[bool]
    left_on: Stored[date | None]
    profile: Stored[Mapping[str, str]] = structure()
    buyer: Stored[bool | None]
    digest: Stored[str] = string()
    gone_at: Stored[datetime | None] = instant()


class DealRow(TableRow, table=True):
    """One won deal."""

    __tablename__ = "deal"

    id: Stored[str] = string(primary_key=True)
    account_id: Stored[str] = string(index=True)
    onboarding_key: Stored[str | None] = string(index=True)
    name: Stored[str] = string()
    won: Stored[bool]
    stage_name: Stored[str] = string()
    signed_at: Stored[datetime] = instant()
    close_on: Stored[date]
    seller_id: Stored[str | None] = string()
    amount: Stored[float | None]
    price: Stored[str | None] = string()
    existing: Stored[str | None] = string()
    seats: Stored[int | None]
    product: Stored[str] = string()
    products: Stored[Sequence[str]] = structure()
    fields: Stored[Mapping[str, str]] = structure()
    handoff: Stored[Mapping[str, str]] = structure()
    handoff_seen_at: Stored[datetime | None] = instant()
    goal_values: Stored[str] = string()
    kickoff_at: Stored[datetime | None] = instant()
    kickoff_seen_at: Stored[datetime | None] = instant()
    go_live_on: Stored[date | None]
    removed_at: Stored[datetime | None] = instant()
    digest: Stored[str] = string()


class StakeholderRow(TableRow, table=True):
    """The role of a person in a deal, with the CRM's spelling of it."""

    __tablename__ = "stakeholder"

    deal_id: Stored[str] = string(primary_key=True)
    person_id: Stored[str] = string(primary_key=True, index=True)
    spelling: Stored[str] = string(primary_key=True)
    role: Stored[str | None] = string()
    is_primary: Stored[bool]
    source: Stored[str] = string()
    seen_at: Stored[datetime | None] = instant()
    """When the person was first read in the deal; None of rows from before that was kept."""
    gone_at: Stored[datetime | None] = instant()
    """Since when the CRM has it no longer; it stays, so that who comes back is no newcomer."""


class UnreadableRow(TableRow, table=True):
    """A CRM record that exists and cannot be read."""

    __tablename__ = "unreadable"

    id: Stored[str] = string(primary_key=True)
    because: Stored[str] = string()


class SignalRow(TableRow, table=True):
    """One event of product usage."""

    __tablename__ = "signal"
    __table_args__ = (
        Index("ix_signal_use", "account_id", "name", "at", "user", "count"),
        Index("ix_signal_at", "at", "account_id", "source_account"),
    )

    key: Stored[str] = string(primary_key=True)
    source_account: Stored[str] = string()
    account_id: Stored[str | None] = string()
    name: Stored[str] = string()
    at: Stored[datetime] = instant()
    user: Stored[str] = string()
    count: Stored[int] = Field()
    role: Stored[str] = string(sa_column_kwargs={"server_default": ""})


class SignalDayRow(TableRow, table=True):
    """What one user did of one signal on one day (UTC), summed over the events of an account that the CRM has."""

    __tablename__ = "signal_day"

    account_id: Stored[str] = string(primary_key=True)
    name: Stored[str] = string(primary_key=True)
    user: Stored[str] = string(primary_key=True)
    day: Stored[str] = string(primary_key=True)
    count: Stored[int] = Field(sa_type=BigInteger)
    events: Stored[int] = Field(sa_type=BigInteger)
    first_at: Stored[datetime] = instant()
    last_at: Stored[datetime] = instant()
