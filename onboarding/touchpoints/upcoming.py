"""Upcoming touchpoints, and the moments at which the passing of time changes anything."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from onboarding.dates.anchors import check_ins_from_target
from onboarding.model.phrases import day_words, role_words
from onboarding.model.review import Upcoming
from onboarding.model.vocabulary import Channel, Concern
from onboarding.touchpoints.candidates import Candidate, Fate
from onboarding.touchpoints.context import Gate, TouchpointContext
from onboarding.touchpoints.outcomes import Next, Outcome

MOMENT = timedelta(seconds=1)


def ahead(candidates: Iterable[Candidate], outcomes: Iterable[Outcome], context: TouchpointContext) -> tuple[Next, ...]:
    """Return the mails just planned and the upcoming ones, the earliest first."""
    titles = {step.name: step.title for step in context.playbook.steps}
    found: dict[tuple[datetime, str], set[str]] = {}
    for outcome in outcomes:
        for effect in outcome.effects:
            if effect.channel is Channel.MAIL:
                found.setdefault((effect.due_at, effect.kind), set()).add(effect.person_id)
    for candidate in candidates:
        people = {delivery.to.id for delivery in candidate.deliveries if delivery.channel is Channel.MAIL}
        if candidate.fate is Fate.AHEAD and people:
            found.setdefault((candidate.opens_at, candidate.occurrence.step.name), set()).update(people)
    return tuple(
        Next(step=step, title=titles[step], day=day_words(at), people=frozenset(people))
        for (at, step), people in sorted(found.items())
    )


def upcoming(context: TouchpointContext, gate: Gate, candidates: Sequence[Candidate]) -> tuple[Upcoming, ...]:
    """Return the touchpoints that are not settled, the next one first."""
    lines = [_upcoming(gate, candidate) for candidate in candidates]
    return tuple(sorted(lines, key=lambda line: (line.due_at, line.step)))


def next_moments(
    context: TouchpointContext,
    gate: Gate,
    candidates: Sequence[Candidate],
    more: Iterable[tuple[Concern, datetime]] = (),
) -> Mapping[Concern, datetime | None]:
    """Return for each concern the next moment at which the passing of time changes something; in the past if it is
    due. ``more`` are the moments of what is no step: when drafts stop waiting, and what is left to another concern."""
    moments: dict[Concern, list[datetime]] = {concern: [] for concern in Concern}
    for concern, at in more:
        moments[concern].append(at)
    hold = context.hold
    for candidate in candidates:
        if gate.state != "withheld" or gate.settles(candidate.occurrence):
            at = candidate.expires_at + MOMENT if candidate.fate is Fate.WAITING else candidate.opens_at
            moments[candidate.occurrence.step.group].append(at)
        elif hold is not None and hold.until is not None and hold.until > context.now:
            moments[candidate.occurrence.step.group].append(hold.until)
    anchor_missing = context.state.check_in_anchor_at is None and context.playbook.check_in_anchor == "go_live"
    from_target_at = check_ins_from_target(context.playbook, context.state.target_at) + MOMENT
    if anchor_missing and from_target_at > context.now and gate.state == "open":
        moments[Concern.CHECK_INS].append(from_target_at)
    return {concern: min(found, default=None) for concern, found in moments.items()}


def _upcoming(gate: Gate, candidate: Candidate) -> Upcoming:
    occurrence = candidate.occurrence
    reasons = [occurrence.because, *filter(None, (candidate.because, gate.because))]
    people = {delivery.to.id: delivery.to for delivery in candidate.deliveries}
    return Upcoming(
        step=occurrence.step.name,
        occurrence=occurrence.number,
        title=occurrence.step.title,
        due_at=candidate.opens_at,
        to=tuple(f"{to.name} ({role_words(to.role)})" for to in people.values()),
        because="; ".join(reasons),
    )
