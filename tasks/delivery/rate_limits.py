"""Which of the waiting may leave now: the rates of mail, CRM and each Slack channel, and the pause a far side asks.

Both are shared with every other worker.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from config.settings.channels import SlackChat
from config.settings.load import Settings
from database.channels import pauses, rates
from database.channels.rates import Rate
from onboarding.model.vocabulary import Channel
from tasks.delivery.recheck import Ready
from tasks.delivery.send_pool import Sent

SLACK_PER_SECOND = 1.0
"""Messages a second and channel. Slack's own limit."""


UNSAID = 30.0
"""Seconds of rest for a far side that is asked too much and does not say for how long it wants none. Ours."""

WORTH_WAITING = 15.0
"""Seconds of a rest that a round waits for, leases and all; a longer one ends it. Ours."""


AWAKE = datetime.min.replace(tzinfo=UTC)


@dataclass
class Pace:
    """The rates of one channel in one run. Units are taken in the transaction that announces what they are for."""

    settings: Settings
    channel: Channel
    _free_at: dict[str, datetime] = field(default_factory=dict)
    _rests_until: datetime = AWAKE

    @property
    def per_second(self) -> float | None:
        """How fast the channel as a whole may go; None: no limit of its own."""
        return self.settings.mail_rate if self.channel is Channel.MAIL else None

    def heed(self, conn: Connection, answered: Sequence[Sent], now: datetime) -> bool:
        """Let the far side have the time that it asked us all for; answers whether that is too long for this round."""
        rested = [outcome.retry_after for _, outcome in answered if outcome.rest]
        asked = [UNSAID if seconds is None else seconds for seconds in rested]
        if not any(asked):
            return False
        until = now + min(timedelta(seconds=max(asked)), pauses.LONGEST)
        pauses.begin(conn, self.channel, until)
        self._rests_until = max(self._rests_until, until)
        return max(asked) > WORTH_WAITING

    def admit(self, conn: Connection, waiting: Sequence[Ready], room: int, now: datetime) -> list[Ready]:
        """Those of the waiting, in order and at most ``room``, that may leave at ``now`` of the wall clock."""
        admitted: list[Ready] = []
        if now < self._rests_until:
            return admitted
        for rate, members in self._by_rate(waiting):
            wanted = members[: room - len(admitted)]
            if rate is None or not wanted:
                admitted += wanted
            elif now >= self._free_at.get(rate.name, now):
                grant = rates.take(conn, rate, len(wanted), now)
                self._free_at[rate.name] = now + timedelta(seconds=grant.wait)
                admitted += wanted[: grant.units]
        return admitted

    def wait(self, waiting: Sequence[Ready], now: datetime) -> float:
        """Seconds until the first of the waiting could leave."""
        free = [self._free_at.get(rate.name, now) if rate else now for rate, _ in self._by_rate(waiting)]
        return max(0.0, (max(min(free, default=now), self._rests_until) - now).total_seconds())

    def _by_rate(self, waiting: Sequence[Ready]) -> list[tuple[Rate | None, list[Ready]]]:
        found: dict[Rate | None, list[Ready]] = {}
        for one in waiting:
            found.setdefault(self._rate(one), []).append(one)
        return list(found.items())

    def _rate(self, one: Ready) -> Rate | None:
        if self.channel is Channel.SLACK and isinstance(self.settings.chat, SlackChat):
            # A digest, because a person's channel is called by their address.
            mark = hashlib.sha256(str(one.payload["channel"]).encode()).hexdigest()[:16]
            return Rate(name=f"slack:{mark}", per_second=SLACK_PER_SECOND)
        if self.per_second is None:
            return None
        return Rate(name=self.channel.value, per_second=self.per_second, burst=max(1, int(self.per_second / 10)))
