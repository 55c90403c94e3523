"""Deals that wait to be opened, earlier deals and onboardings of an account, onboardings that wait for a decision."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, NotNullable, Select, or_, select, update

from database.crm.upsert import read_record
from database.onboardings.counts import ASSUMED_TIER
from database.onboardings.openings import accounts
from database.statements import chunks
from database.tables import AccountRow, DealRow, OnboardingRow
from onboarding.model.crm_records import CrmDeal
from onboarding.model.parties import Account
from onboarding.model.vocabulary import LIVE, Status, Tier

_LIVE = sorted(status.value for status in LIVE)


def waiting_accounts(conn: Connection, since: datetime) -> list[str]:
    """Return the ids of the known accounts with won deals that were signed at or after ``since`` and belong to no
    onboarding, in order."""
    query = _waiting(select(DealRow.account_id), since).distinct().order_by(DealRow.account_id)
    return list(conn.execute(query).scalars())


def waiting_deals(conn: Connection, since: datetime, account_ids: Collection[str]) -> tuple[CrmDeal, ...]:
    """Return the won deals of these accounts that were signed at or after ``since`` and belong to no onboarding."""
    found: list[CrmDeal] = []
    for part in chunks(sorted(account_ids)):
        query = _waiting(select(DealRow), since).where(DealRow.account_id.in_(part))
        rows = conn.execute(query.order_by(DealRow.account_id, DealRow.signed_at, DealRow.id))
        found += [read_record(row) for row in rows]
    return tuple(found)


def _waiting(query: Select[Any], since: datetime) -> Select[Any]:
    known = query.join(AccountRow, AccountRow.id == DealRow.account_id)
    known = known.where(DealRow.onboarding_key.is_(None), DealRow.signed_at >= since)
    return known.where(DealRow.won, DealRow.removed_at.is_(None), AccountRow.gone_at.is_(None))


def won_deals(conn: Connection, account_ids: Collection[str]) -> dict[str, list[tuple[datetime, str]]]:
    """Return won deals of any age by account id, as (signed at, name), without those of cancelled onboardings."""
    found: dict[str, list[tuple[datetime, str]]] = {}
    for part in chunks(sorted(account_ids)):
        query = select(DealRow.account_id, DealRow.signed_at, DealRow.name).where(DealRow.account_id.in_(part))
        query = query.outerjoin(OnboardingRow, OnboardingRow.key == DealRow.onboarding_key)
        held = or_(OnboardingRow.status.is_(None), OnboardingRow.status != Status.CANCELLED.value)
        for account_id, at, name in conn.execute(query.where(DealRow.won, DealRow.removed_at.is_(None), held)):
            found.setdefault(account_id, []).append((at, name))
    return found


def latest_onboardings(conn: Connection, account_ids: Collection[str]) -> dict[str, str]:
    """Return the key of the latest onboarding by account id, whatever its status."""
    found: dict[str, str] = {}
    for part in chunks(sorted(account_ids)):
        query = select(OnboardingRow.account_id, OnboardingRow.key).where(OnboardingRow.account_id.in_(part))
        found |= {row.account_id: row.key for row in conn.execute(query.order_by(OnboardingRow.signed_at))}
    return found


def blocked_of(conn: Connection, keys: Collection[str]) -> list[tuple[str, str, str]]:
    """Return the blocked ones of these onboardings as (key, account's name, reason), by name."""
    return [one for part in chunks(sorted(keys)) for one in _blocked(conn, OnboardingRow.key.in_(part))]


def blocked_since(conn: Connection, opened_at: datetime) -> list[tuple[str, str, str]]:
    """Return the same of the onboardings that were opened at ``opened_at`` or later. Reads the whole table."""
    return _blocked(conn, OnboardingRow.opened_at >= opened_at)


def _blocked(conn: Connection, which: ColumnElement[bool]) -> list[tuple[str, str, str]]:
    query = select(OnboardingRow.key, AccountRow.name, NotNullable(OnboardingRow.blocked))
    query = query.join(AccountRow, AccountRow.id == OnboardingRow.account_id)
    query = query.where(which, OnboardingRow.blocked.is_not(None))
    return [row._tuple() for row in conn.execute(query.order_by(AccountRow.name, OnboardingRow.key))]


def waiting_for_tier(conn: Connection, reason: str) -> list[tuple[str, CrmDeal, Account]]:
    """Return live onboardings blocked for a reason that begins with ``reason``, with their first deal and account."""
    waiting = OnboardingRow.blocked.startswith(reason, autoescape=True)
    keys = conn.execute(select(OnboardingRow.key).where(waiting, OnboardingRow.status.in_(_LIVE))).scalars().all()
    found: list[tuple[str, CrmDeal, Account]] = []
    for part in chunks(sorted(keys)):
        deals = [read_record(row) for row in conn.execute(select(DealRow).where(DealRow.id.in_(part)))]
        known = accounts(conn, {deal.account_id for deal in deals})
        found += [(deal.id, deal, known[deal.account_id]) for deal in deals if deal.account_id in known]
    return found


def assumed_tiers(conn: Connection, keys: Collection[str]) -> dict[str, Tier]:
    """Return by key the tier of those onboardings whose tier is only assumed."""
    found: dict[str, Tier] = {}
    for part in chunks(sorted(keys)):
        query = select(OnboardingRow.key, NotNullable(OnboardingRow.tier)).where(OnboardingRow.key.in_(part))
        found |= {key: Tier(tier) for key, tier in conn.execute(query.where(ASSUMED_TIER))}
    return found


def keep_tiers(conn: Connection, keys: Collection[str], because: str) -> None:
    """Store that the tier that was only assumed holds for these onboardings."""
    for part in chunks(sorted(keys)):
        conn.execute(update(OnboardingRow).where(OnboardingRow.key.in_(part)).values(tier_because=because))


def settle_tier(conn: Connection, key: str, tier: Tier, because: str, playbook: str) -> None:
    """Store the tier of an onboarding that waited for it, and unblock it."""
    known = {"tier": tier, "tier_because": because, "playbook": playbook, "blocked": None}
    conn.execute(update(OnboardingRow).where(OnboardingRow.key == key).values(known))
