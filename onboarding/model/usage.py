"""What product usage has shown of one account: the customer's, our own people's, and what is not known of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Event = tuple[datetime, str, int]
"""When, by whom (the address or id that the product tells, "" where it tells none), and how often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalUse:
    """What one product signal has shown for this account."""

    name: str
    total: int
    users: int
    first_at: datetime
    last_at: datetime
    events: tuple[Event, ...]
    """The first fifty, and the first of each of the first fifty users, in order of time: enough to date any threshold
    up to fifty."""
    after: Mapping[datetime, tuple[Event, ...]] = field(default_factory=dict)
    """The same, counted anew after each moment at which a person took a milestone back or waived one: the first fifty
    of all may all be older. A moment after which there is nothing is not there."""

    def since(self, moment: datetime | None) -> tuple[Event, ...]:
        """Return the first events after a correction; the first of all where ``moment`` is None."""
        if moment is None:
            return self.events
        return self.after.get(moment) or tuple(event for event in self.events if event[0] > moment)


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
