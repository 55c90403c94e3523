"""Why a touchpoint was or was not sent: for each recipient, what happened or when it will."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from onboarding.clashes.clash import ANCHOR
from onboarding.conditions.conditional import Part
from onboarding.conditions.fitting import left_out
from onboarding.health.summary import NO_STEPS, plain
from onboarding.model.case import Case
from onboarding.model.effect import EffectLine
from onboarding.model.phrases import day_words, list_words, moment_words, name_words, role_words, stage_words
from onboarding.model.playbook import Playbook, Step
from onboarding.model.review import EffectChange, Review
from onboarding.model.vocabulary import Channel, EffectState, TouchpointOutcome
from onboarding.newcomers.newcomers import ANCHOR as JOINED
from onboarding.newcomers.newcomers import newcomers
from onboarding.review_context import ReviewContext
from onboarding.shared_plan.passed_calls import ANCHOR as MISSED
from onboarding.simulation.apply import as_line
from onboarding.touchpoints.context import TouchpointContext
from onboarding.values import dataclass

OUTCOMES = {
    TouchpointOutcome.PLANNED: "was planned",
    TouchpointOutcome.SKIPPED: "was skipped",
    TouchpointOutcome.MERGED: "was left to the next message for the same people",
    TouchpointOutcome.TASK: "was put before the owner as work for a person",
    TouchpointOutcome.ASKED: "came too late to be sent by itself and was put before the owner",
}


EACH_HAS = {
    ANCHOR: "it is sent for each open conflict of priorities, and every one has its message or was settled",
    JOINED: "it is sent to each person who joins after the welcome was sent; there is nobody who has not had it",
    MISSED: "it is sent for each agreed call that did not take place, and there is none without a new time",
}
"""What is said of a step with such an anchor that has nothing to send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFate:
    """What happened to the message for one person."""

    name: str
    role: str
    channel: str
    state: str
    at: datetime | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchpointExplanation:
    """Everything that ``explain KEY TOUCHPOINT`` says."""

    onboarding: str
    step: str
    title: str
    fates: tuple[MessageFate, ...]
    said: tuple[str, ...]
    """Further sentences, above all why there is nothing to send."""
    next_at: datetime | None

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the explanation as lines of text."""
        return (f"{self.title} ({self.step})", *(one.text for one in self.fates), *self.said)

    def as_json(self) -> dict[str, Any]:
        """Return the explanation as plain values."""
        return {name: plain(value) for name, value in asdict(self).items()}


def explain_touchpoint(
    case: Case, review: Review, playbook: Playbook, step: str, now: datetime
) -> TouchpointExplanation:
    """Return what happened with ``step`` for every recipient, or why it was not sent and when it will be. Pure.

    Raise ValueError if the playbook has no such step and there never was such an effect; the message names the
    steps of the playbook.
    """
    plan = next((one for one in playbook.steps if one.name == step), None)
    lines = _lines(case, review, step)
    why_not = left_out(playbook).get((Part.STEP, step))
    if plan is None and not lines and step not in NO_STEPS and why_not is None:
        names = ", ".join(sorted(one.name for one in playbook.steps))
        raise ValueError(f"the playbook has no touchpoint {step!r}; it has {names}")
    ahead = [one for one in review.upcoming if one.step == step]
    said = _settled(case, review, step, plan is not None and plan.every is not None)
    said += [f"{why_not[0].upper()}{why_not[1:]}."] if why_not else []
    said += [
        f"It is due on {moment_words(one.due_at)} for {list_words(one.to) or 'nobody yet'}: {one.because}."
        for one in ahead
    ]
    context = ReviewContext(case=case, state=review.state, progress=review.progress, playbook=playbook, now=now)
    if plan is not None and not lines and not said:
        said = _obstacles(plan, TouchpointContext.of(context))
    said += _without_their_own(context, plan) if plan is not None and plan.due.anchor == JOINED else []
    return TouchpointExplanation(
        onboarding=case.key,
        step=step,
        title=plan.title if plan else name_words(step).capitalize(),
        fates=tuple(_fate(case, line) for line in lines),
        said=tuple(said) or (() if lines else ("Nothing of this kind was ever owed.",)),
        next_at=min((one.due_at for one in ahead), default=None),
    )


def _without_their_own(context: ReviewContext, step: Step) -> list[str]:
    """Return which newcomers get none because it goes to their address for another one."""
    return [
        f"{name} has the same address as {one.person.name}, and gets none of their own."
        for one in newcomers(context, step)
        for name in one.others
    ]


def _settled(case: Case, review: Review, step: str, repeats: bool) -> list[str]:
    """Return why the touchpoint, or one of its occurrences, will never be sent automatically."""
    points = {(point.step, point.occurrence): point for point in (*case.touchpoints, *review.touchpoints)}
    return [
        f"{f'Number {point.occurrence}' if repeats else 'It'} {OUTCOMES[point.outcome]} "
        f"on {day_words(point.at)}: {point.because}."
        for point in points.values()
        if point.step == step and point.outcome != TouchpointOutcome.PLANNED
    ]


def _lines(case: Case, review: Review, step: str) -> list[EffectLine]:
    """Return every effect of the step with the review applied, in the order of their dates."""
    fates = {change.key: change for change in review.changes}
    found = {effect.key: as_line(effect) for effect in review.effects if effect.kind == step}
    found |= {line.key: line for line in case.effects if line.kind == step}
    changed = [_with(line, fates.get(line.key)) for line in found.values()]
    return sorted(changed, key=lambda line: (line.due_at, line.key))


def _with(line: EffectLine, change: EffectChange | None) -> EffectLine:
    if change is None:
        return line
    return replace(line, state=change.state, because=change.because, due_at=change.due_at or line.due_at)


def _fate(case: Case, line: EffectLine) -> MessageFate:
    owner, person = case.owners.get(line.person_id), case.person(line.person_id)
    name = person.name if person else owner.name if owner else line.recipient
    who = f"{name} ({role_words(line.role)})" if line.role else name
    because = f": {line.because}" if line.because else ""
    told = {
        EffectState.PLANNED: f"goes out on {moment_words(line.due_at)}{because}",
        EffectState.LEASED: "is being sent now",
        EffectState.SENDING: "is being sent now",
        EffectState.SENT: f"was sent on {moment_words(line.sent_at or line.due_at)}{because}",
        EffectState.UNKNOWN: "may have been sent or not; settle it with first90 effects sent or retry",
        EffectState.DEAD: f"could not be sent{because}",
        EffectState.CANCELLED: f"was not sent{because}",
        EffectState.WITHHELD: f"is kept back{because}",
    }
    at = line.sent_at if line.state is EffectState.SENT else line.due_at
    return MessageFate(
        name=name,
        role=line.role,
        channel=line.channel.value,
        state=line.state.value,
        at=at,
        text=f"{who}, {line.channel.value}: {told[line.state]}.",
    )


def _obstacles(step: Step, context: TouchpointContext) -> list[str]:
    """Return why nothing is planned: each obstacle in a sentence."""
    gate = context.gate
    said = [] if gate.admits(step) else [gate.because]
    pointless = context.pointless(step)
    channel = Channel.MAIL if step.mail is not None else Channel.SLACK
    waits = context.waits_for(step, channel)
    said += [text for text in (pointless, waits) if text]
    if context.anchor_at(step) is None:
        what = f"the start of {stage_words(step.stage).lower()}" if step.stage else _anchor_words(step.due.anchor)
        said.append(EACH_HAS.get(step.due.anchor) or f"its date counts from {what}, which is not known yet")
    elif step.mode == "task":
        said.append("it is not sent automatically: it is work for one of our people")
    return [f"Nothing is planned: {text}." for text in said] or ["Nothing is planned: its time has not come yet."]


def _anchor_words(anchor: str) -> str:
    return name_words(anchor.removeprefix("milestone:"))
