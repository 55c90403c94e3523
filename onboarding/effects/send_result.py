"""The result of one try to send an effect, passed from the sender to the ledger. Pure."""

from dataclasses import field
from enum import StrEnum

from onboarding.values import dataclass


class ResultState(StrEnum):
    """What is known of the message after the try."""

    SENT = "sent"
    """The far side accepted it."""
    TRANSIENT = "transient"
    """Certainly refused, temporarily: it is tried again."""
    PERMANENT = "permanent"
    """Refused, and no repeat can succeed."""
    UNKNOWN = "unknown"
    """It may have arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """The result of sending one message."""

    state: ResultState
    provider_id: str | None = None
    """With ``SENT``: its id at the far side."""
    error: str | None = None
    """What went wrong, without addresses, names or secrets. With ``SENT``: what differs from the request."""
    retry_after: float | None = None
    """With ``TRANSIENT``: the seconds that the far side asks to wait; None: by the retry schedule."""
    rest: bool = field(default=False, compare=False)
    """With ``TRANSIENT``: the far side asks that ``retry_after`` holds for everything sent there. It says nothing about
    this message, so it is not compared."""
    channel_down: bool = False
    """With ``TRANSIENT``: the fault is the channel's (a wrong password, a withdrawn token), not this message's. Nothing
    more is sent until it is fixed, it is reported once, and it does not count as a try. ``error`` names the remedy."""
    needs_person: bool = False
    """With ``TRANSIENT``: it may need a person, to whom it is reported once; it is retried all the same."""
    patient: bool = False
    """With ``TRANSIENT``: it waits for a person's decision, however long. Retried slowly, without counting tries."""

    @property
    def may_be_the_channel(self) -> bool:
        """Return whether the fault may be the channel's rather than this message's."""
        return self.state in (ResultState.TRANSIENT, ResultState.UNKNOWN) and not self.patient
