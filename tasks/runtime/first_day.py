"""From which close date on deals are taken in (FIRST90_CRM_SINCE)."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection

from config.settings.load import Settings
from database import key_values

LOOK_BACK = timedelta(days=180)
"""How far before the first run a signature may lie to be taken in."""


def first_day(conn: Connection, settings: Settings, now: datetime) -> date:
    """The first day taken in: as set, else counted back from the first run, which is ``now`` where there was none."""
    if settings.crm_since is not None:
        return settings.crm_since
    first = key_values.read(conn, key_values.FIRST_RUN)
    return ((first.at if first else now) - LOOK_BACK).date()


def first_moment(conn: Connection, settings: Settings, now: datetime) -> datetime:
    """The first moment of the first day taken in; the first run, which it may count from, is noted."""
    key_values.first_run(conn, now)
    return datetime.combine(first_day(conn, settings, now), time.min, UTC)
