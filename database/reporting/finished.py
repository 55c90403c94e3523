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


class FinishedOnboardings:
    """The finished onboardings of one read transaction: those of a tier are read once, whoever asks."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._latest: dict[Tier, tuple[Mapping[str, Finished], bool]] = {}

    def of(self, tier: Tier, signed_at: datetime) -> tuple[Finished, ...]:
        """Return the latest completed onboardings of a tier, and the latest of those signed before ``signed_at`` (UTC).

        Those taken over while under way are left out: their early dates were not seen. Two statements for a tier, and
        two for a signature where the tier has more than are read at once.
        """
        if tier not in self._latest:
            self._latest[tier] = _read(self._conn, tier)
        found, is_all = self._latest[tier]
        if not is_all:
            found = {**found, **_read(self._conn, tier, before=signed_at)[0]}
        return tuple(found.values())


def first_playbook(conn: Connection, key: str) -> str | None:
    """Return the hash of the playbook version by which an onboarding was first decided about; None before that."""
    query = select(JournalRow.playbook).where(JournalRow.onboarding_key == key, JournalRow.playbook != "")
    return conn.execute(query.order_by(JournalRow.id).limit(1)).scalar()


def _read(conn: Connection, tier: Tier, before: datetime | None = None) -> tuple[Mapping[str, Finished], bool]:
    """Return the completed onboardings by key, without those whose moment of completion is not known, and whether there
    are no others."""
    query = (
        select(OnboardingRow.key, OnboardingRow.signed_at, OnboardingRow.opened_at, OnboardingRow.stage_times)
        .where(OnboardingRow.status == Status.COMPLETED.value, OnboardingRow.tier == tier)
        .where(OnboardingRow.adopted_at.is_(None))
        .order_by(OnboardingRow.signed_at.desc(), OnboardingRow.key)
        .limit(READ)
    )
    rows = conn.execute(query if before is None else query.where(OnboardingRow.signed_at < before)).all()
    done = _done(conn, [row.key for row in rows])
    found = {}
    for row in rows:
        times = {Stage(name): datetime.fromisoformat(at) for name, at in row.stage_times.items()}
        if Stage.DONE not in times:
            continue
        found[row.key] = Finished(
            signed_at=row.signed_at,
            opened_at=row.opened_at,
            completed_at=times[Stage.DONE],
            stage_times=times,
            done=done.get(row.key, {}),
        )
    return found, len(rows) < READ


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
