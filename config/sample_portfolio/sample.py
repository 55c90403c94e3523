"""The bundled sample portfolio: a folder of CSV files like a CRM's export, dated relative to the day it is made.

Its content is in the stories in ``config/sample``; the code knows no customer.
"""

import csv
import os
import shutil
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from config.company.calendars import calendar_of
from config.sample_portfolio.export import Row, tables
from config.sample_portfolio.stories import our_people, stories
from onboarding.dates.working_time import is_working_day

HOUR = time(9, 30)
"""UTC: in working time from London (09:30 in winter) to Kolkata (15:00), in winter and in summer."""
MIDWEEK = (1, 2, 3)
"""Tuesday to Thursday, so that yesterday and tomorrow are working days too."""


def make_sample(folder: Path, today: datetime) -> datetime:
    """Write the sample into ``folder`` and return its own ``as_of``, the last suitable moment up to ``today``.

    The folder appears complete or not at all. An existing one stays as it is, and its own moment is returned: safe to
    repeat, and for two processes at once. The same day gives the same files.
    """
    if folder.exists() and any(folder.iterdir()):
        return sample_as_of(folder)
    as_of = best_moment(today)
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, rows in tables(our_people(), stories(), as_of).items():
            _write(scratch / name, rows)
        os.rename(scratch, folder)
    except OSError:
        shutil.rmtree(scratch, ignore_errors=True)
        if not folder.exists():
            raise
        return sample_as_of(folder)  # another process was first; its folder counts
    return as_of


def sample_as_of(folder: Path) -> datetime:
    """Return the moment for which a sample folder was made: the newest ``SystemModstamp`` of its deals.

    Raise ValueError with the place and the remedy if the folder has none.
    """
    path = folder / "Opportunity.csv"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            stamps = [row.get("SystemModstamp") or "" for row in csv.DictReader(file)]
        return max(datetime.fromisoformat(text).astimezone(UTC) for text in stamps if text)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path}: not the deals of a sample portfolio ({error}); remove the folder to have it made again"
        ) from error


def best_moment(today: datetime) -> datetime:
    """Return the latest 09:30 UTC from Tuesday to Thursday up to ``today`` that is a working day wherever a story needs
    one (``awake``).
    """
    at = datetime.combine(today.astimezone(UTC).date(), HOUR, tzinfo=UTC)
    if at > today:
        at -= timedelta(days=1)
    countries = sorted({story.account.country for story in stories() if story.awake})
    calendars = [calendar_of(country, (at.year - 1, at.year)) for country in countries]
    while at.weekday() not in MIDWEEK or not all(is_working_day(at.date(), calendar) for calendar in calendars):
        at -= timedelta(days=1)
    return at


def _write(path: Path, rows: Iterable[Row]) -> None:
    listed = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(listed[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)
