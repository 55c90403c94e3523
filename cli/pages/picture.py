"""One onboarding as it stands at a moment: what was saved, reviewed again by the same rules; nothing changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cli.opening import remembered
from config.company.calendars import calendar_of_code, years_around
from config.playbook_library.kept import put_together
from config.settings.load import load_settings
from database import key_values
from database.channels.halted import halted
from database.crm.problems import open_problems
from database.onboardings import cases
from database.onboardings.calendars import kept_calendars
from database.onboardings.lookup import find_onboarding
from database.onboardings.overview import Line, conflict_lines, effect_lines, journal_lines
from onboarding.explain.explanation import Explanation, explain
from onboarding.health.summary import Summary
from onboarding.model.case import Calendar, Case
from onboarding.model.crm_records import Problem
from onboarding.model.playbook import Playbook
from onboarding.model.review import Review
from onboarding.model.vocabulary import Channel
from onboarding.review_case import review
from tasks.runtime.clock import present_in

if TYPE_CHECKING:
    from sqlalchemy import Connection

JOURNAL_LINES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything that ``show`` and ``explain`` tell."""

    now: datetime
    case: Case
    playbook: Playbook
    review: Review
    summary: Summary
    halted: Mapping[Channel, str]
    """Channels on which nothing leaves now, each with the reason."""
    effects: list[Line] = field(default_factory=list)
    journal: list[Line] = field(default_factory=list)
    conflicts: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    """What could not be read of the records of its customer and its people."""

    def explained(self) -> Explanation:
        """Why it is where it is."""
        return explain(self.case, self.review, self.playbook, self.now, self.halted)


def take_picture(key: str, now: datetime | None, *, history: bool = False) -> Picture:
    """The onboarding meant by ``key`` at ``now`` (UTC; None is the later of the clock and of what was last
    done); with ``history`` also what was sent, journalled and is in conflict.

    Raises NotFound, SettingsError and DatabaseProblem. Reads only.
    """
    settings = load_settings()
    database = remembered(settings)
    try:
        with database.reading() as conn:
            found = find_onboarding(conn, key)
            moment = now or present_in(conn, datetime.now(UTC))
            years = years_around(moment)
            case = cases.load(conn, [found], moment, _calendars(conn, years), settings.only_accounts)[found]
            kept = key_values.kept_playbooks(conn, [case.progress.playbook])
            playbook = put_together(kept[case.progress.playbook])
            reviewed = review(case, playbook, moment)
            return Picture(
                now=moment,
                case=case,
                playbook=playbook,
                review=reviewed.review,
                summary=reviewed.summary,
                halted=halted(conn),
                **(_history(conn, case) if history else {}),
            )
    finally:
        database.close()


def _history(conn: "Connection", case: Case) -> dict[str, list[Any]]:
    key, deals = case.key, {deal.id for deal in case.deals}
    records = {case.account.id, *deals, *(person.id for person in case.people), *case.owners}
    return {
        "effects": effect_lines(conn, onboarding_key=key),
        "journal": journal_lines(conn, key, JOURNAL_LINES),
        "conflicts": conflict_lines(conn, key),
        "problems": [one for one in open_problems(conn) if one.record in records],
    }


def _calendars(conn: "Connection", years: Sequence[int]) -> Callable[[str | None], Calendar]:
    """As the last review counted; a country that none has met yet is worked out, which takes a tenth of a second."""
    kept = kept_calendars(conn, years)
    return lambda code: kept.get(code or "") or calendar_of_code(code, years)
