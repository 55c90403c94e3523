"""The outcomes of due touchpoints: planned, handed to a person, or given up with the reason."""

from collections.abc import Sequence

from onboarding.model.case import Touchpoint
from onboarding.model.effect import PlannedEffect
from onboarding.model.phrases import day_words, moment_words, role_words
from onboarding.model.review import Decision
from onboarding.model.vocabulary import Channel, EffectState, TouchpointOutcome
from onboarding.people.audience import LeftOut
from onboarding.sentences.sentence import sentence
from onboarding.touchpoints.candidates import Candidate, Delivery
from onboarding.touchpoints.context import TouchpointContext
from onboarding.touchpoints.effects import owed
from onboarding.touchpoints.outlook import Occurrence
from onboarding.touchpoints.windows import TOO_LATE, MailCounts, lateness, opening
from onboarding.values import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of settling one or several touchpoints."""

    touchpoints: tuple[Touchpoint, ...] = ()
    effects: tuple[PlannedEffect, ...] = ()
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """A later message, into which a late one may be merged."""

    step: str
    title: str
    day: str
    people: frozenset[str]


KINDS = {
    TouchpointOutcome.PLANNED: "planned",
    TouchpointOutcome.SKIPPED: "skipped",
    TouchpointOutcome.MERGED: "merged",
    TouchpointOutcome.ASKED: "asked_owner",
    TouchpointOutcome.TASK: "asked_owner",
}
"""Outcome of a touchpoint to the kind of its journal line."""


def settled(
    context: TouchpointContext,
    occurrence: Occurrence,
    outcome: TouchpointOutcome,
    because: str,
    effects: tuple[PlannedEffect, ...] = (),
) -> Outcome:
    """Return one settled touchpoint with its journal line."""
    touchpoint = Touchpoint(
        step=occurrence.step.name,
        occurrence=occurrence.number,
        outcome=outcome,
        at=context.now,
        because=because,
    )
    decision = Decision(kind=KINDS[outcome], about=occurrence.about, because=because)
    return Outcome(touchpoints=(touchpoint,), effects=effects, decisions=(decision,))


def settle_ready(context: TouchpointContext, candidate: Candidate, mail_counts: MailCounts) -> Outcome:
    """Plan the messages of a due touchpoint, each in the recipient's working time and within the daily limits.

    A recipient who cannot be reached in time gets a cancelled effect with the reason. If that holds for all, the
    touchpoint is late.
    """
    occurrence = candidate.occurrence
    if occurrence.step.mode == "task":
        return settled(
            context, occurrence, TouchpointOutcome.TASK, f"due {occurrence.because}; for a person to do, never sent"
        )
    if not candidate.deliveries and not candidate.withheld:
        return settled(context, occurrence, TouchpointOutcome.ASKED, f"{occurrence.because}: {candidate.because}")
    effects = tuple(_effect(context, occurrence, delivery, mail_counts) for delivery in candidate.deliveries)
    kept_back = _kept_back(context, candidate)
    if all(effect.state is EffectState.CANCELLED for effect in (*effects, *kept_back)):
        return settle_late(context, candidate, ())
    told = "; ".join(
        f"{delivery.to.name} ({role_words(delivery.to.role)}) {_when(effect)}"
        for delivery, effect in zip(candidate.deliveries, effects, strict=True)
    )
    because = f"{occurrence.because}: {told or 'kept back'}{_without(candidate.left_out)}"
    return settled(context, occurrence, TouchpointOutcome.PLANNED, because, (*effects, *kept_back))


def settle_late(context: TouchpointContext, candidate: Candidate, later: Sequence[Next]) -> Outcome:
    """Settle a late touchpoint by the step's own rule: skip it, merge it into the next message, or ask the owner."""
    occurrence, step = candidate.occurrence, candidate.occurrence.step
    because = f"{occurrence.because}: {lateness(context, occurrence, candidate.opens_at)}"
    if candidate.because:
        because = f"{because}; {candidate.because}"
    without_recipients = not candidate.deliveries
    if without_recipients and not candidate.left_out:
        return settled(context, occurrence, TouchpointOutcome.SKIPPED, because)
    if step.late.then == "ask_owner":
        return settled(context, occurrence, TouchpointOutcome.ASKED, f"{because}; {sentence('tasks.owner_decides')}")
    if step.late.then == "skip":
        return settled(context, occurrence, TouchpointOutcome.SKIPPED, because)
    people = {delivery.to.id for delivery in candidate.deliveries}
    later_message = next((message for message in later if message.people & people), None)
    if later_message is None:
        return settled(
            context, occurrence, TouchpointOutcome.SKIPPED, f"{because}; no later message goes to the same people"
        )
    return settled(
        context,
        occurrence,
        TouchpointOutcome.MERGED,
        f"{because}; left to “{later_message.title}” of {later_message.day}",
    )


def _kept_back(context: TouchpointContext, candidate: Candidate) -> tuple[PlannedEffect, ...]:
    """Return withheld effects for people with an obstacle that they can lift, each with the reason."""
    reasons = {person.id: f"{person.name} {person.because}" for person in candidate.left_out}
    return tuple(
        replace(
            owed(
                context,
                candidate.occurrence,
                delivery,
                max(delivery.window.opens_at, context.now),
                reasons[delivery.to.id],
            ),
            state=EffectState.WITHHELD,
        )
        for delivery in candidate.withheld
    )


def _effect(
    context: TouchpointContext, occurrence: Occurrence, delivery: Delivery, mail_counts: MailCounts
) -> PlannedEffect:
    to, limits = delivery.to, delivery.window
    at = max(limits.opens_at, context.now)
    if delivery.channel is Channel.MAIL:
        at = mail_counts.slot(occurrence, to, at, limits.opens_at)
    else:
        at = opening(context, to.zone, to.country, at)
    if at > limits.expires_at:
        because = f"{TOO_LATE}no working day with room for it until {moment_words(limits.expires_at)}"
        return replace(owed(context, occurrence, delivery, at, because), state=EffectState.CANCELLED)
    if delivery.channel is Channel.MAIL:
        mail_counts.note(to.address, to.zone, at)
    return owed(context, occurrence, delivery, at, f"{occurrence.because}, {to.because}")


def _when(effect: PlannedEffect) -> str:
    if effect.state is EffectState.CANCELLED:
        return effect.because
    if effect.state is EffectState.WITHHELD:
        return "as a draft"
    return f"on {day_words(effect.due_at)}" if effect.channel is Channel.MAIL else "on Slack"


def _without(left_out: Sequence[LeftOut]) -> str:
    if not left_out:
        return ""
    return "; not to " + ", ".join(f"{person.name}, who {person.because}" for person in left_out)
