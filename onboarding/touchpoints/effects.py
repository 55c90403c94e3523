"""The effect that one message to one person is: its key, its moment and its reason."""

from datetime import datetime

from onboarding.model.effect import PlannedEffect
from onboarding.model.vocabulary import Channel
from onboarding.touchpoints.candidates import Delivery
from onboarding.touchpoints.context import TouchpointContext
from onboarding.touchpoints.outlook import Occurrence


def effect_key(onboarding: str, step: str, occurrence: str, channel: Channel, person_id: str) -> str:
    """The key under which this message can exist once only, whichever path planned it.

    There is never an address in it.
    """
    return f"{onboarding}:{step}:{occurrence}:{channel}:{person_id}"


def owed(
    scene: TouchpointContext, occurrence: Occurrence, delivery: Delivery, due_at: datetime, because: str
) -> PlannedEffect:
    """Return the message of a step to one person, due in their working time (UTC)."""
    step, channel, to = occurrence.step.name, delivery.channel, delivery.to
    return PlannedEffect(
        key=effect_key(scene.case.key, step, occurrence.number, channel, to.id),
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
