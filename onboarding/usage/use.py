"""What is counted of each user of the product, and of the people of a role."""

from datetime import datetime, timedelta

from onboarding.values import dataclass

ACTIVATION = "activation"
ACTIVE = timedelta(days=30)
"""A user with an event within this time is active. This project's choice."""


@dataclass(frozen=True, slots=True)
class UserUse:
    """One user since the signature: the first and the last event, the first key action, and the last thirty days."""

    user: str
    first_at: datetime
    last_at: datetime
    key_at: datetime | None
    success_at: datetime | None = None
    """The first event of the usage that proves activation."""
    days: int = 0
    """On how many of the last thirty days (UTC) there was an event, and on how many a key action."""
    key_days: int = 0
    signed_up_at: datetime | None = None
    used_at: datetime | None = None
    """The first event that is more than signing up."""
    minutes: int = 0
    """The time spent in the product in the last thirty days, where the product tells it (SX-17)."""
    role: str = ""
    """The role that the source gave last; empty if none."""


@dataclass(frozen=True, slots=True)
class TrialUse:
    """What one user did before the signature: the first event, and the first key action (SX-16)."""

    user: str
    first_at: datetime
    key_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleUse:
    """How many of the account's people in one role were seen in the product, and how many did a key action."""

    role: str
    people: int
    seen: int
    activated: int
    missing: tuple[tuple[str, int], ...] = ()
    """What those who did no key action miss first, with how many; the most frequent first."""
