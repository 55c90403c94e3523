"""The measurement of one onboarding: its contribution to each metric, from the case as it was known at a moment."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from onboarding import stalls
from onboarding.dates.leaving import left_at
from onboarding.dates.working_time import zone_of
from onboarding.facts.due_days import redated
from onboarding.facts.goal_values import gain
from onboarding.health.score import health
from onboarding.metrics import clocks
from onboarding.metrics.contracts import FurtherDeal
from onboarding.metrics.figures import AccountFigures, CheckIn, GoalFigure, Share, StallTime
from onboarding.metrics.known import Noted, as_known, left_on_order
from onboarding.metrics.parts import View, parts_of
from onboarding.metrics.usage import AccountUse
from onboarding.model.case import Case, Episode, EpisodeCause
from onboarding.model.playbook import Playbook
from onboarding.model.reports import CORRECTIONS, known
from onboarding.model.state import Goal, OnboardingState
from onboarding.model.vocabulary import LIVE, Channel, Concern, EffectState, Stage, Status, TouchpointOutcome
from onboarding.own_tasks.plan import own_tasks
from onboarding.people.absences import holder
from onboarding.review_case import review_context
from onboarding.review_context import ReviewContext
from onboarding.tracks.running import phase_of, track_states
from onboarding.usage.by_role import by_role
from onboarding.usage.key_actions import signal_names
from onboarding.usage.product_users import product_users
from onboarding.usage.use import ACTIVATION, RoleUse


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An onboarding: its case with the journal and usage that belong to it."""

    case: Case
    """As loaded for the moment of the report."""
    playbook: Playbook
    journal: tuple[Noted, ...] = ()
    use: AccountUse | None = None
    """None if no source of product usage is connected."""
    further: tuple[FurtherDeal, ...] = ()
    """The account's further won deals signed by that moment."""


ANSWER_WITHIN = timedelta(days=14)
"""A reply or an answer so soon after a check-in counts as an answer to it. This project's choice."""
FATES: Mapping[TouchpointOutcome, Literal["person", "left_out", "open"]] = {
    TouchpointOutcome.PLANNED: "open",
    TouchpointOutcome.SKIPPED: "left_out",
    TouchpointOutcome.MERGED: "left_out",
    TouchpointOutcome.ASKED: "person",
    TouchpointOutcome.TASK: "person",
}
"""What a settled check-in counts as while nothing of it was sent."""


def measure(subject: Subject, as_of: datetime, health_before: int | None = None) -> AccountFigures:
    """Return the contribution of an onboarding at ``as_of`` (UTC), by what was known then. Pure."""
    case = as_known(subject.case, subject.journal, as_of)
    context = review_context(case, subject.playbook, as_of)
    view = _look(context, subject)
    state, progress = context.state, context.progress
    counted = progress.status is not Status.CANCELLED
    return AccountFigures(
        account_id=case.account.id,
        account_name=case.account.name,
        deal_id=case.key,
        tier=state.tier,
        product=_product(context),
        # An absence moves no account to another person's figures.
        owner=owner.email if (owner := holder(state.owner, state.covers)) else None,
        status=progress.status,
        stage=progress.stage,
        phase=phase_of(state, track_states(context), as_of),
        adopted=progress.adopted_at is not None,
        signed_at=case.signed_at,
        amount=case.deals[0].amount,
        contract_days=subject.playbook.value.contract_days,
        target_at=state.target_at,
        activated_at=view.activated_at,
        first_value_at=view.first_value_at,
        completed_at=view.completed_at,
        left_at=view.left_at,
        churned_on=view.left_at.astimezone(zone_of(case.account.zone or "UTC")).date() if view.left_at else None,
        stage_times=progress.stage_times,
        parts={**parts_of(view), "customisation_share": _customised(context)} if counted else {},
        clock=view.clock,
        health=view.health,
        health_before=health_before,
        stalls=_stalls(case, as_of),
        goals=tuple(_goal(one) for one in state.goals),
        check_ins=tuple(_check_ins(context)),
        sent=Counter(
            line.kind for line in case.effects if line.channel is Channel.MAIL and line.state is EffectState.SENT
        ),
        roles=_roles(subject, state),
        tickets=tuple(state.tickets),
        promises=Counter(one.state.value for one in state.promises),
    )


def health_at(subject: Subject, as_of: datetime) -> int | None:
    """Return the health score at ``as_of`` by what was known then; None if it is unknown or the onboarding was not
    under way. The case must be loaded for that moment, with usage up to it."""
    case = as_known(subject.case, subject.journal, as_of)
    return _health(review_context(case, subject.playbook, as_of))


def _health(context: ReviewContext) -> int | None:
    if context.progress.status not in LIVE:
        return None
    found = stalls.find(stalls.watches(context), context.now)
    return health(context.case, context.state, found, context.now, context.playbook.health_weights).score


def _look(context: ReviewContext, subject: Subject) -> View:
    case, state, now = context.case, context.state, context.now
    times = context.progress.stage_times
    completed_at = times.get(Stage.DONE)
    gone_at = _left_at(case, subject.journal, context.progress.status, now)
    end = min(at for at in (now, gone_at, completed_at) if at is not None)
    moves = clocks.stretches(case, state, context.playbook, times, end)
    value_at = state.activated_at or end
    return View(
        context=context,
        use=subject.use,
        left_at=gone_at,
        completed_at=completed_at,
        activated_at=state.activated_at,
        first_value_at=_first_value_at(case, context.playbook, state.activated_at, now),
        clock=clocks.working_hours(case, context.playbook, moves, now),
        before_value=clocks.working_hours(case, context.playbook, clocks.until(moves, value_at), now),
        health=_health(context),
        further=subject.further,
    )


def _roles(subject: Subject, state: OnboardingState) -> tuple[RoleUse, ...]:
    if subject.use is None:
        return ()
    return by_role(product_users(subject.use.users, state, subject.playbook, subject.use.trial), state)


def _customised(context: ReviewContext) -> Share:
    """Return the tasks that were added and the milestones that people waived or gave another day, of all (TI-3)."""
    added = {task.name for task in own_tasks(context.playbook)}
    moved = redated(context.case, known(context.case.facts, context.now)).keys()
    work = context.state.milestones.values()
    changed = [one for one in work if one.name in added or one.name in moved or one.waived_at is not None]
    return Share(len(changed), len(work))


def _left_at(case: Case, journal: tuple[Noted, ...], status: Status, now: datetime) -> datetime | None:
    if status is not Status.CHURNED:
        return None
    by_date = left_at(case.account.churned_on, case.account.zone, case.signed_at, now)
    times = [at for at in (by_date, left_on_order(journal, now)) if at is not None]
    return max(min(times), case.signed_at) if times else None


def _first_value_at(case: Case, playbook: Playbook, activated_at: datetime | None, now: datetime) -> datetime | None:
    """Return the first event of the usage that proves activation, or activation itself if that is earlier (ME-2)."""
    corrected = [one.learned_at for one in case.facts if one.kind in CORRECTIONS and one.name == ACTIVATION]
    names = signal_names(playbook, case).successes
    events = [
        at
        for use in case.usage.signals
        if use.name in names
        for at, _, _ in use.since(max(corrected, default=None))
        if at <= now
    ]
    return min((at for at in (*events, activated_at) if at is not None), default=None)


def _product(context: ReviewContext) -> str:
    """Return which product was sold: as the first won deal that names one says, else as the playbook does."""
    named = (deal.product for deal in context.case.deals if deal.won and deal.product)
    return next(named, context.playbook.value.product)


def _goal(one: Goal) -> GoalFigure:
    worth = gain(one)
    return GoalFigure(
        metric=one.metric,
        unit=one.unit,
        baseline=one.baseline,
        target=one.target,
        due=one.due,
        value=one.value,
        reached=one.reached,
        kind=one.kind.value if one.kind else "",
        confirmed=one.confirmed,
        gain=worth.amount if worth else None,
        currency=worth.currency if worth else "",
    )


def _check_ins(context: ReviewContext) -> Iterator[CheckIn]:
    """Yield what became of each check-in that was settled by now; an invitation to a call is none."""
    titles = {
        one.name: one.title for one in context.playbook.steps if one.group is Concern.CHECK_INS and not one.calendar
    }
    state = context.state
    heard = [*(one.at for one in state.replies), *(one.at for one in state.surveys)]
    for settled in context.case.touchpoints:
        if settled.step not in titles:
            continue
        sent = [
            line.sent_at
            for line in context.case.effects
            if (line.kind, line.occurrence) == (settled.step, settled.occurrence) and line.sent_at is not None
        ]
        first = min(sent, default=None)
        yield CheckIn(
            step=settled.step,
            title=titles[settled.step],
            outcome="sent" if first else FATES[settled.outcome],
            answered=any(first <= at <= first + ANSWER_WITHIN for at in heard) if first else False,
        )


def _stalls(case: Case, as_of: datetime) -> tuple[StallTime, ...]:
    return tuple(
        StallTime(
            kind=one.kind,
            waiting_on=one.waiting_on,
            since=one.since,
            until=max(ended or as_of, one.since),
            open=ended is None,
        )
        for episode in case.episodes
        for one, ended in _causes(episode)
    )


def _causes(episode: Episode) -> Iterator[tuple[EpisodeCause | Episode, datetime | None]]:
    """Yield the causes of an episode, each with its end; None while it lasts."""
    if not episode.causes:
        # One that was closed before causes were kept.
        yield episode, episode.closed_at
    for one in episode.causes:
        yield one, min((at for at in (one.gone_at, episode.closed_at) if at is not None), default=None)
