"""Who comes to a role after its message was planned: somebody in the place of another, or anew where the
step says so."""

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta

from onboarding.model.case import Touchpoint
from onboarding.model.effect import EffectLine, PlannedEffect
from onboarding.model.phrases import moment_words, role_words
from onboarding.model.review import Decision
from onboarding.model.vocabulary import ON_ITS_WAY, Channel, EffectState
from onboarding.touchpoints.candidates import Delivery, audiences
from onboarding.touchpoints.context import Gate, TouchpointContext
from onboarding.touchpoints.effects import owed
from onboarding.touchpoints.occurrences import numbered
from onboarding.touchpoints.outlook import Occurrence
from onboarding.touchpoints.windows import Diary, opening, window

SLACK_TIME = timedelta(days=14)
"""So long after the end of its window no message can still be waiting for working hours. Ours."""


def serve(
    scene: TouchpointContext, gate: Gate, lines: Mapping[str, EffectLine], diary: Diary
) -> tuple[tuple[PlannedEffect, ...], tuple[Decision, ...]]:
    """Messages of settled touchpoints for people who were not among their readers when they were planned.

    While nothing of a touchpoint has left on a channel, it follows the people who hold its roles. Once it
    has left, only a step with ``again_for_new_holder`` goes to newcomers. Never to an address that has it
    already.
    """
    steps = {step.name: step for step in scene.playbook.steps}
    effects: list[PlannedEffect] = []
    decisions: list[Decision] = []
    for touchpoint in sorted(scene.case.touchpoints, key=lambda found: (found.step, found.occurrence)):
        step = steps.get(touchpoint.step)
        if step is None or touchpoint.outcome != "planned" or not gate.admits(step):
            continue
        if not _may_change(scene, touchpoint, again=step.again_for_new_holder, send_for=step.late.send_for_hours):
            continue
        occurrence = numbered(scene, step, touchpoint.occurrence)
        if (
            occurrence is None
            or occurrence.withdraws
            or scene.pointless(step)
            or scene.skipped_by_hold(occurrence.due_at)
        ):
            continue
        own = [line for line in lines.values() if line.kind == step.name and line.occurrence == touchpoint.occurrence]
        for delivery in _newcomers(scene, occurrence, own):
            effect = _effect(scene, occurrence, delivery, diary)
            if effect is not None:
                effects.append(effect)
                decisions.append(_decision(effect, delivery))
    return tuple(effects), tuple(decisions)


def _may_change(scene: TouchpointContext, touchpoint: Touchpoint, *, again: bool, send_for: int) -> bool:
    """A cheap look before the dear one: most touchpoints of an old account are long past."""
    return again or touchpoint.at + timedelta(hours=send_for) + SLACK_TIME > scene.now


def _newcomers(scene: TouchpointContext, occurrence: Occurrence, own: Collection[EffectLine]) -> Iterator[Delivery]:
    step = occurrence.step
    if scene.waits_for(step, Channel.MAIL if step.mail else Channel.SLACK):
        return
    for channel, audience in audiences(scene, occurrence):
        there = [line for line in own if line.channel is channel]
        known = {line.person_id for line in there}
        served = {line.recipient.lower() for line in there if line.state is not EffectState.CANCELLED}
        gone_out = any(line.state in ON_ITS_WAY for line in there)
        if gone_out and (step.every is not None or not step.again_for_new_holder):
            continue
        due_at = max(occurrence.due_at, scene.now) if gone_out else occurrence.due_at
        for to in audience.to:
            if to.id not in known and to.address.lower() not in served:
                yield Delivery(channel=channel, to=to, window=window(scene, occurrence, to, due_at))


def _effect(scene: TouchpointContext, occurrence: Occurrence, delivery: Delivery, diary: Diary) -> PlannedEffect | None:
    to, limits = delivery.to, delivery.window
    at = max(limits.opens_at, scene.now)
    if delivery.channel is Channel.MAIL:
        at = diary.slot(occurrence, to, at, limits.opens_at)
    else:
        at = opening(scene, to.zone, to.country, at)
    if at > limits.expires_at:
        return None
    if delivery.channel is Channel.MAIL:
        diary.note(to.address, to.zone, at)
    because = f"{occurrence.because}, {to.because}, who came later"
    return owed(scene, occurrence, delivery, at, because)


def _decision(effect: PlannedEffect, delivery: Delivery) -> Decision:
    to = delivery.to
    because = f"{to.name} is {role_words(to.role)} now and has not had it; due {moment_words(effect.due_at)}"
    return Decision(kind="planned", about=effect.key, because=because)
