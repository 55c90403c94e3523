"""The events of an effect, and which event a result or the death of a worker is. Pure."""

from enum import StrEnum

from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.vocabulary import EffectState

MOST_CRASHES = 3
"""After so many workers died with it in flight it is held for a person (R17), as it may be what kills them."""


class Event(StrEnum):
    """The events of an effect."""

    LEASED = "leased by a run"
    RELEASED = "released before it was announced"
    ANNOUNCED = "announced: it is about to leave"
    KEY_FORGOTTEN = "the provider is about to forget its key, or is another one now"
    LEFT_BEFORE = "it left before the database was restored from a backup"

    ACCEPTED = "accepted"
    REFUSED = "refused for now"
    USED_UP = "refused for now, and the tries are used up"
    CHANNEL_DOWN = "refused: the channel is down"
    DECISION_PENDING = "refused until a person has decided"
    REJECTED = "refused for good"
    IN_DOUBT_REPEAT = "in doubt; a repeat is allowed"
    IN_DOUBT_ASK = "in doubt; the far side can be asked"
    IN_DOUBT_HOLD = "in doubt; a person must settle it"

    DIED = "its worker died before it was announced"
    DIED_REPEAT = "its worker died while it left; a repeat is allowed"
    DIED_ASK = "its worker died while it left; the far side can be asked"
    DIED_HOLD = "its worker died while it left; a person must settle it"
    DIED_AGAIN = "the third worker died with it"

    RESCHEDULED = "planned for another moment, or released from being withheld"
    WITHHELD = "withheld"
    GIVEN_UP = "given up by the rules"
    READDRESSED = "its reader has another address"
    ADDRESS_TAKEN = "its reader's new address has this step's mail already"

    RETRIED = "a person has it sent again"
    CANCELLED = "a person gives it up"
    CONFIRMED = "a person says that it arrived"
    ERASED = "its reader is erased"
    RESTORED = "the change of the playbook that gave it up is taken back"


class DoubtPolicy(StrEnum):
    """What a channel does if it is not known whether an effect arrived."""

    REPEAT = "repeat"
    """Send it again: the far side drops a repeat, or the operator prefers a repeat to a loss."""
    ASK = "ask"
    """Look it up at the far side."""
    PARK = "park"
    """Hold it for a person."""


def crash_event(state: EffectState, crashes: int, policy: DoubtPolicy | None) -> Event | None:
    """Return the event for an effect whose worker died, after ``crashes`` earlier deaths.

    None: the effect stays as it is, because its channel's policy is not known here or its grace period is not over.
    """
    again = crashes + 1 >= MOST_CRASHES
    if state is EffectState.LEASED:
        return Event.DIED_AGAIN if again else Event.DIED
    if policy is None:
        return None
    return Event.DIED_AGAIN if again else _DIED[policy]


def result_event(result: SendResult, policy: DoubtPolicy, *, tries_left: bool) -> Event:
    """Return the event for the far side's result on a channel with this policy.

    A doubt without tries left is held for a person even if a repeat is allowed.
    """
    if result.state is ResultState.SENT:
        return Event.ACCEPTED
    if result.state is ResultState.PERMANENT:
        return Event.REJECTED
    if result.channel_down:
        return Event.CHANNEL_DOWN
    if result.patient:
        return Event.DECISION_PENDING
    if result.state is ResultState.TRANSIENT:
        return Event.REFUSED if tries_left else Event.USED_UP
    if policy is DoubtPolicy.REPEAT and not tries_left:
        return Event.IN_DOUBT_HOLD
    return _IN_DOUBT[policy]


_DIED = {
    DoubtPolicy.REPEAT: Event.DIED_REPEAT,
    DoubtPolicy.ASK: Event.DIED_ASK,
    DoubtPolicy.PARK: Event.DIED_HOLD,
}
_IN_DOUBT = {
    DoubtPolicy.REPEAT: Event.IN_DOUBT_REPEAT,
    DoubtPolicy.ASK: Event.IN_DOUBT_ASK,
    DoubtPolicy.PARK: Event.IN_DOUBT_HOLD,
}
