"""Stage and status changes of onboardings, from the journal, and the onboardings known at a moment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from database.onboardings import surroundings
from database.tables import JournalRow, OnboardingRow
from onboarding.metrics.known import NOTED, Noted
from onboarding.model.case import Case
from onboarding.model.reports import CORRECTIONS


def opened_by(conn: Connection, as_of: datetime, since: datetime | None = None) -> list[str]:
    """Return the keys of the onboardings that were opened by ``as_of``, of signatures from ``since`` on, in order."""
    query = select(OnboardingRow.key).where(OnboardingRow.opened_at <= as_of, OnboardingRow.signed_at <= as_of)
    if since is not None:
        query = query.where(OnboardingRow.signed_at >= since)
    return list(conn.execute(query.order_by(OnboardingRow.key)).scalars())


def as_used_at(conn: Connection, cases: Mapping[str, Case], at: datetime) -> dict[str, Case]:
    """Return these cases with the product usage up to ``at`` (UTC): the one part of a case that is read for a moment,
    and cannot be cut afterwards. Some four statements."""
    query = select(OnboardingRow.key, OnboardingRow.account_id, *surroundings.neighbours())
    rows = conn.execute(query.where(OnboardingRow.key.in_(sorted(cases)))).all()
    accounts = {one.account.id: one.account for one in cases.values()}
    corrected = {one.account.id for one in cases.values() if any(fact.kind in CORRECTIONS for fact in one.facts)}
    used = surroundings.used_by(conn, rows, accounts, corrected, at)
    return {key: replace(one, usage=used[key]) for key, one in cases.items()}


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
