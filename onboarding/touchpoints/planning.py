"""The plan of all touchpoints of one onboarding: what is planned, skipped or handed to a person, and what is ahead."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime

from onboarding.facts.meetings import held
from onboarding.model.case import Touchpoint
from onboarding.model.effect import PlannedEffect
from onboarding.model.phrases import day_words, list_words
from onboarding.model.playbook import Step
from onboarding.model.review import Decision, EffectChange, Task, Upcoming
from onboarding.model.vocabulary import Concern, TouchpointOutcome
from onboarding.review_context import ReviewContext
from onboarding.shared_plan.news import answer_news
from onboarding.shared_plan.own_calls import own_invitations
from onboarding.touchpoints import tasks
from onboarding.touchpoints import upcoming as upcoming_touchpoints
from onboarding.touchpoints.candidates import Candidate, Fate, assess
from onboarding.touchpoints.context import Gate, TouchpointContext
from onboarding.touchpoints.draft_verdicts import deadlines, draft_edits, draft_posts
from onboarding.touchpoints.late_joiners import plan_late_joiners
from onboarding.touchpoints.occurrences import read_outlook
from onboarding.touchpoints.outcomes import Outcome, settle_late, settle_ready, settled
from onboarding.touchpoints.outlook import Occurrence
from onboarding.touchpoints.pending import judge
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that follows for the touchpoints of one onboarding."""

    effects: tuple[PlannedEffect, ...] = ()
    touchpoints: tuple[Touchpoint, ...] = ()
    """Newly settled."""
    changes: tuple[EffectChange, ...] = ()
    """Changes to effects planned earlier."""
    upcoming: tuple[Upcoming, ...] = ()
    tasks: tuple[Task, ...] = ()
    decisions: tuple[Decision, ...] = ()
    next_at: Mapping[Concern, datetime | None] = field(default_factory=dict)
    """When the passing of time next changes anything; in the past if something due is left to another concern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """The steps of a playbook by what to do with them now."""

    open: tuple[Candidate, ...] = ()
    """Due or ahead, and still useful."""
    outcomes: tuple[Outcome, ...] = ()
    """Settled without sending."""


def plan(review: ReviewContext) -> Plan:
    """Return the plan for the touchpoints of one onboarding.

    Only the steps of the context's concerns are planned again; effects planned earlier are judged in every review.
    Pure, and safe to repeat: with its result applied there is no further change.
    """
    context = TouchpointContext.of(review)
    concerns = context.concerns
    gate = context.gate
    judged = judge(context, gate)
    effects, decisions = plan_late_joiners(context, gate, judged.lines, judged.mail_counts)
    found = _sort(context, gate, concerns)
    mine = [c for c in found.open if c.occurrence.step.group in concerns and gate.settles(c.occurrence)]
    outcomes = [*found.outcomes]
    ready = [candidate for candidate in mine if candidate.fate in (Fate.READY, Fate.FOR_A_PERSON)]
    for candidate in sorted(ready, key=_urgency):
        outcomes.append(settle_ready(context, candidate, judged.mail_counts))
    later = upcoming_touchpoints.ahead(found.open, outcomes, context)
    outcomes += [settle_late(context, candidate, later) for candidate in mine if candidate.fate is Fate.LATE]
    new = tuple(touchpoint for outcome in outcomes for touchpoint in outcome.touchpoints)
    done = {(touchpoint.step, touchpoint.occurrence) for touchpoint in new}
    left = [c for c in found.open if (c.occurrence.step.name, c.occurrence.number) not in done]
    owed = (
        *(answer_news(context) if gate.tells else ()),
        *(own_invitations(context) if gate.tells or gate.state == "closed" else ()),
    )
    told = owed if Concern.STAGES in concerns else ()
    planned = (*effects, *(effect for outcome in outcomes for effect in outcome.effects), *told)
    waiting = (*judged.deadlines, *deadlines(context, planned))
    if owed and not told:
        waiting = (*waiting, (Concern.STAGES, context.now))
    known = (*judged.lines.values(), *planned)
    planned = (*planned, *draft_posts(context, known), *draft_edits(context, known))
    return Plan(
        effects=planned,
        touchpoints=new,
        changes=judged.changes,
        upcoming=upcoming_touchpoints.upcoming(context, gate, left),
        tasks=tasks.open_tasks(context, gate, new, (*judged.lines.values(), *planned), left),
        decisions=(*judged.decisions, *decisions, *(d for outcome in outcomes for d in outcome.decisions)),
        next_at=upcoming_touchpoints.next_moments(context, gate, left, waiting),
    )


def _may_cancel_call(gate: Gate, step: Step) -> bool:
    return step.calendar is not None and gate.state in ("completed", "closed")


def _sort(context: TouchpointContext, gate: Gate, concerns: frozenset[Concern]) -> Sorted:
    """Sort the steps into candidates and outcomes; a pointless or passed occurrence is settled here, for the
    concerns."""
    candidates: list[Candidate] = []
    outcomes: list[Outcome] = []
    taken_over: list[Occurrence] = []
    for step in context.playbook.steps:
        if gate.state != "withheld" and not gate.admits(step) and not _may_cancel_call(gate, step):
            continue
        if step.every is not None and context.pointless(step):
            # A cadence just ends: a journal line for each occurrence that would have followed says nothing.
            continue
        seen = read_outlook(context, step)
        if seen.due is None and seen.ahead is None:
            continue
        pointless = None if step.every is not None else context.pointless(step)
        mine = step.group in concerns and seen.due is not None and gate.settles(seen.due)
        if seen.missed and mine:
            outcomes.append(_missed(context, step, seen.missed))
        for due in seen.all_due:
            reason = _without_point(context, due, pointless)
            if reason is None:
                candidates.append(assess(context, due))
            elif mine and reason == TAKEN_OVER:
                taken_over.append(due)
            elif mine:
                outcomes.append(settled(context, due, TouchpointOutcome.SKIPPED, reason))
        if pointless is None:
            candidates += [assess(context, ahead) for ahead in seen.all_ahead]
    if taken_over:
        outcomes.append(_taken_over(context, taken_over))
    return Sorted(open=tuple(candidates), outcomes=tuple(outcomes))


TAKEN_OVER = "its time had passed when the account was taken over"


def _without_point(context: TouchpointContext, occurrence: Occurrence, pointless: str | None) -> str | None:
    """Return why a due occurrence is skipped regardless of its window, in words; None if it is not. ``pointless``: why
    its step is."""
    adopted_at = context.progress.adopted_at
    if adopted_at is not None and occurrence.due_at < adopted_at:
        return TAKEN_OVER
    if occurrence.step.calendar is not None:
        none_invited = occurrence.withdraws and not held(context.case, occurrence.step.name)
        return "nobody had been invited yet" if none_invited else None
    step = occurrence.step
    return pointless or context.skipped_by_hold(occurrence.due_at) or context.unwanted(step)


def _missed(context: TouchpointContext, step: Step, missed: Iterable[Occurrence]) -> Outcome:
    """Return the outcome of missed occurrences of a repeated step: only the newest counts, the others share one journal
    line."""
    gone = tuple(missed)
    days = list_words(day_words(occurrence.due_at) for occurrence in gone)
    because = f"missed on {days}; only the newest one counts"
    return Outcome(
        touchpoints=tuple(
            Touchpoint(
                step=step.name, occurrence=o.number, outcome=TouchpointOutcome.SKIPPED, at=context.now, because=because
            )
            for o in gone
        ),
        decisions=(Decision(kind="skipped", about=step.name, because=because),),
    )


def _taken_over(context: TouchpointContext, passed: Iterable[Occurrence]) -> Outcome:
    """Return one outcome, with one journal line, for all occurrences due before the account was adopted."""
    gone = tuple(passed)
    names = list_words(occurrence.step.title for occurrence in gone)
    touchpoints = tuple(
        Touchpoint(
            step=occurrence.step.name,
            occurrence=occurrence.number,
            outcome=TouchpointOutcome.SKIPPED,
            at=context.now,
            because=f"{TAKEN_OVER}: {occurrence.because}, so due {day_words(occurrence.due_at)}",
        )
        for occurrence in gone
    )
    decision = Decision(kind="skipped", about="adoption", because=f"{TAKEN_OVER}: {names}")
    return Outcome(touchpoints=touchpoints, decisions=(decision,))


def _urgency(candidate: Candidate) -> tuple[int, datetime, str]:
    step = candidate.occurrence.step
    return -step.priority, candidate.opens_at, step.name
