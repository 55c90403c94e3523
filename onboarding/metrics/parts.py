"""The contribution of one onboarding to each metric, by the rules that ``definitions`` gives in words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from onboarding.dates.working_time import zone_of
from onboarding.facts.feedback import SCALES, Scale
from onboarding.facts.goal_values import improvements
from onboarding.metrics import clocks
from onboarding.metrics.contracts import FurtherDeal, contract_parts
from onboarding.metrics.figures import Part, Share, Span, Values
from onboarding.metrics.headlines import CLOCK, DWELL
from onboarding.metrics.usage import AccountUse
from onboarding.model.case import Case
from onboarding.model.vocabulary import STAGES, CustomerRole, Side, Stage, SurveyKind
from onboarding.review_context import ReviewContext

DAY = timedelta(days=1)
EARLY = (90, 180)
"""Days after the signature within which churn is early (TH-8)."""
EFFORT = frozenset({SurveyKind.CES, SurveyKind.EFFORT})
SATISFACTION = frozenset({SurveyKind.CSAT, SurveyKind.SATISFACTION})
NPS = frozenset({SurveyKind.NPS})
PROMOTERS_FROM, DETRACTORS_TO = 9, 6
INTEGRATIONS, DAILY_TASKS = "integrations_connected", "tasks_done_"
HOW_TO = re.compile(r"how[\s_-]*to\b", re.IGNORECASE)
"""Topics of tickets that ask how to do something."""
HOW_TO_DAYS = 30
"""The span of days whose how-to tickets are compared with those of the span before. This project's choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One onboarding at the moment of the report, by what was known then."""

    context: ReviewContext
    use: AccountUse | None
    left_at: datetime | None
    completed_at: datetime | None
    activated_at: datetime | None
    first_value_at: datetime | None
    clock: clocks.Clock
    """Working hours by stage and by the side whose move it was."""
    before_value: clocks.Clock
    """The same up to activation."""
    health: int | None
    further: tuple[FurtherDeal, ...] = ()
    """The account's won deals signed after the first."""

    @property
    def case(self) -> Case:
        """Return the case as it was known."""
        return self.context.case

    @property
    def now(self) -> datetime:
        """Return the moment of the report."""
        return self.context.now

    @property
    def today(self) -> date:
        """Return the account's day at that moment."""
        return self.now.astimezone(zone_of(self.case.account.zone or "UTC")).date()

    @property
    def watched_until(self) -> datetime:
        """Return the end of its observation: when it churned, else now."""
        return min(self.left_at, self.now) if self.left_at else self.now


def parts_of(view: View) -> dict[str, Part]:
    """Return the contributions by the metric's name; metrics without one are missing."""
    state = view.context.state
    found: dict[str, Part | None] = {
        "time_to_value": _span(view, view.activated_at),
        "time_to_first_value": _span(view, view.first_value_at),
        "completion_rate": _completed(view),
        "activation_rate": Share(int(view.activated_at is not None), 1),
        "retention_rate": Share(int(view.left_at is None), 1),
        "goal_attainment": _goals_reached(view),
        "time_to_roi": _first_goal(view) if state.goals else None,
        "productivity_gain": Values(better) if (better := improvements(state.goals)) else None,
        "effort_score": _answers(view, EFFORT, SCALES[SurveyKind.CES]),
        "csat": _answers(view, SATISFACTION, SCALES[SurveyKind.CSAT]),
        "nps": _promoters(_answers(view, NPS, SCALES[SurveyKind.NPS])),
        "ticket_volume": _tickets(view),
        "sponsor_engagement": _sponsor(view),
        "integration_success": _integrated(view),
        "task_completion_rate": _tasks_done(view),
        "how_to_tickets": _how_to(view),
        **contract_parts(view.case.deals, view.further, view.today),
        **{f"early_churn_{days}": _early(view, days) for days in EARLY},
        **{f"{DWELL}{stage}": _dwell(view, stage) for stage in STAGES},
        **_clock_parts(view),
        **_usage_parts(view),
    }
    if view.completed_at or view.left_at:
        found["project_completion_rate"] = Share(int(view.completed_at is not None), 1)
    if view.health is not None:
        found["health_score"] = Values((float(view.health),))
    reached = view.activated_at is not None
    vendor = sum(sides.get(Side.VENDOR, 0.0) for sides in view.before_value.values())
    found["time_to_value_net"] = None if _unknown_start(view) else Span(vendor, reached)
    return {name: part for name, part in found.items() if part is not None}


def _span(view: View, reached_at: datetime | None) -> Span:
    at = reached_at or view.watched_until
    return Span((at - view.case.signed_at) / DAY, reached_at is not None)


def _unknown_start(view: View) -> bool:
    """Return whether it was adopted under way, so that the time before is unknown."""
    return view.case.progress.adopted_at is not None


def _taken_over_after(view: View, end: datetime) -> bool:
    """Return whether it was adopted after ``end``: who left or failed before that was never seen here."""
    return _unknown_start(view) and view.case.progress.opened_at > end


def _completed(view: View) -> Share | None:
    target_at = view.context.state.target_at
    if target_at > view.now or _taken_over_after(view, target_at):
        return None
    return Share(int(view.completed_at is not None and view.completed_at <= target_at), 1)


def _early(view: View, days: int) -> Share | None:
    end = view.case.signed_at + days * DAY
    if end > view.now or _taken_over_after(view, end):
        return None
    return Share(int(view.left_at is not None and view.left_at <= end), 1)


def _dwell(view: View, stage: Stage) -> Span | None:
    times = view.context.progress.stage_times
    entered = times.get(stage)
    left = times.get(list(Stage)[list(Stage).index(stage) + 1])
    if entered is None or (_unknown_start(view) and entered < view.case.progress.opened_at):
        return None
    return Span(((left or view.watched_until) - entered) / DAY, left is not None)


def _clock_parts(view: View) -> Mapping[str, Part]:
    hours = {side: sum(sides.get(side, 0.0) for sides in view.clock.values()) for side in Side}
    total = sum(hours.values())
    if not total or _unknown_start(view):
        return {}
    return {f"{CLOCK}{side.value}": Share(spent, total) for side, spent in hours.items()}


def _usage_parts(view: View) -> Mapping[str, Part]:
    use = view.use
    if use is None:
        return {}
    found: dict[str, Part] = {}
    if use.users:
        found["user_activation_rate"] = use.activated
        found["user_time_to_value"] = use.times(view.watched_until)
        found["time_to_first_success"] = use.success_times(view.watched_until)
        found["feature_adoption"] = use.regular
        found["user_engagement"] = Share(use.active(view.now), len(use.users))
    seats = sum(deal.seats or 0 for deal in view.case.deals if deal.won)
    if seats and view.left_at is None:
        found["account_adoption"] = Share(min(use.active(view.now), seats), seats)
    if view.left_at is None:
        found["daily_active_users"] = Values((use.daily,))
        found["monthly_active_users"] = Values((float(use.active(view.now)),))
        if view.context.playbook.users.time_told(view.case.usage) and use.users:
            found["time_in_product"] = Values((round(use.minutes / len(use.users), 4),))
    if use.at_end is not None and view.completed_at is not None:
        found["adoption_depth"] = Values((float(use.at_end),))
    return found


def _integrated(view: View) -> Share | None:
    milestone = view.context.state.milestones.get(INTEGRATIONS)
    if (
        milestone is None
        or Stage.SETUP not in view.context.progress.stage_times
        or milestone.status == "not_applicable"
    ):
        return None
    return Share(int(milestone.status == "done"), 1)


def _answers(view: View, kinds: frozenset[SurveyKind], scale: Scale) -> Values | None:
    """Return the answers on one scale, because survey tools use different ones."""
    found = [one.share for one in view.context.state.surveys if one.kind in kinds]
    return Values(tuple(round(scale.low + share * (scale.high - scale.low), 4) for share in found)) if found else None


def _promoters(answers: Values | None) -> Values | None:
    if answers is None:
        return None
    return Values(
        tuple(100.0 if one >= PROMOTERS_FROM else -100.0 if one <= DETRACTORS_TO else 0.0 for one in answers.values)
    )


def _tickets(view: View) -> Values:
    end = view.completed_at or view.watched_until
    mine = [one for one in view.context.state.tickets if view.case.signed_at <= one.at <= end]
    return Values((float(len(mine)),))


def _how_to(view: View) -> Share | None:
    """Return by how many fewer how-to tickets the second span had, of those of the first."""
    first, second = (view.case.signed_at + spans * HOW_TO_DAYS * DAY for spans in (1, 2))
    if second > view.watched_until or _taken_over_after(view, view.case.signed_at):
        return None
    times = [one.at for one in view.context.state.tickets if HOW_TO.match(one.topic.strip())]
    before = sum(1 for at in times if view.case.signed_at <= at < first)
    after = sum(1 for at in times if first <= at < second)
    return Share(before - after, before) if before or after else None


def _tasks_done(view: View) -> Share | None:
    if Stage.TRAINING not in view.context.progress.stage_times:
        return None
    tasks = [
        one
        for name, one in view.context.state.milestones.items()
        if name.startswith(DAILY_TASKS) and one.status != "not_applicable"
    ]
    return Share(sum(1 for one in tasks if one.status == "done"), len(tasks)) if tasks else None


def _sponsor(view: View) -> Share | None:
    """Return whether the customer's sponsor replied or answered; None if none is named."""
    state = view.context.state
    sponsors = {one.id for one in state.holders.get(CustomerRole.EXECUTIVE_SPONSOR, ())}
    heard = {one.person for one in state.replies} | {one.person for one in state.surveys}
    return Share(int(bool(sponsors & heard)), 1) if sponsors else None


def _goals_reached(view: View) -> Share | None:
    due = [one for one in view.context.state.goals if one.due <= view.today]
    return Share(sum(1 for one in due if one.reached), len(due)) if due else None


def _first_goal(view: View) -> Span:
    times = [
        value.at for goal in view.context.state.goals for value in goal.values if replace(goal, values=(value,)).reached
    ]
    return _span(view, min(times, default=None))
