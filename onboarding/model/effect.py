"""Effects: one mail, Slack message or CRM row that has to be sent. One base class for all stages of its life. Pure."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from onboarding.model.vocabulary import Channel, EffectState
from onboarding.values import dataclass

TELLS = "facts"
"""The field of a message's data with the keys of the facts from the plan page that it tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The fields that every form of an effect has: what, to whom, and until when. Moments are in UTC."""

    key: str
    """Unique; planning the same effect again gives the same key."""
    kind: str
    """The step of the playbook, or another origin of messages: a stall, a digest, a note to operators."""
    occurrence: str
    channel: Channel
    person_id: str
    """The recipient's id: a customer contact or one of the vendor's people; ``channel`` for a Slack channel. Empty for
    a CRM row."""
    target_id: str = ""
    """The key of the CRM row to write. Empty for a message."""
    recipient: str
    role: str
    due_at: datetime
    expires_at: datetime | None = None
    """The latest useful moment; after it the effect is cancelled instead of sent."""
    because: str = ""

    @property
    def planned_as(self) -> str:
        """Return the name under which its step planned it: the key keeps it, whatever the step is called since."""
        return self.key.partition(":")[2].partition(":")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEffect(Effect):
    """An effect as the rules plan it."""

    state: EffectState = EffectState.PLANNED
    data: Mapping[str, Any] = field(default_factory=dict)
    """What the message needs besides the case: the message that it answers or edits, or the post itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectLine(Effect):
    """A stored effect as the rules see it."""

    state: EffectState
    sent_at: datetime | None = None
    in_doubt: bool = False
    """Whether an earlier attempt may have arrived."""
    edits: bool = False
    """Whether it edits a Slack message that was already posted, which notifies no reader."""
    tells: tuple[str, ...] = ()
    """The keys of the facts that a message about the plan page tells; empty for every other one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased(Effect):
    """An effect that a worker has leased until ``lease_until``."""

    onboarding_key: str | None
    data: Mapping[str, Any] = field(default_factory=dict)
    payload: Mapping[str, Any] | None = None
    """The payload stored at the first lease; None before."""
    attempts: int = 0
    in_doubt: bool = False
    """Whether an earlier attempt may have arrived."""
    lease_until: datetime


def is_edit(effect: PlannedEffect | Leased) -> bool:
    """Return whether the effect edits a Slack message that was already posted, which notifies no reader."""
    return effect.channel is Channel.SLACK and effect.data.get("method") == "update"
