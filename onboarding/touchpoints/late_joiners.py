"""Messages for people who take over a role after a message to its holders was planned."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta

from onboarding.model.case import Touchpoint
from onboarding.model.effect import EffectLine, PlannedEffect
from onboarding.model.phrases import moment_words, role_words
from onboarding.model.playbook import Step
from onboarding.model.review import Decision
from onboarding.model.vocabulary import ON_ITS_WAY, Channel, EffectState, TouchpointOutcome
from onboarding.touchpoints.candidates import Delivery, audiences
from onboarding.touchpoints.context import Gate, TouchpointContext
from onboarding.touchpoints.effects import owed
from onboarding.touchpoints.occurrences import numbered
from onboarding.touchpoints.outlook import Occurrence
from onboarding.touchpoints.windows import MailCounts, opening, window

SLACK_TIME = timedelta(days=14)
"""Time after the end of its window by which no message can still wait for working hours. This project's choice."""


def plan_late_joiners(
    context: TouchpointContext, gate: Gate, lines: Mapping[str, EffectLine], mail_counts: MailCounts
) -> tuple[tuple[PlannedEffect, ...], tuple[Decision, ...]]:
    """Return messages of settled touchpoints for people who were not recipients when they were planned.

    While nothing of a touchpoint has been sent on a channel, it follows the people who hold its roles. After that
    only a step with ``again_for_new_holder`` is sent to new holders. An address never gets the same message twice.
    """
    steps = {step.name: step for step in context.playbook.steps}
    effects: list[PlannedEffect] = []
    decisions: list[Decision] = []
    for touchpoint in sorted(context.case.touchpoints, key=lambda found: (found.step, found.occurrence)):
        step = steps.get(touchpoint.step)
        if step is None or touchpoint.outcome != TouchpointOutcome.PLANNED or not gate.admits(step):
            continue
        if not _may_change(context, touchpoint, again=step.again_for_new_holder, send_for=step.late.send_for_hours):
            continue
        own = [line for line in lines.values() if line.kind == step.name and line.occurrence == touchpoint.occurrence]
        if _is_over(step, own):
            continue
        occurrence = numbered(context, step, touchpoint.occurrence)
        if (
            occurrence is None
            or occurrence.withdraws
            or context.pointless(step)
            or context.skipped_by_hold(occurrence.due_at)
        ):
            continue
        for delivery in _newcomers(context, occurrence, own):
            effect = _effect(context, occurrence, delivery, mail_counts)
            if effect is not None:
                effects.append(effect)
                decisions.append(_decision(effect, delivery))
    return tuple(effects), tuple(decisions)


def _may_change(context: TouchpointContext, touchpoint: Touchpoint, *, again: bool, send_for: int) -> bool:
    """Return whether the touchpoint may still need messages; an inexpensive check, as most touchpoints are long
    past."""
    return again or touchpoint.at + timedelta(hours=send_for) + SLACK_TIME > context.now


def _is_over(step: Step, own: Iterable[EffectLine]) -> bool:
    """Return whether it has gone out on every channel of a step that is not sent to later holders: the common case, for
    which no recipients need to be found."""
    if step.again_for_new_holder and step.every is None:
        return False
    gone_out = {line.channel for line in own if line.state in ON_ITS_WAY}
    return (step.mail is None or Channel.MAIL in gone_out) and (step.slack is None or Channel.SLACK in gone_out)


def _newcomers(context: TouchpointContext, occurrence: Occurrence, own: Collection[EffectLine]) -> Iterator[Delivery]:
    step = occurrence.step
    if context.waits_for(step, Channel.MAIL if step.mail else Channel.SLACK):
        return
    for channel, audience in audiences(context, occurrence):
        there = [line for line in own if line.channel is channel]
        known = {line.person_id for line in there}
        served = {line.recipient.lower() for line in there if line.state is not EffectState.CANCELLED}
        gone_out = any(line.state in ON_ITS_WAY for line in there)
        if gone_out and (step.every is not None or not step.again_for_new_holder):
            continue
        due_at = max(occurrence.due_at, context.now) if gone_out else occurrence.due_at
        for to in audience.to:
            if to.id not in known and to.address.lower() not in served:
                yield Delivery(channel=channel, to=to, window=window(context, occurrence, to, due_at))


def _effect(
    context: TouchpointContext, occurrence: Occurrence, delivery: Delivery, mail_counts: MailCounts
) -> PlannedEffect | None:
    to, limits = delivery.to, delivery.window
    at = max(limits.opens_at, context.now)
    if delivery.channel is Channel.MAIL:
        at = mail_counts.slot(occurrence, to, at, limits.opens_at)
    else:
        at = opening(context, to.zone, to.country, at)
    if at > limits.expires_at:
        return None
    if delivery.channel is Channel.MAIL:
        mail_counts.note(to.address, to.zone, at)
    because = f"{occurrence.because}, {to.because}, who came later"
    return owed(context, occurrence, delivery, at, because)


def _decision(effect: PlannedEffect, delivery: Delivery) -> Decision:
    to = delivery.to
    because = f"{to.name} is {role_words(to.role)} now and has not had it; due {moment_words(effect.due_at)}"
    return Decision(kind="planned", about=effect.key, because=because)
