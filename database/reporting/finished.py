"""Finished onboardings with their times, and the playbook with which an onboarding began: what forecasts rest on."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from database.tables import JournalRow, MilestoneRow, OnboardingRow
from onboarding.forecast.usual import MOST, Finished
from onboarding.model.vocabulary import Stage, Status, Tier

READ = 2 * MOST
"""Onboardings that are read for one moment, by signature: the latest completed are among them, though not always in
that order."""


def finished(conn: Connection, tier: Tier, signed_at: datetime) -> tuple[Finished, ...]:
    """Return the latest completed onboardings of a tier, and the latest of those signed before ``signed_at`` (UTC).
    Those taken over while under way are left out: their early dates were not seen. Three statements.
    """
    query = (
        select(OnboardingRow.key, OnboardingRow.signed_at, OnboardingRow.opened_at, OnboardingRow.stage_times)
        .where(OnboardingRow.status == Status.COMPLETED.value, OnboardingRow.tier == tier.value)
        .where(OnboardingRow.adopted_at.is_(None))
        .order_by(OnboardingRow.signed_at.desc(), OnboardingRow.key)
        .limit(READ)
    )
    rows = {row.key: row for row in conn.execute(query)}
    if len(rows) == READ:
        rows |= {row.key: row for row in conn.execute(query.where(OnboardingRow.signed_at < signed_at))}
    done = _done(conn, list(rows))
    found = []
    for key, row in rows.items():
        times = {Stage(name): datetime.fromisoformat(at) for name, at in row.stage_times.items()}
        if Stage.DONE in times:
            found.append(
                Finished(
                    signed_at=row.signed_at,
                    opened_at=row.opened_at,
                    completed_at=times[Stage.DONE],
                    stage_times=times,
                    done=done.get(key, {}),
                )
            )
    return tuple(found)


def first_playbook(conn: Connection, key: str) -> str | None:
    """Return the hash of the playbook version by which an onboarding was first decided about; None before that."""
    query = select(JournalRow.playbook).where(JournalRow.onboarding_key == key, JournalRow.playbook != "")
    return conn.execute(query.order_by(JournalRow.id).limit(1)).scalar()


def _done(conn: Connection, keys: list[str]) -> Mapping[str, Mapping[str, datetime]]:
    if not keys:
        return {}
    query = select(MilestoneRow.onboarding_key, MilestoneRow.name, MilestoneRow.done_at).where(
        MilestoneRow.onboarding_key.in_(keys), MilestoneRow.status == "done", MilestoneRow.done_at.is_not(None)
    )
    found: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
    for key, name, at in conn.execute(query):
        found[key][name] = at
    return found
