"""What is planned, skipped or handed to a person now, and what lies ahead, for all touchpoints of one
onboarding."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from onboarding.facts.meetings import held
from onboarding.model.case import Touchpoint
from onboarding.model.effect import PlannedEffect
from onboarding.model.phrases import day_words, list_words
from onboarding.model.playbook import Step
from onboarding.model.review import Decision, EffectChange, Task, Upcoming
from onboarding.model.vocabulary import Concern
from onboarding.review_context import ReviewContext
from onboarding.touchpoints import tasks
from onboarding.touchpoints import upcoming as agenda
from onboarding.touchpoints.candidates import Candidate, Fate, assess
from onboarding.touchpoints.context import Gate, TouchpointContext
from onboarding.touchpoints.late_joiners import serve
from onboarding.touchpoints.occurrences import look
from onboarding.touchpoints.outcomes import Outcome, settle_late, settle_ready, settled
from onboarding.touchpoints.outlook import Occurrence
from onboarding.touchpoints.pending import judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that follows for the touchpoints of one onboarding."""

    effects: tuple[PlannedEffect, ...] = ()
    touchpoints: tuple[Touchpoint, ...] = ()
    """Newly settled."""
    changes: tuple[EffectChange, ...] = ()
    """New fates of effects that are owed already."""
    upcoming: tuple[Upcoming, ...] = ()
    tasks: tuple[Task, ...] = ()
    decisions: tuple[Decision, ...] = ()
    next_at: Mapping[Concern, datetime | None] = field(default_factory=dict)
    """When time alone changes anything next; a moment gone by where something due was left to another
    concern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """The steps of a playbook by what is to be done with them now."""

    open: tuple[Candidate, ...] = ()
    """Due or ahead, and not without point."""
    outcomes: tuple[Outcome, ...] = ()
    """Settled without sending."""


def plan(context: ReviewContext) -> Plan:
    """Plan the touchpoints of one onboarding.

    New touchpoints are settled for the steps of the context's concerns alone; what is owed already is judged
    whichever flow asks. Pure, and safe to repeat: with its own answer applied it answers nothing further.
    """
    scene, concerns = TouchpointContext.of(context), context.concerns
    gate = scene.gate
    judged = judge(scene, gate)
    effects, decisions = serve(scene, gate, judged.lines, judged.diary)
    found = _sort(scene, gate, concerns)
    mine = [candidate for candidate in found.open if _is_ours(gate, candidate.occurrence.step, concerns)]
    outcomes = [*found.outcomes]
    ready = [candidate for candidate in mine if candidate.fate in (Fate.READY, Fate.FOR_A_PERSON)]
    for candidate in sorted(ready, key=_urgency):
        outcomes.append(settle_ready(scene, candidate, judged.diary))
    later = agenda.ahead(found.open, outcomes, scene)
    outcomes += [settle_late(scene, candidate, later) for candidate in mine if candidate.fate is Fate.LATE]
    new = tuple(touchpoint for outcome in outcomes for touchpoint in outcome.touchpoints)
    done = {(touchpoint.step, touchpoint.occurrence) for touchpoint in new}
    left = [c for c in found.open if (c.occurrence.step.name, c.occurrence.number) not in done]
    planned = (*effects, *(effect for outcome in outcomes for effect in outcome.effects))
    return Plan(
        effects=planned,
        touchpoints=new,
        changes=judged.changes,
        upcoming=agenda.upcoming(scene, gate, left),
        tasks=tasks.open_tasks(scene, gate, new, (*judged.lines.values(), *planned)),
        decisions=(*judged.decisions, *decisions, *(d for outcome in outcomes for d in outcome.decisions)),
        next_at=agenda.next_moments(scene, gate, left),
    )


def _is_ours(gate: Gate, step: Step, concerns: frozenset[Concern]) -> bool:
    """Whether something new may be settled for this step now. That a call is off is told even when all is over."""
    return step.group in concerns and (gate.state in ("open", "completed") or _takes_back(gate, step))


def _takes_back(gate: Gate, step: Step) -> bool:
    return step.calendar is not None and gate.state in ("completed", "closed")


def _sort(scene: TouchpointContext, gate: Gate, concerns: frozenset[Concern]) -> Sorted:
    """Look at every step; what has lost its point or its time is settled here, within the concerns."""
    candidates: list[Candidate] = []
    outcomes: list[Outcome] = []
    taken_over: list[Occurrence] = []
    for step in scene.playbook.steps:
        if gate.state != "withheld" and not gate.admits(step) and not _takes_back(gate, step):
            continue
        if step.every is not None and scene.pointless(step):
            # A cadence simply ends; a line in the journal each time it would have come round says nothing.
            continue
        seen = look(scene, step)
        mine = _is_ours(gate, step, concerns)
        if seen.missed and mine:
            outcomes.append(_missed(scene, step, seen.missed))
        if seen.due is not None:
            reason = _without_point(scene, seen.due)
            if reason is None:
                candidates.append(assess(scene, seen.due))
            elif mine and reason == TAKEN_OVER:
                taken_over.append(seen.due)
            elif mine:
                outcomes.append(settled(scene, seen.due, "skipped", reason))
        if seen.ahead is not None and scene.pointless(step) is None:
            candidates.append(assess(scene, seen.ahead))
    if taken_over:
        outcomes.append(_taken_over(scene, taken_over))
    return Sorted(open=tuple(candidates), outcomes=tuple(outcomes))


TAKEN_OVER = "its time had passed when the account was taken over"


def _without_point(scene: TouchpointContext, occurrence: Occurrence) -> str | None:
    """Why a due occurrence is skipped whatever its window, in words; None where it is not."""
    adopted_at = scene.progress.adopted_at
    if adopted_at is not None and occurrence.due_at < adopted_at:
        return TAKEN_OVER
    if occurrence.step.calendar is not None:
        nobody = occurrence.withdraws and not held(scene.case, occurrence.step.name)
        return "nobody had been invited yet" if nobody else None
    return scene.pointless(occurrence.step) or scene.skipped_by_hold(occurrence.due_at)


def _missed(scene: TouchpointContext, step: Step, missed: Iterable[Occurrence]) -> Outcome:
    """Of a repeated step only the newest counts; all that were missed before it are one line in the
    journal."""
    gone = tuple(missed)
    days = list_words(day_words(occurrence.due_at) for occurrence in gone)
    because = f"missed on {days}; only the newest one counts"
    return Outcome(
        touchpoints=tuple(
            Touchpoint(step=step.name, occurrence=o.number, outcome="skipped", at=scene.now, because=because)
            for o in gone
        ),
        decisions=(Decision(kind="skipped", about=step.name, because=because),),
    )


def _taken_over(scene: TouchpointContext, passed: Iterable[Occurrence]) -> Outcome:
    """One line in the journal for everything whose time had passed before the account was ours."""
    gone = tuple(passed)
    names = list_words(occurrence.step.title for occurrence in gone)
    touchpoints = tuple(
        Touchpoint(
            step=occurrence.step.name,
            occurrence=occurrence.number,
            outcome="skipped",
            at=scene.now,
            because=f"{TAKEN_OVER}: {occurrence.because}, so due {day_words(occurrence.due_at)}",
        )
        for occurrence in gone
    )
    decision = Decision(kind="skipped", about="adoption", because=f"{TAKEN_OVER}: {names}")
    return Outcome(touchpoints=touchpoints, decisions=(decision,))


def _urgency(candidate: Candidate) -> tuple[int, datetime, str]:
    step = candidate.occurrence.step
    return -step.priority, candidate.opens_at, step.name
