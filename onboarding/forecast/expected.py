"""The expected date of every piece of work: from what is done, what is owed, and how long work usually takes.

Work begins when the work before it is expected to end, so what is late moves what follows. What is open is never
expected in the past, nor while a hold stops the clock, nor on a day without work.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import NamedTuple

from onboarding.dates import anchors
from onboarding.dates.working_time import add_working_days, zone_of
from onboarding.facts.fold import planned_go_live
from onboarding.forecast.usual import Usual
from onboarding.forecast.work import GO_LIVE, Work, milestone_at
from onboarding.model.case import Case
from onboarding.model.playbook import Playbook
from onboarding.model.schedule import Due
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import Stage
from onboarding.stages import is_stopping
from onboarding.values import dataclass

NOON = time(12)
"""The time of day, in the account's zone, of a date that is given as a day."""


class Basis(StrEnum):
    """What an expected date rests on."""

    DONE = "done"
    AGREED = "agreed"
    """A person set it: the time of a call, another due date, the go-live date of the CRM; or the day on which the work
    before it ends, if that is later."""
    ASSUMED = "assumed"
    """The question asked what if."""
    USUAL = "usual"
    """The median of finished onboardings."""
    PLAYBOOK = "playbook"
    OVERDUE = "overdue"
    """It should have been done by now, and is expected on the next working day."""


class Point(NamedTuple):
    """A moment, and the work that set it; None for the signature, a date of a person, or the like."""

    at: datetime
    by: str | None = None


class Expected(NamedTuple):
    """When a piece of work was done or is expected, and the work before it that decides on it."""

    work: Work
    at: datetime
    start: datetime
    follows: str | None
    basis: Basis
    working_days: int | None = None
    """Its usual duration, or the playbook's; None where a date or an offset decides."""
    wanted: datetime | None = None
    """When it should have been done, if it is overdue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a forecast knows: a case as seen at a moment."""

    case: Case
    state: OnboardingState
    playbook: Playbook
    work: Mapping[str, Work]
    now: datetime
    """In UTC. What was done later is open."""
    times: Mapping[Stage, datetime]
    """When stages were entered, as far as they were by then."""
    usual: Usual
    dates: Mapping[str, datetime] = field(default_factory=dict)
    """Dates that people set for open work."""
    assumed: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def zone(self) -> str:
        """Return the account's zone."""
        return self.case.account.zone or "UTC"

    def day(self, at: datetime) -> date:
        """Return the day of a moment in the account's zone."""
        return at.astimezone(zone_of(self.zone)).date()

    def working_days_after(self, at: datetime, days: int) -> datetime:
        """Return the moment so many working days later; with 0 the first working day on or after."""
        return add_working_days(at, days, self.zone, self.case.calendar(self.case.account.country))

    @property
    def runs_from(self) -> datetime:
        """Return the first moment at which open work can go on: now, or the planned end of a hold."""
        holds = [hold for hold in self.case.holds if is_stopping(hold, self.now)]
        return max([self.now, *(hold.until for hold in holds if hold.until is not None)])


def at_signature(view: View) -> View:
    """Return the view at the signature: only what was done by then is known, no hold, and of the dates of people only
    the go-live of the CRM, which keeps no earlier one."""
    go_live_at = planned_go_live(view.case)
    dates = {GO_LIVE: go_live_at} if go_live_at else {}
    signed_at = view.case.signed_at
    case = replace(view.case, holds=(), progress=replace(view.case.progress, opened_at=signed_at))
    return replace(view, case=case, now=signed_at, times={Stage.HANDOFF: signed_at}, dates=dates, assumed={})


class Pass:
    """One computation of all expected dates, each once."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._found: dict[str, Expected | None] = {}
        self._entered: dict[Stage, Point] = {}

    def of(self, name: str) -> Expected | None:
        """Return when the work is expected; None if it does not apply, is unknown, or waits for itself."""
        if name not in self._found:
            self._found[name] = None  # work that waits for itself, by way of others, does not wait
            work = self.view.work.get(name)
            self._found[name] = self._expected(work) if work else None
        return self._found[name]

    def entered(self, stage: Stage) -> Point:
        """Return when the stage is entered, and by what: the last of the exit criteria of the one before."""
        if stage not in self._entered:
            self._entered[stage] = self._entry(stage)
        return self._entered[stage]

    def _entry(self, stage: Stage) -> Point:
        if stage is Stage.HANDOFF:
            return Point(self.view.case.begins_at)
        before = list(Stage)[list(Stage).index(stage) - 1]
        known = self.view.times.get(stage)
        begun = self.entered(before)
        last = max((Point(one.at, one.work.name) for one in self._exits(before)), default=begun)
        if known is not None:
            return Point(known, last.by)
        return max(begun, last, key=lambda point: point.at)

    def _exits(self, stage: Stage) -> Iterable[Expected]:
        for work in self.view.work.values():
            if work.stage is stage and work.exit and (one := self.of(work.name)) is not None:
                yield one

    def _expected(self, work: Work) -> Expected | None:
        view = self.view
        assumed = view.assumed.get(work.name)
        known = work.met and (work.at is None or work.at <= view.now)
        if assumed is None and not work.applies and known:
            return None
        if assumed is not None:
            return Expected(work, assumed, assumed, None, Basis.ASSUMED)
        if known:
            return self._done(work, work.at or view.case.signed_at)
        start = self._start(work)
        agreed = view.dates.get(work.name)
        if agreed is not None and agreed > view.now:
            pushed = work.after and start.at > agreed
            at, by = (start.at, start.by) if pushed else (agreed, None)
            return Expected(work, max(at, view.runs_from), start.at, by, Basis.AGREED)
        return self._open(work, start)

    def _done(self, work: Work, at: datetime) -> Expected:
        start = self._start(work)
        if start.at > at:
            start = Point(at)
        return Expected(work, at, start.at, start.by, Basis.DONE)

    def _start(self, work: Work) -> Point:
        """Return the end of the work before; without one the anchor of the due date, at the earliest the stage's entry
        where that lies ahead."""
        before = [Point(one.at, name) for name in work.after if (one := self.of(name)) is not None]
        if before:
            return max(before, key=lambda point: point.at)
        return self._anchor(work.due, work) or self.entered(work.stage)

    def _anchor(self, due: Due | None, work: Work) -> Point | None:
        view = self.view
        anchor = due.anchor if due else "stage"
        if anchor == "check_ins":
            anchor = view.playbook.check_in_anchor
        if anchor == "stage":
            return self.entered(work.stage)
        if anchor == "signature":
            return Point(view.case.begins_at if work.stage in anchors.COUNT_FROM_SIGHT else view.case.signed_at)
        if anchor == "target":
            return Point(anchors.target(view.case, view.playbook, view.now))
        name = milestone_at(anchor)
        one = self.of(name) if name != work.name else None
        return Point(one.at, name) if one else None

    def _open(self, work: Work, start: Point) -> Expected:
        view, usual = self.view, self.view.usual.get(work.like)
        days = usual.working_days if usual else work.takes.working_days if work.takes else None
        if days is not None:
            point = self._shifted(view.working_days_after(start.at, days), start)
        else:
            point = self._by_due(work)
            if work.after and start.at > point.at:
                point = start
        ahead = self.entered(work.stage) if work.stage not in view.times and not work.after else point
        at, by = max(point, ahead, key=lambda one: one.at)
        basis, at = Basis.USUAL if usual else Basis.PLAYBOOK, view.working_days_after(at, 0)
        wanted = at if at <= view.now else None
        if at <= view.runs_from:
            at = view.working_days_after(view.runs_from, 1)
        return Expected(work, at, start.at, by, Basis.OVERDUE if wanted else basis, days, wanted)

    def _by_due(self, work: Work) -> Point:
        """Return the due date; without one, or while its anchor is not known, the end of the stage's whole time."""
        anchor = self._anchor(work.due, work) if work.due else None
        offset = work.due if work.due and anchor else self.view.playbook.stages[work.stage].allowed
        anchor = anchor or self.entered(work.stage)
        return self._shifted(anchors.after(anchor.at, offset, self.view.case), anchor)

    def _shifted(self, at: datetime, start: Point) -> Point:
        return Point(anchors.shift(at, start.at, self.view.case.holds, self.view.now), start.by)


def noon_of(day: date, zone: str) -> datetime:
    """Return noon of a day in a zone, in UTC."""
    return datetime.combine(day, NOON, tzinfo=zone_of(zone)).astimezone(UTC)
