"""Product usage of one account: by the customer's people, by the vendor's people, and what is not known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Event = tuple[datetime, str, int]
"""When, by whom (the address or id that the product gives, or ""), and how often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalUse:
    """The usage of one product signal by this account."""

    name: str
    total: int
    users: int
    first_at: datetime
    last_at: datetime
    events: tuple[Event, ...]
    """The first fifty events, and the first one of each of the first fifty users, in order of time: enough to date any
    threshold up to fifty."""
    after: Mapping[datetime, tuple[Event, ...]] = field(default_factory=dict)
    """The same, counted again after each moment at which a milestone was undone or waived, because the first fifty may
    all be older. A moment that no event follows has no entry."""

    def since(self, moment: datetime | None) -> tuple[Event, ...]:
        """Return the first events after a correction at ``moment``; the first of all if ``moment`` is None."""
        if moment is None:
            return self.events
        return self.after.get(moment) or tuple(event for event in self.events if event[0] > moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnUse:
    """Usage of the customer's product by the vendor's people; it is shown but proves nothing."""

    name: str
    total: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Product usage up to now; ``known`` is false if no source of signals is connected (unknown is never healthy,
    HS-8)."""

    known: bool = False
    read_at: datetime | None = None
    signals: tuple[SignalUse, ...] = ()
    ours: tuple[OwnUse, ...] = ()
    ahead_at: datetime | None = None
    """The next event with a future date; it counts from then on."""
    unread_at: datetime | None = None
    """When usage that could not be read was last received. What it would have shown is unknown, so a silence is
    measured from this moment at the earliest (HS-8)."""
