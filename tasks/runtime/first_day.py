"""The close date from which on deals are taken in (FIRST90_CRM_SINCE)."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection

from config.settings.load import Settings
from database import key_values

LOOK_BACK = timedelta(days=180)
"""How long before the first run a deal may have been signed to be taken in."""


def first_day(conn: Connection, settings: Settings, now: datetime) -> date:
    """Return the first day taken in: as set, else counted back from the first run (``now`` where there was none)."""
    if settings.crm_since is not None:
        return settings.crm_since
    first = key_values.read(conn, key_values.FIRST_RUN)
    return ((first.at if first else now) - LOOK_BACK).date()


def first_moment(conn: Connection, settings: Settings, now: datetime) -> datetime:
    """Return the start (UTC) of the first day taken in. Notes the first run, from which the day may be counted."""
    key_values.first_run(conn, now)
    return datetime.combine(first_day(conn, settings, now), time.min, UTC)
