"""Counts: won deals, onboardings of each tier, and live ones of each owner."""

from collections import Counter

from sqlalchemy import Connection, func, not_, select

from database.tables import DealRow, OnboardingRow
from onboarding.facts.tiers import PROVISIONAL
from onboarding.model.vocabulary import LIVE

_LIVE = sorted(status.value for status in LIVE)
ASSUMED_TIER = OnboardingRow.tier_because.startswith(PROVISIONAL)
"""What ``tiers.held`` says of one, as a condition."""


def count_won(conn: Connection) -> int:
    """Return the number of won deals in the CRM."""
    query = select(func.count()).where(DealRow.won, DealRow.removed_at.is_(None))
    return conn.execute(query).scalar_one()


def count_onboardings(conn: Connection) -> int:
    """Return the number of onboardings, whatever became of them."""
    return conn.execute(select(func.count()).select_from(OnboardingRow)).scalar_one()


def count_by_tier(conn: Connection) -> Counter[str]:
    """Return the number of onboardings by tier, whatever became of them, without those whose tier is only assumed."""
    query = select(OnboardingRow.tier, func.count()).where(OnboardingRow.tier.is_not(None), not_(ASSUMED_TIER))
    return Counter({row[0]: row[1] for row in conn.execute(query.group_by(OnboardingRow.tier))})


def loads(conn: Connection) -> Counter[str]:
    """Return by owner id the number of live onboardings that an owner is accountable for."""
    query = select(OnboardingRow.owner_id, func.count()).where(
        OnboardingRow.status.in_(_LIVE), OnboardingRow.owner_id.is_not(None)
    )
    return Counter({row[0]: row[1] for row in conn.execute(query.group_by(OnboardingRow.owner_id))})
