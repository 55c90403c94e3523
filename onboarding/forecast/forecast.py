"""The forecast of an onboarding: when stages and go-live will be reached, beside what was expected at signature."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from onboarding.conditions.added import added_at
from onboarding.conditions.fitting import appeared_at, fitted
from onboarding.dates import anchors
from onboarding.facts.due_days import redated
from onboarding.forecast.expected import Basis, Expected, Pass, Point, View, at_signature
from onboarding.forecast.reasons import days_moved, reasons_for, reasons_for_stage
from onboarding.forecast.result import Forecast, GoLive, StageDate, WorkDate
from onboarding.forecast.usual import Finished, usual_times
from onboarding.forecast.work import ACTIVATION, GO_LIVE, KICKOFF, Work, work_of
from onboarding.model.case import Case
from onboarding.model.phrases import day_words
from onboarding.model.playbook import Playbook
from onboarding.model.reports import known
from onboarding.model.review import Review
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import Stage, Status
from onboarding.own_tasks.plan import own_tasks, playbook_of, without_tasks
from onboarding.stages import is_stopping
from onboarding.values import dataclass

ENDED = frozenset({Status.CHURNED, Status.CANCELLED})
"""Statuses in which nothing more is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience:
    """What forecasts rest on besides the onboarding itself."""

    first_playbook: Playbook
    """The playbook with which it was opened; the forecast at signature is computed by it."""
    finished: Sequence[Finished] = ()
    """Finished onboardings of its tier."""


def forecast(
    case: Case,
    review: Review,
    playbook: Playbook,
    now: datetime,
    experience: Experience | None = None,
    assumed: Mapping[str, datetime] | None = None,
) -> Forecast:
    """Return the forecast at ``now`` (UTC) from the review of that moment; without ``experience`` from the playbook
    alone. ``assumed`` are dates of milestones to be taken for true.

    Pure. The forecast at signature is computed anew, from the playbook of that day and what was known on it, so it is
    the same at any later moment.
    """
    playbook = playbook_of(case, playbook, now)
    given = experience or Experience(first_playbook=playbook)
    usual = usual_times(given.finished, playbook, now)
    view = View(
        case=case,
        state=review.state,
        playbook=playbook,
        work=work_of(case, review.state, playbook),
        now=now,
        times=review.progress.stage_times,
        usual=usual,
        dates=_dates(case, review.state, now),
        assumed=assumed or {},
    )
    here, there = Pass(view), Pass(_beginning(view, given))
    over = review.progress.status in ENDED
    return Forecast(
        case_key=case.key,
        account=case.account.name,
        as_of=now,
        status=review.progress.status,
        target=view.day(review.state.target_at),
        on_hold=_on_hold(view),
        stages=() if over else tuple(_stages(here, there)),
        go_live=None if over else _go_live(case, here, there),
        milestones=() if over else tuple(_work(here, there)),
        finished=max((one.onboardings for one in usual.values()), default=0),
    )


def _on_hold(view: View) -> str:
    hold = next((hold for hold in view.case.holds if is_stopping(hold, view.now)), None)
    if hold is None:
        return ""
    until = f"until {day_words(hold.until)}" if hold.until else "with no end given, so each day on hold adds one"
    return f"{hold.reason}, {until}"


def _beginning(view: View, given: Experience) -> View:
    """Return the view at signature, by the playbook of that day, without what was added since: tasks of the account,
    and what a condition that began to hold brought."""
    first = fitted(view.case, given.first_playbook, view.now)
    known = {plan.name for plan in first.milestones()}
    later = (
        plan
        for plan in view.playbook.milestones()
        if appeared_at(view.playbook, plan) or (plan.name not in known and added_at(view.case, plan))
    )
    added = {plan.name for plan in later}
    added |= {task.name for task in own_tasks(view.playbook)}
    work: Mapping[str, Work] = {name: one for name, one in view.work.items() if name not in added}
    if first != without_tasks(view.playbook):
        work = {**work, **_as_in(first, work)}
    usual = usual_times(given.finished, first, view.case.signed_at)
    return at_signature(replace(view, playbook=first, work=work, usual=usual))


def _as_in(first: Playbook, works: Mapping[str, Work]) -> Mapping[str, Work]:
    """Return the work of the first playbook, with what was done of it."""
    plans = {plan.name: plan for plan in first.milestones()}
    return {
        name: work._replace(due=plan.due, after=plan.after, takes=plan.takes, stage=first.stage_of(name))
        for name, work in works.items()
        if (plan := plans.get(name)) is not None
    }


def _dates(case: Case, state: OnboardingState, now: datetime) -> Mapping[str, datetime]:
    """Return the dates that people set: due dates of milestones, the agreed time of the kickoff, the go-live in the
    CRM."""
    found = dict(redated(case, known(case.facts, now)))
    for name, at in ((KICKOFF, state.kickoff_at), (GO_LIVE, state.go_live_at)):
        if at is not None:
            found[name] = at
    return found


def _stages(here: Pass, there: Pass) -> Iterable[StageDate]:
    view = here.view
    for stage, after in pairwise(Stage):
        entered, left, was_left = here.entered(stage), here.entered(after), there.entered(after)
        days = (view.day(left.at) - view.day(was_left.at)).days
        yield StageDate(
            stage=stage,
            entered=view.day(view.times[stage]) if stage in view.times else None,
            forecast=view.day(left.at),
            at_signature=there.view.day(was_left.at),
            planned=_planned(here, stage, entered),
            done=after in view.times,
            days=days,
            reasons=reasons_for_stage(stage, here, there),
        )


def _planned(here: Pass, stage: Stage, entered: Point) -> date | None:
    allowed = here.view.playbook.stages[stage].allowed
    begun = (
        here.view.times.get(stage, entered.at)
        if list(Stage)[list(Stage).index(stage) + 1] in here.view.times
        else entered.at
    )
    from_at = begun if allowed.anchor == "stage" else here.view.case.signed_at
    at = anchors.shift(anchors.after(from_at, allowed, here.view.case), from_at, here.view.case.holds, here.view.now)
    return here.view.day(at)


def _go_live(case: Case, here: Pass, there: Pass) -> GoLive | None:
    one = here.of(GO_LIVE)
    if one is None:
        return None
    planned = [deal.go_live_on for deal in case.deals if deal.won and deal.go_live_on is not None]
    return GoLive(planned=max(planned, default=None), **_moved(GO_LIVE, one, here, there))


def _work(here: Pass, there: Pass) -> Iterable[WorkDate]:
    for name, work in here.view.work.items():
        one = here.of(name)
        if one is not None:
            yield WorkDate(
                name=name,
                title=work.title,
                stage=work.stage,
                side=work.side,
                exit=work.exit,
                basis=one.basis,
                **_moved(name, one, here, there),
            )


def _moved(name: str, one: Expected, here: Pass, there: Pass) -> dict[str, Any]:
    before = there.of(name)
    return {
        "forecast": here.view.day(one.at),
        "at_signature": there.view.day(before.at) if before else None,
        "done": one.basis is Basis.DONE,
        "days": days_moved(name, here, there),
        "reasons": reasons_for(name, here, there) if name in (GO_LIVE, ACTIVATION) else (),
    }
