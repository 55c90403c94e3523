"""Stage and status changes of onboardings, from the journal, and the onboardings known at a moment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from database.tables import JournalRow, OnboardingRow
from onboarding.metrics.known import NOTED, Noted


def opened_by(conn: Connection, as_of: datetime, since: datetime | None = None) -> list[str]:
    """Return the keys of the onboardings that were opened by ``as_of``, of signatures from ``since`` on, in order."""
    query = select(OnboardingRow.key).where(OnboardingRow.opened_at <= as_of, OnboardingRow.signed_at <= as_of)
    if since is not None:
        query = query.where(OnboardingRow.signed_at >= since)
    return list(conn.execute(query.order_by(OnboardingRow.key)).scalars())


def journals(conn: Connection, keys: Sequence[str]) -> Mapping[str, tuple[Noted, ...]]:
    """Return for each of these onboardings its journal lines on stages left and statuses, oldest first. One
    statement."""
    query = (
        select(JournalRow.onboarding_key, JournalRow.at, JournalRow.kind, JournalRow.about)
        .where(JournalRow.onboarding_key.in_(keys), JournalRow.kind.in_(sorted(NOTED)))
        .order_by(JournalRow.onboarding_key, JournalRow.at, JournalRow.id)
    )
    found: defaultdict[str, list[Noted]] = defaultdict(list)
    for key, at, kind, about in conn.execute(query):
        found[key or ""].append(Noted(at, kind, about))
    return {key: tuple(lines) for key, lines in found.items()}
