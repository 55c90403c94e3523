"""Reads one onboarding for ``show``, ``explain``, ``forecast`` and ``preview``."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli.opening import existing_database
from cli.options import Unusable
from config.settings.load import load_settings
from tasks.views.forecast import with_forecast
from tasks.views.picture import Picture, picture_of, with_history

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from onboarding.forecast.what_if import WhatIf


def take_picture(key: str, now: datetime | None, *, history: bool = False) -> Picture:
    """Return the onboarding meant by ``key`` at ``now`` (UTC; None is the later of the clock and of the last change);
    with ``history`` also what was sent, its journal and its conflicts.

    Raises NotFound, SettingsError and DatabaseProblem. Reads only.
    """
    with _picture(key, now) as (conn, seen):
        seen = with_forecast(conn, seen)
        return with_history(conn, seen) if history else seen


def take_what_if(key: str, now: datetime | None, asked: Sequence[str]) -> "WhatIf":
    """Return what would change under these assumptions (MILESTONE=DATE). Raises Unusable besides. Reads only."""
    from tasks.views.what_if import asked_what_if

    with _picture(key, now) as (conn, seen):
        try:
            return asked_what_if(conn, seen, asked)
        except ValueError as error:
            raise Unusable(f"--if {error}") from None


@contextmanager
def _picture(key: str, now: datetime | None) -> "Iterator[tuple[Connection, Picture]]":
    settings = load_settings()
    database = existing_database(settings)
    try:
        with database.reading() as conn:
            seen = picture_of(conn, key, datetime.now(UTC), asked=now, pilot=settings.only_accounts)
            yield conn, seen
    finally:
        database.close()
