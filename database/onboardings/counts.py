"""How many: deals that are won, and customers each of our people looks after."""

from collections import Counter

from sqlalchemy import Connection, func, select

from database.tables import DealRow, OnboardingRow
from onboarding.model.vocabulary import LIVE

_LIVE = sorted(status.value for status in LIVE)


def count_won(conn: Connection) -> int:
    """How many won deals the CRM shows."""
    query = select(func.count()).where(DealRow.won, DealRow.removed_at.is_(None))
    return conn.execute(query).scalar_one()


def loads(conn: Connection) -> Counter[str]:
    """How many live onboardings each of our people is accountable for, by owner id."""
    query = select(OnboardingRow.owner_id, func.count()).where(
        OnboardingRow.status.in_(_LIVE), OnboardingRow.owner_id.is_not(None)
    )
    return Counter({row[0]: row[1] for row in conn.execute(query.group_by(OnboardingRow.owner_id))})
