"""Reads one onboarding for ``show``, ``explain`` and ``preview``."""

from datetime import UTC, datetime

from cli.opening import existing_database
from config.settings.load import load_settings
from tasks.views.picture import Picture, picture_of, with_history


def take_picture(key: str, now: datetime | None, *, history: bool = False) -> Picture:
    """Return the onboarding meant by ``key`` at ``now`` (UTC; None is the later of the clock and of the last change);
    with ``history`` also what was sent, its journal and its conflicts.

    Raises NotFound, SettingsError and DatabaseProblem. Reads only.
    """
    settings = load_settings()
    database = existing_database(settings)
    try:
        with database.reading() as conn:
            seen = picture_of(conn, key, datetime.now(UTC), asked=now, pilot=settings.only_accounts)
            return with_history(conn, seen) if history else seen
    finally:
        database.close()
