"""One onboarding at a moment: the saved case, reviewed again by the same rules; nothing is changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from config.company.calendars import calendar_of_code, years_around
from config.playbook_library.kept import put_together
from database import key_values
from database.channels.halted import halted
from database.crm.problems import open_problems
from database.onboardings import cases
from database.onboardings.calendars import kept_calendars
from database.onboardings.lookup import find_onboarding
from database.onboardings.overview import Line, conflict_lines, effect_lines, journal_lines
from database.reporting.users import trial_users, users
from onboarding.explain.explanation import Explanation, explain
from onboarding.forecast.result import Forecast
from onboarding.forecast.wording import forecast_sentence
from onboarding.health.summary import Summary
from onboarding.metrics.clocks import clock_of, clock_sentence
from onboarding.model.case import Calendar, Case
from onboarding.model.crm_records import Problem
from onboarding.model.playbook import Playbook
from onboarding.model.review import Review
from onboarding.model.vocabulary import Channel
from onboarding.review_case import review
from onboarding.usage.by_role import by_role
from onboarding.usage.key_actions import signal_names
from onboarding.usage.product_users import ProductUser, product_users
from onboarding.usage.use import RoleUse
from onboarding.values import dataclass
from tasks.runtime.clock import present_in

if TYPE_CHECKING:
    from sqlalchemy import Connection

JOURNAL_LINES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything that ``show`` and ``explain`` print of an onboarding."""

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
    """Problems of the CRM records of its account, deals and people."""
    users: tuple[ProductUser, ...] = ()
    """The users of the product, and those of the customer's people who should be."""
    roles: tuple[RoleUse, ...] = ()
    """The same by role; empty where no source of product usage is connected."""
    forecast: Forecast | None = None
    """None where it was not asked for (``tasks.views.forecast``)."""

    def explained(self) -> Explanation:
        """Return the explanation of the onboarding's state."""
        told = explain(self.case, self.review, self.playbook, self.now, self.halted)
        clock = clock_of(self.case, self.review, self.playbook, self.now)
        return replace(
            told,
            clock=clock_sentence(clock, self.review.progress.stage),
            forecast=forecast_sentence(self.forecast) if self.forecast else None,
        )


def picture_of(
    conn: "Connection", key: str, clock: datetime, *, asked: datetime | None = None, pilot: frozenset[str] | None = None
) -> Picture:
    """Return the onboarding meant by ``key`` at the moment ``asked`` for (UTC), else at the later of the clock and of
    the last change. ``pilot``: the accounts to which messages may be sent, None for all.

    Raises NotFound. Reads only.
    """
    found = find_onboarding(conn, key)
    now = asked or present_in(conn, clock)
    years = years_around(now)
    case = cases.load(conn, [found], now, _calendars(conn, years), pilot)[found]
    kept = key_values.kept_playbooks(conn, [case.progress.playbook])
    playbook = put_together(kept[case.progress.playbook])
    reviewed = review(case, playbook, now)
    return Picture(
        now=now,
        case=case,
        playbook=reviewed.playbook,
        review=reviewed.review,
        summary=reviewed.summary,
        halted=halted(conn),
    )


def with_history(conn: "Connection", picture: Picture, lines: int | None = JOURNAL_LINES) -> Picture:
    """Return the picture with its effects, journal (the latest ``lines``, None for all), conflicts, problems and
    users of the product."""
    case = picture.case
    records = {case.account.id, *(deal.id for deal in case.deals), *(person.id for person in case.people), *case.owners}
    return replace(
        picture,
        effects=effect_lines(conn, onboarding_key=case.key),
        journal=journal_lines(conn, case.key, lines),
        conflicts=conflict_lines(conn, case.key),
        problems=[one for one in open_problems(conn) if one.record in records],
        **_users(conn, picture),
    )


def _users(conn: "Connection", picture: Picture) -> dict[str, Any]:
    case, state, playbook = picture.case, picture.review.state, picture.playbook
    if not case.usage.known:
        return {}
    if not case.usage.signals:
        found = product_users((), state, playbook)
        return {"users": found, "roles": by_role(found, state)}
    names = signal_names(playbook, case)
    uses = users(conn, [case.key], names, picture.now) or {}
    tried = trial_users(conn, [case.key], names, picture.now)
    found = product_users(uses.get(case.key, ()), state, playbook, tried.get(case.key, ()))
    return {"users": found, "roles": by_role(found, state)}


def _calendars(conn: "Connection", years: Sequence[int]) -> Callable[[str | None], Calendar]:
    """Return a function from country code to calendar: the stored one, else a computed one, which takes a tenth of a
    second."""
    kept = kept_calendars(conn, years)
    return lambda code: kept.get(code or "") or calendar_of_code(code, years)
