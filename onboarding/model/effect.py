"""An effect: one mail, Slack message or CRM row owed to the outside world. One core under its forms. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from onboarding.model.vocabulary import Channel, EffectState


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What every form of an effect says: which message of which step, to whom, and until when. Moments are in UTC."""

    key: str
    """Exists once only."""
    kind: str
    """The step of the playbook, or what else sends messages: a stall, a digest, a note to ops."""
    occurrence: str
    channel: Channel
    person_id: str
    """Whom it is for: one of the customer's people or of ours; ``channel`` for a Slack channel. Empty for a CRM row."""
    target_id: str = ""
    """The key of the CRM row that it writes. Empty for a message."""
    recipient: str
    role: str
    due_at: datetime
    expires_at: datetime | None = None
    """The latest useful moment; later it is cancelled rather than sent."""
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEffect(Effect):
    """An effect as the rules plan it."""

    state: EffectState = EffectState.PLANNED
    data: Mapping[str, Any] = field(default_factory=dict)
    """What its message needs besides the case: the message it answers or edits, or the post itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectLine(Effect):
    """An effect already owed or done, as far as the rules need it."""

    state: EffectState
    sent_at: datetime | None = None
    edits: bool = False
    """Whether it changes a Slack message that is out: it notifies nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased(Effect):
    """An effect under lease, as a worker holds it until ``lease_until``."""

    onboarding_key: str | None
    data: Mapping[str, Any] = field(default_factory=dict)
    payload: Mapping[str, Any] | None = None
    """What was stored at its first lease; None before."""
    attempts: int = 0
    in_doubt: bool = False
    """An earlier try may have arrived."""
    lease_until: datetime


def is_edit(effect: PlannedEffect | Leased) -> bool:
    """Return whether it changes a Slack message that is out: it notifies nobody."""
    return effect.channel is Channel.SLACK and effect.data.get("method") == "update"
