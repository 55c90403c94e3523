"""Who was a customer before, and which onboardings wait for a person's word from their beginning on."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from database.intake import read_record
from database.openings import accounts
from database.tables import ACCOUNT, DEAL, ONBOARDING
from database.writes import chunks
from onboarding.parties import Account
from onboarding.records import CrmDeal
from onboarding.words import LIVE, Status, Tier

_LIVE = sorted(status.value for status in LIVE)


def won_deals(conn: Connection, account_ids: Collection[str]) -> dict[str, list[tuple[datetime, str]]]:
    """Account id to its won deals, however old, as (signed at, name), but for those that were cancelled."""
    found: dict[str, list[tuple[datetime, str]]] = {}
    for part in chunks(sorted(account_ids)):
        query = select(DEAL.c.account_id, DEAL.c.signed_at, DEAL.c.name).where(DEAL.c.account_id.in_(part))
        query = query.outerjoin(ONBOARDING, ONBOARDING.c.key == DEAL.c.onboarding_key)
        held = or_(ONBOARDING.c.status.is_(None), ONBOARDING.c.status != Status.CANCELLED.value)
        for account_id, at, name in conn.execute(query.where(DEAL.c.won, DEAL.c.removed_at.is_(None), held)):
            found.setdefault(account_id, []).append((at, name))
    return found


def latest_onboardings(conn: Connection, account_ids: Collection[str]) -> dict[str, str]:
    """Account id to the key of its latest onboarding, whatever became of it."""
    found: dict[str, str] = {}
    for part in chunks(sorted(account_ids)):
        query = select(ONBOARDING.c.account_id, ONBOARDING.c.key).where(ONBOARDING.c.account_id.in_(part))
        found |= {row.account_id: row.key for row in conn.execute(query.order_by(ONBOARDING.c.signed_at))}
    return found


def blocked_of(conn: Connection, keys: Collection[str]) -> list[tuple[str, str, str]]:
    """Those of these onboardings that are blocked, as (key, account's name, why), by name."""
    found: list[tuple[str, str, str]] = []
    for part in chunks(sorted(keys)):
        query = select(ONBOARDING.c.key, ACCOUNT.c.name, ONBOARDING.c.blocked)
        query = query.join(ACCOUNT, ACCOUNT.c.id == ONBOARDING.c.account_id)
        blocked = ONBOARDING.c.blocked.is_not(None)
        found += [row._tuple() for row in conn.execute(query.where(ONBOARDING.c.key.in_(part), blocked))]
    return sorted(found, key=lambda one: (one[1], one[0]))


def waiting_for_tier(conn: Connection, reason: str) -> list[tuple[str, CrmDeal, Account]]:
    """Onboardings blocked for a reason that begins so, each with its first deal and its account."""
    waiting = ONBOARDING.c.blocked.startswith(reason, autoescape=True)
    keys = conn.execute(select(ONBOARDING.c.key).where(waiting, ONBOARDING.c.status.in_(_LIVE))).scalars().all()
    found: list[tuple[str, CrmDeal, Account]] = []
    for part in chunks(sorted(keys)):
        deals = [read_record(row) for row in conn.execute(select(DEAL).where(DEAL.c.id.in_(part)))]
        known = accounts(conn, {deal.account_id for deal in deals})
        found += [(deal.id, deal, known[deal.account_id]) for deal in deals if deal.account_id in known]
    return found


def settle_tier(conn: Connection, key: str, tier: Tier, because: str, playbook: str) -> None:
    """The tier is known now, and no longer stands in the way."""
    known = {"tier": tier.value, "tier_because": because, "playbook": playbook, "blocked": None}
    conn.execute(update(ONBOARDING).where(ONBOARDING.c.key == key).values(known))
