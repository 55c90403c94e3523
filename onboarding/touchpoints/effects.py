"""The effect for one message to one person: its key, due time and reason."""

from datetime import datetime

from onboarding.model.effect import EffectLine, PlannedEffect
from onboarding.model.phrases import moment_words
from onboarding.model.review import Decision, EffectChange
from onboarding.model.vocabulary import Channel, EffectState
from onboarding.touchpoints.candidates import Delivery
from onboarding.touchpoints.context import TouchpointContext
from onboarding.touchpoints.draft_verdicts import on_draft
from onboarding.touchpoints.outlook import Occurrence
from onboarding.values import replace


def effect_key(onboarding: str, step: str, occurrence: str, channel: Channel, person_id: str) -> str:
    """Return the unique key of this message, the same whichever code path plans it. It never contains an address."""
    return f"{onboarding}:{step}:{occurrence}:{channel}:{person_id}"


def owed(
    context: TouchpointContext, occurrence: Occurrence, delivery: Delivery, due_at: datetime, because: str
) -> PlannedEffect:
    """Return the effect for the message of a step to one person, due in the recipient's working time (UTC); withheld as
    long as it is a draft that nobody has approved."""
    step, channel, to = occurrence.step.name, delivery.channel, delivery.to
    effect = PlannedEffect(
        key=effect_key(context.case.key, step, occurrence.number, channel, to.id),
        kind=step,
        occurrence=occurrence.number,
        channel=channel,
        person_id=to.id,
        recipient=to.address,
        role=to.role,
        due_at=due_at,
        expires_at=delivery.window.expires_at,
        because=because,
    )
    draft = on_draft(context, occurrence, effect, delivery.window) if channel is Channel.MAIL else None
    return replace(effect, state=draft.state, because=f"{because}; {draft.because}") if draft else effect


def decision_on_change(line: EffectLine, change: EffectChange) -> Decision:
    """Return the journal line of a change to an unsent effect."""
    kind = {EffectState.CANCELLED: "cancelled", EffectState.WITHHELD: "withheld"}.get(change.state)
    if kind is None:
        kind = "released" if line.state is EffectState.WITHHELD else "moved"
    when = f"; due {moment_words(change.due_at)}" if change.due_at else ""
    return Decision(kind=kind, about=line.key, because=f"{change.because}{when}")


def with_change(line: EffectLine, change: EffectChange | None) -> EffectLine:
    """Return the effect with the change applied, if there is one."""
    if change is None:
        return line
    due_at, recipient = change.due_at or line.due_at, change.recipient or line.recipient
    return replace(line, state=change.state, because=change.because, due_at=due_at, recipient=recipient)
