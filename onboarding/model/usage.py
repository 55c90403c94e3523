"""Product usage: its events as they come in, the usage of one account, and what a playbook says of usage."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from onboarding.model.crm_records import Problem
from onboarding.model.schedule import Source, Written
from onboarding.values import dataclass

Event = tuple[datetime, str, int]
"""When, by whom (the address or id that the product gives, or ""), and how often."""
MOST_NEEDED = 50
"""The most users and events that a detection may take, and so the number of first events that a case holds."""


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
    threshold up to fifty. Of a signal that is counted within a window, of each day (UTC) its first and last fifty
    events and each user's first and last one: a window of days begins or ends within a day, never both."""
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
    heard_at: datetime | None = None
    """The last event of any account, where several send some: until then data surely arrived. None: too few accounts
    to tell a silence of one from a source that is dead."""

    recent_users: Mapping[int, int | None] = field(default_factory=dict)
    """By a number of days how many named users had an event in so many days up to ``known_until``; None where no event
    names a user. Only the numbers that tracks ask for, and only where there was an event."""

    def users_within(self, days: int, until: datetime) -> int | None:
        """Return how many distinct users had an event in so many days up to ``until`` (UTC), over all signals; None if
        no event names one. Where it was not counted, by the events that the signals hold, so by some too few."""
        if days in self.recent_users:
            return self.recent_users[days]
        since = until - timedelta(days=days)
        return len({who for use in self.signals for at, who, _ in use.events if since < at <= until and who}) or None

    @property
    def known_until(self) -> datetime | None:
        """Return until when a silence of this account is one (HS-8): later, nothing may have arrived of anybody."""
        times = [at for at in (self.read_at, self.heard_at) if at is not None]
        return min(times, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRecord:
    """One event of product usage. ``key`` makes a repeat harmless: the event's id, else its content and a counter."""

    key: str
    account: str
    """Account id (18 characters) or domain, as the source names it."""
    name: str
    at: datetime
    user: str = ""
    count: int = 1
    role: str = ""
    """The role of the user as the source gives it: a ``CustomerRole``, or another word; empty if unknown."""
    score: float | None = None
    """Of a support ticket its mood, from -1 (angry) to 1 (pleased), if known; of a survey the answer."""
    comment: str = ""


ANY_ACCOUNT = "*"
"""Stands for the account where a usage event does not name one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalBatch:
    """A part of one read of the signal source. The last one also has the problems of the whole read."""

    source: str = "signals"
    """The source's name, as its problems give it."""
    signals: tuple[SignalRecord, ...] = ()
    problems: tuple[Problem, ...] = ()
    unreadable: frozenset[str] = frozenset()
    """Accounts of the events that could not be read, as the source names them; ``ANY_ACCOUNT`` if it names none."""
    whole: bool = False
    """Whether this is everything that the source holds, and not only what is new."""
    cursor: str = ""
    """How far the source was read; given by the last part alone."""
    unchanged: bool = False
    more: bool = False
    """Whether further parts of the same read follow."""


def joined(parts: Iterable[SignalBatch]) -> SignalBatch:
    """Return one read as a whole, for sources of which memory holds everything."""
    found: list[SignalRecord] = []
    for part in parts:
        found += part.signals
        last = part
    return replace(last, signals=tuple(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Need(Written):
    """Usage of one signal: a number of distinct users, and a number of events in total."""

    signal: str
    users: int = field(default=1, metadata={"ge": 1, "le": MOST_NEEDED})
    count: int = field(default=1, metadata={"ge": 1, "le": MOST_NEEDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection(Written):
    """Product usage that proves a milestone: a number of distinct users, and a number of events in total."""

    signal: str
    users: int = field(default=1, metadata={"ge": 1, "le": MOST_NEEDED})
    count: int = field(default=1, metadata={"ge": 1, "le": MOST_NEEDED})
    also: tuple[Need, ...] = ()
    """Further usage that it takes."""
    within_days: int | None = field(default=None, metadata={"ge": 1, "le": 180})
    """All of it within so many days of each other; None: at any time."""
    source: Source

    @property
    def needs(self) -> tuple[Need, ...]:
        """Return all usage that it takes."""
        return (Need(signal=self.signal, users=self.users, count=self.count), *self.also)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDetection(Written):
    """The usage that proves a milestone for some customers: by product sold, or by industry (GO-3, GO-4)."""

    products: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    signal: Detection

    def __post_init__(self) -> None:
        if not self.products and not self.industries:
            raise ValueError("a detection for some customers must say whose: products: [...] or industries: [...]")

    def fits(self, products: Collection[str], industry: str | None) -> bool:
        """Return whether it is for customers of this industry who bought these products. Capitals do not matter."""
        bought = {one.casefold() for one in products}
        of_product = not self.products or bool(bought & {one.casefold() for one in self.products})
        where = (industry or "").casefold()
        return of_product and (not self.industries or where in {one.casefold() for one in self.industries})


class UseClass(StrEnum):
    """How often a user is in the product (US-5)."""

    NONE = "none"
    CASUAL = "casual"
    REGULAR = "regular"
    POWER = "power"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPlan(Written):
    """How users are told apart (US-5): the class of use by days with use, of the last thirty; and how they sign up."""

    regular_days: int = field(default=4, metadata={"ge": 2, "le": 30})
    power_days: int = field(default=12, metadata={"ge": 3, "le": 30})
    sign_up: tuple[str, ...] = ("sign_up", "signed_up", "user_created")
    """The signals that a user signed up, which are no use of the product yet."""
    time_spent: tuple[str, ...] = ("time_spent",)
    """The signals whose count is minutes spent in the product (SX-17)."""
    source: Source = "US-5, ours"

    def __post_init__(self) -> None:
        if self.power_days <= self.regular_days:
            raise ValueError("power_days must be more than regular_days")

    def time_told(self, usage: Usage) -> bool:
        """Return whether the product tells how long the account's people use it."""
        return any(one.name in self.time_spent for one in usage.signals)

    def use_class(self, days: int) -> UseClass:
        """Return the class of a user with use on so many of the last thirty days."""
        if days >= self.power_days:
            return UseClass.POWER
        if days >= self.regular_days:
            return UseClass.REGULAR
        return UseClass.CASUAL if days else UseClass.NONE
