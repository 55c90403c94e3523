"""A home with planned mails, a provider at the other end of a socket, and a wall clock moved by hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from database.onboardings import overview
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import deliver
from tasks.runtime.context import RunContext
from tasks.runtime.reports import DeliveryReport
from tasks.runtime.scope import Scope
from tests.reliability.far_side import Mood, Provider
from tests.reliability.house import House
from tests.reliability.small_portfolio import AS_OF

MINUTE = timedelta(minutes=1)
START = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)


class Clock:
    """A wall clock for leases, moved by hand."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Post:
    """A home with planned mails, and the provider that takes them."""

    house: House
    context: RunContext
    provider: Provider
    clock: Clock

    def deliver(self, after: timedelta = timedelta(), channel: Channel = Channel.MAIL) -> DeliveryReport:
        """Deliver at that time after the mails were due; the wall clock moves along."""
        self.clock.now = max(self.clock.now, START + after)
        return deliver(self.context, AS_OF + after, channel, Scope())

    def lines(self, channel: Channel = Channel.MAIL) -> Mapping[str, Mapping[str, Any]]:
        with self.context.database.reading() as conn:
            return {line["key"]: line for line in overview.effect_lines(conn) if line["channel"] == channel}

    @property
    def states(self) -> set[str]:
        return {line["state"] for line in self.lines().values()}

    @property
    def owed(self) -> list[str]:
        return sorted(self.lines())

    def times(self) -> list[int]:
        """Return how often each planned mail was delivered, by the provider's records."""
        return [self.provider.delivered[key] for key in self.owed]


MakePost = Callable[..., Post]


def once(trouble: str) -> Mood:
    """Return a fault at the first offer of every mail, none later."""
    return lambda key, offer: trouble if offer == 1 else "accept"
