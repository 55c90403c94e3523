"""The product's users in one onboarding, as the metrics need them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from onboarding.metrics.figures import Share, Span, Spans
from onboarding.usage.use import ACTIVE, TrialUse, UserUse

REGULAR_DAYS = 4
"""On so many of the last thirty days, about once a week, is regular. This project's choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUse:
    """The users of one onboarding's account, without the vendor's people."""

    users: tuple[UserUse, ...] = ()
    trial: tuple[TrialUse, ...] = ()
    """Users of the trial, before the signature. They count by role alone; every metric of users begins with it."""
    at_end: int | None = None
    """Users active in the thirty days up to the end of the onboarding; None while it has not ended."""

    def active(self, now: datetime) -> int:
        """Return how many were active in the thirty days up to ``now``."""
        return sum(1 for one in self.users if one.last_at > now - ACTIVE)

    @property
    def daily(self) -> float:
        """Return how many were active on a day of the last thirty, in the mean."""
        return sum(one.days for one in self.users) / ACTIVE.days

    @property
    def minutes(self) -> int:
        """Return the minutes that all of them spent in the product in the last thirty days."""
        return sum(one.minutes for one in self.users)

    @property
    def regular(self) -> Share:
        """Return how many regularly do key actions, of all."""
        return Share(sum(1 for one in self.users if one.key_days >= REGULAR_DAYS), len(self.users))

    @property
    def activated(self) -> Share:
        """Return how many did a key action, of all."""
        return Share(sum(1 for one in self.users if one.key_at is not None), len(self.users))

    def times(self, until: datetime) -> Spans:
        """Return each user's days from the first event to the first key action, or without one up to ``until``: the
        report, or when the customer left."""
        return Spans(tuple(_span(one, one.key_at, until) for one in self.users))

    def success_times(self, until: datetime) -> Spans:
        """Return the same to the first event of the usage that proves activation."""
        return Spans(tuple(_span(one, one.success_at, until) for one in self.users))


def _span(one: UserUse, reached_at: datetime | None, until: datetime) -> Span:
    return Span(((reached_at or max(until, one.first_at)) - one.first_at) / timedelta(days=1), reached_at is not None)
