"""How many people of each account used the product lately, for the tracks that ask for it (ST-15)."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import Connection, func, select

from database.events.dating import Ours
from database.events.periods import Period
from database.tables import OnboardingRow, PlaybookRow, SignalDayRow

Recent = Mapping[str, Mapping[int, int | None]]
"""By the period's ``whose``, and by the number of days."""


def recent_users(conn: Connection, period: Period, accounts: Collection[str], until: datetime, ours: Ours) -> Recent:
    """Return for each number of days that a track of these accounts' playbooks asks for how many named users had an
    event in so many days up to ``until`` (UTC), over all signals; None where no event names a user.

    One statement for each number of days, of which playbooks have few; without tracks a single one. Only reads. A day
    that is in the time for a part counts by its first and last event, which is exact: the time is a day at least.
    """
    kept, found = SignalDayRow, dict[str, dict[int, int | None]]()
    for days in _asked(conn, accounts):
        users = func.count(func.nullif(kept.user, "").distinct())
        query = period.of(select(period.whose, users).select_from(kept)).group_by(period.whose)
        query = query.where(kept.last_at > until - timedelta(days=days), kept.first_at <= until, ~ours(kept.user))
        for key, number in conn.execute(query.where(period.begins(kept.last_at), period.before_end(kept.first_at))):
            found.setdefault(key, {})[days] = number or None
    return found


def _asked(conn: Connection, accounts: Collection[str]) -> frozenset[int]:
    versions = select(OnboardingRow.playbook).where(OnboardingRow.account_id.in_(sorted(accounts)))
    with_tracks = PlaybookRow.content.contains('"in_use"')
    contents = conn.execute(select(PlaybookRow.content).where(PlaybookRow.hash.in_(versions), with_tracks)).scalars()
    return frozenset(days for content in contents for days in _asked_in(content))


@lru_cache(maxsize=64)
def _asked_in(content: str) -> frozenset[int]:
    return frozenset(track["in_use"]["last_days"] for track in json.loads(content).get("tracks", ()))
