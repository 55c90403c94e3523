"""What product usage has shown of one account: the customer's, our own people's, and what is not known of it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalUse:
    """What one product signal has shown for this account."""

    name: str
    total: int
    users: int
    first_at: datetime
    last_at: datetime
    events: tuple[tuple[datetime, str, int], ...]
    """The first fifty, and the first of each of the first fifty users, as (when, user or "", count) in order of time:
    enough to date any threshold up to fifty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnUse:
    """What our own people did in the customer's product: shown, and proof of nothing."""

    name: str
    total: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Product usage of the customer's people by now; ``known`` is false where no source of signals is connected
    (unknown is never healthy, HS-8)."""

    known: bool = False
    read_at: datetime | None = None
    signals: tuple[SignalUse, ...] = ()
    ours: tuple[OwnUse, ...] = ()
    ahead_at: datetime | None = None
    """The next event that is dated ahead: it counts from then on."""
    unread_at: datetime | None = None
    """When usage came last that could not be read; what it would have shown is unknown, so no silence reaches back
    before this moment (HS-8)."""
