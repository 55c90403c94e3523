"""The entry of the rules: ``review`` serves live flows, dry runs, ``explain`` and ``simulate``. No I/O, no clock."""

from collections.abc import Iterable
from datetime import datetime

from onboarding import stalls, touchpoints
from onboarding.conditions.added import still_added
from onboarding.conditions.conditional import Part
from onboarding.conditions.fitting import NOT_FOR, changes, results
from onboarding.crm import projection
from onboarding.escalations import ladder
from onboarding.facts.fold import fold_and_advance, next_change
from onboarding.health import interventions
from onboarding.health.score import health
from onboarding.health.summary import Summary, summarise
from onboarding.health.trend import history_with, trend_tasks
from onboarding.model.case import Case
from onboarding.model.parties import Person
from onboarding.model.phrases import day_words
from onboarding.model.playbook import Playbook
from onboarding.model.review import Decision, EffectChange, Review
from onboarding.model.vocabulary import Concern, EffectState, VendorRole
from onboarding.people.unheld import unheld
from onboarding.review_context import ALL_CONCERNS, ReviewContext
from onboarding.shared_plan.passed_calls import ends_ahead
from onboarding.stages import Advance, due_at, status_of
from onboarding.tracks.running import phase_of, track_moments, track_sentences, track_states
from onboarding.values import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A case, its review and the line that ``status`` shows."""

    case: Case
    playbook: Playbook
    """As it is for the case: without what is for other customers, with the tasks that this account has besides."""
    review: Review
    summary: Summary

    def person(self, person_id: str) -> Person | None:
        """Return the customer's person with this id, including one known only from a report; None if unknown."""
        holders = (one for people in self.review.state.holders.values() for one in people)
        return self.case.person(person_id) or next((one for one in holders if one.id == person_id), None)


def review(case: Case, playbook: Playbook, now: datetime, concerns: frozenset[Concern] = ALL_CONCERNS) -> Reviewed:
    """Return everything that follows from ``case`` at ``now`` (UTC).

    The stage, the dates, the changes to unsent effects and the CRM rows are always computed; ``concerns`` limits
    which new touchpoints and escalations may be planned (each flow plans its own). Pure: the same arguments give
    the same result, and a case to which the result was applied gives no further decision at the same ``now``.
    """
    found = review_without_writes(case, playbook, now, concerns)
    projected = projection.rows(case, found.review, found.summary)
    writes, digests = projection.changed(case, found.review.progress, projected, now)
    outcome = replace(
        found.review,
        effects=(*found.review.effects, *writes),
        progress=replace(found.review.progress, crm_digests=digests),
    )
    return replace(found, review=outcome)


def review_without_writes(
    case: Case, playbook: Playbook, now: datetime, concerns: frozenset[Concern] = ALL_CONCERNS
) -> Reviewed:
    """Return the same as ``review`` without the CRM rows to write, for rechecks and reports, which save no review.

    It takes a sixth less time. Pure.
    """
    context, moved, why = _begin(case, playbook, now, concerns)
    state, progress, playbook = context.state, context.progress, context.playbook
    watches = stalls.watches(context)
    condition = health(case, state, stalls.find(watches, now), now, playbook.health_weights)
    history = history_with(progress.health_history, condition.score, progress.status, now)
    unbalanced = interventions.imbalance(context, condition)
    opened = tuple(interventions.watches(context, condition, history, unbalanced))
    watches = (*watches, *opened)
    found = stalls.find(watches, now)
    plan, tracks = touchpoints.plan(context), track_states(context)
    climb = ladder.climb(context, found)
    learned_at = next_change(case, playbook, state, now)
    outcome = Review(
        case_key=case.key,
        version=case.version,
        state=state,
        progress=progress,
        criteria=moved.criteria,
        unheld=context.unheld,
        stage_due_at=context.stage_due_at,
        phase=phase_of(state, tracks, now),
        tracks=track_sentences(tracks, now),
        stalls=found,
        decisions=(*_changes(context, moved, why), *plan.decisions, *climb.decisions),
        milestones=tuple(state.milestones.values()),
        touchpoints=plan.touchpoints,
        effects=(*plan.effects, *climb.effects),
        changes=_one_fate_each((*plan.changes, *climb.changes)),
        episodes=climb.episodes,
        upcoming=plan.upcoming,
        tasks=plan.tasks,
        next_at={
            Concern.STAGES: _soonest(plan.next_at.get(Concern.STAGES), learned_at, *track_moments(tracks, now)),
            Concern.CHECK_INS: _soonest(plan.next_at.get(Concern.CHECK_INS)),
            Concern.ESCALATIONS: _soonest(
                climb.next_at,
                stalls.next_at(watches, now),
                interventions.looks_again_at(context, condition, history, bool(opened)),
                *(task.until for task in plan.tasks),
                *ends_ahead(state, playbook, now),
            ),
        },
    )
    summary = summarise(case, outcome, now, condition)
    outcome = replace(
        outcome,
        tasks=(*plan.tasks, *trend_tasks(history, summary, now, playbook.stalls)),
        progress=replace(progress, health_history=history, unbalanced_at=unbalanced[1]),
    )
    return Reviewed(case=case, playbook=context.playbook, review=outcome, summary=summary)


def review_context(
    case: Case, playbook: Playbook, now: datetime, concerns: frozenset[Concern] = ALL_CONCERNS
) -> ReviewContext:
    """Return the context that the rules of a review at ``now`` (UTC) share. Pure."""
    return _begin(case, playbook, now, concerns)[0]


def _begin(
    case: Case, playbook: Playbook, now: datetime, concerns: frozenset[Concern]
) -> tuple[ReviewContext, Advance, str]:
    """Return the context, the result of the stage machine, and the reason for the status."""
    state, moved, playbook = fold_and_advance(case, playbook, now)
    status, why = status_of(case, moved, now)
    progress = replace(
        case.progress,
        status=status,
        stage=moved.stage,
        stage_times=moved.stage_times,
        tier=state.tier,
        tier_because=state.tier_because,
        owner_id=state.owner.id if state.owner else None,
        conditions={**still_added(case, playbook), **results(playbook)},
    )
    context = ReviewContext(
        case=case,
        state=state,
        progress=progress,
        playbook=playbook,
        now=now,
        concerns=concerns,
        criteria=moved.criteria,
        lost=moved.lost,
        unheld=unheld(state, progress, playbook),
        stage_due_at=due_at(case, state, playbook, moved, now),
    )
    return context, moved, why


def _changes(context: ReviewContext, moved: Advance, why: str) -> Iterable[Decision]:
    """Yield the journal lines on stage, status, tier, owner and conditions that differ from what was saved."""
    for leaving in moved.left:
        yield Decision(kind="stage_left", about=leaving.stage.value, because=leaving.because)
    state, progress, saved = context.state, context.progress, context.case.progress
    if progress.status is not saved.status:
        yield Decision(kind="status", about=progress.status.value, because=why)
    if state.tier != saved.tier:
        yield Decision(kind="tier", about=state.tier, because=state.tier_because)
    if saved.owner_id not in (None, progress.owner_id):
        now = f"{state.owner.name} is accountable from now on" if state.owner else "nobody is accountable from now on"
        cover, change = state.covers.get(VendorRole.CSM), state.transfer
        if change is not None and change.over and saved.owner_id == change.specialist.id:
            now = f"{now}, after {change.specialist.name}, the onboarding specialist: {change.because}"
        if cover is not None and cover.by is not None:
            now = f"{cover.by.name} covers for {cover.absent.name}, who is away until {day_words(cover.back)}"
        because = f"{now}; what has not left goes out in that name"
        yield Decision(kind="owner", about=progress.owner_id or "nobody", because=because)
    yield from _fitting(context)


def _fitting(context: ReviewContext) -> Iterable[Decision]:
    """Yield a line for each part of the playbook that appears or goes because a condition changed its result."""
    for one, verdict in changes(context.playbook, context.case.progress.conditions):
        about = one.name if one.part in (Part.MILESTONE, Part.STEP) else f"{one.part} {one.name}"
        if verdict.holds:
            yield Decision(kind="appears", about=about, because=f"for this account from now on: {one.when}")
        else:
            yield Decision(kind="left_out", about=about, because=f"{NOT_FOR}{verdict.because}")


def _one_fate_each(changes: Iterable[EffectChange]) -> tuple[EffectChange, ...]:
    """Return one change for each effect; where two rules change the same one, a cancellation wins."""
    fates: dict[str, EffectChange] = {}
    for change in changes:
        if change.key not in fates or change.state is EffectState.CANCELLED:
            fates[change.key] = change
    return tuple(fates.values())


def _soonest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
