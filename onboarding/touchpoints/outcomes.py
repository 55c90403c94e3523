"""How a due touchpoint ends: planned for its people, put before a person, or given up with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from onboarding.model.case import Touchpoint
from onboarding.model.effect import PlannedEffect
from onboarding.model.phrases import day_words, moment_words, role_words
from onboarding.model.review import Decision
from onboarding.model.vocabulary import Channel, EffectState
from onboarding.people.audience import LeftOut
from onboarding.touchpoints.candidates import Candidate, Delivery
from onboarding.touchpoints.context import TouchpointContext
from onboarding.touchpoints.effects import owed
from onboarding.touchpoints.outlook import Occurrence
from onboarding.touchpoints.windows import TOO_LATE, Diary, lateness, opening


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What settling one or several touchpoints brings."""

    touchpoints: tuple[Touchpoint, ...] = ()
    effects: tuple[PlannedEffect, ...] = ()
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """A later message, to which a late one may leave its content."""

    step: str
    title: str
    day: str
    people: frozenset[str]


KINDS = {
    "planned": "planned",
    "skipped": "skipped",
    "merged": "merged",
    "asked": "asked_owner",
    "task": "asked_owner",
}
"""Outcome of a touchpoint to kind of its line in the journal."""


def settled(
    scene: TouchpointContext,
    occurrence: Occurrence,
    outcome: str,
    because: str,
    effects: tuple[PlannedEffect, ...] = (),
) -> Outcome:
    """One touchpoint with its fate, for the record and for the journal."""
    touchpoint = Touchpoint(
        step=occurrence.step.name,
        occurrence=occurrence.number,
        outcome=outcome,
        at=scene.now,
        because=because,
    )
    decision = Decision(kind=KINDS[outcome], about=occurrence.about, because=because)
    return Outcome(touchpoints=(touchpoint,), effects=effects, decisions=(decision,))


def settle_ready(scene: TouchpointContext, candidate: Candidate, diary: Diary) -> Outcome:
    """Plan the messages of a touchpoint whose time has come, each in its reader's working time and on a day
    with room.

    Who cannot be reached in time gets a cancelled effect that says so. Where that is everybody, the
    touchpoint is late.
    """
    occurrence = candidate.occurrence
    if occurrence.step.mode == "task":
        return settled(scene, occurrence, "task", f"due {occurrence.because}; for a person to do, never sent")
    if not candidate.deliveries and not candidate.withheld:
        return settled(scene, occurrence, "asked", f"{occurrence.because}: {candidate.because}")
    effects = tuple(_effect(scene, occurrence, delivery, diary) for delivery in candidate.deliveries)
    kept_back = _kept_back(scene, candidate)
    if all(effect.state is EffectState.CANCELLED for effect in (*effects, *kept_back)):
        return settle_late(scene, candidate, ())
    told = "; ".join(
        f"{delivery.to.name} ({role_words(delivery.to.role)}) {_when(effect)}"
        for delivery, effect in zip(candidate.deliveries, effects, strict=True)
    )
    because = f"{occurrence.because}: {told or 'kept back'}{_without(candidate.left_out)}"
    return settled(scene, occurrence, "planned", because, (*effects, *kept_back))


def settle_late(scene: TouchpointContext, candidate: Candidate, later: Sequence[Next]) -> Outcome:
    """Give up a touchpoint whose time is over, by its own rule: skip, leave it to the next message, ask the
    owner."""
    occurrence, step = candidate.occurrence, candidate.occurrence.step
    because = f"{occurrence.because}: {lateness(scene, occurrence, candidate.opens_at)}"
    if candidate.because:
        because = f"{because}; {candidate.because}"
    nobody = not candidate.deliveries
    if nobody and not candidate.left_out:
        return settled(scene, occurrence, "skipped", because)
    if step.late.then == "ask_owner":
        return settled(scene, occurrence, "asked", f"{because}; the owner decides whether to write now")
    if step.late.then == "skip":
        return settled(scene, occurrence, "skipped", because)
    people = {delivery.to.id for delivery in candidate.deliveries}
    heir = next((message for message in later if message.people & people), None)
    if heir is None:
        return settled(scene, occurrence, "skipped", f"{because}; no later message goes to the same people")
    return settled(scene, occurrence, "merged", f"{because}; left to “{heir.title}” of {heir.day}")


def _kept_back(scene: TouchpointContext, candidate: Candidate) -> tuple[PlannedEffect, ...]:
    """What is withheld from people who asked for it stands among the effects, with their reason."""
    reasons = {person.id: f"{person.name} {person.because}" for person in candidate.left_out}
    return tuple(
        replace(
            owed(
                scene,
                candidate.occurrence,
                delivery,
                max(delivery.window.opens_at, scene.now),
                reasons[delivery.to.id],
            ),
            state=EffectState.WITHHELD,
        )
        for delivery in candidate.withheld
    )


def _effect(scene: TouchpointContext, occurrence: Occurrence, delivery: Delivery, diary: Diary) -> PlannedEffect:
    to, limits = delivery.to, delivery.window
    at = max(limits.opens_at, scene.now)
    if delivery.channel is Channel.MAIL:
        at = diary.slot(occurrence, to, at, limits.opens_at)
    else:
        at = opening(scene, to.zone, to.country, at)
    if at > limits.expires_at:
        because = f"{TOO_LATE}no working day with room for it until {moment_words(limits.expires_at)}"
        return replace(owed(scene, occurrence, delivery, at, because), state=EffectState.CANCELLED)
    if delivery.channel is Channel.MAIL:
        diary.note(to.address, to.zone, at)
    return owed(scene, occurrence, delivery, at, f"{occurrence.because}, {to.because}")


def _when(effect: PlannedEffect) -> str:
    if effect.state is EffectState.CANCELLED:
        return effect.because
    return f"on {day_words(effect.due_at)}" if effect.channel is Channel.MAIL else "on Slack"


def _without(left_out: Sequence[LeftOut]) -> str:
    if not left_out:
        return ""
    return "; not to " + ", ".join(f"{person.name}, who {person.because}" for person in left_out)
