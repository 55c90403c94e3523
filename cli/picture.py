"""One onboarding as it stands at a moment: what was saved, reviewed again by the same rules; nothing changes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from cli.opening import remembered
from config.calendars import calendar_of_code
from config.settings import load_settings
from database import cases, cursors
from database.lookup import find_onboarding
from database.queries import Line, conflict_lines, effect_lines, journal_lines
from onboarding.case import Case
from onboarding.playbook import Playbook
from onboarding.review import Review
from onboarding.reviewing import review
from onboarding.summary import Summary
from tasks.clock import present_in

JOURNAL_LINES = 40
YEARS_AROUND = 2
"""Holidays are looked up so many years before and after a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything that ``show`` and ``explain`` tell."""

    now: datetime
    case: Case
    playbook: Playbook
    review: Review
    summary: Summary
    effects: list[Line]
    journal: list[Line]
    conflicts: list[Line]


def take_picture(key: str, now: datetime | None, *, journal: int | None = JOURNAL_LINES) -> Picture:
    """The onboarding meant by ``key`` at ``now`` (UTC; None is the later of the clock and of what was last
    done).

    Raises NotFound, SettingsError and DatabaseProblem. Reads only.
    """
    settings = load_settings()
    database = remembered(settings)
    try:
        with database.reading() as conn:
            found = find_onboarding(conn, key)
            moment = now or present_in(conn, datetime.now(UTC))
            years = range(moment.year - YEARS_AROUND, moment.year + YEARS_AROUND + 1)
            case = cases.load(conn, [found], partial(calendar_of_code, years=years), settings.only_accounts)[found]
            kept = cursors.kept_playbooks(conn, [case.progress.playbook])
            playbook = Playbook.model_validate_json(kept[case.progress.playbook])
            reviewed = review(case, playbook, moment)
            return Picture(
                now=moment,
                case=case,
                playbook=playbook,
                review=reviewed.review,
                summary=reviewed.summary,
                effects=effect_lines(conn, onboarding_key=found),
                journal=journal_lines(conn, found, journal),
                conflicts=conflict_lines(conn, found),
            )
    finally:
        database.close()
