"""Which of the waiting may leave now: the rate of a lane or of a Slack channel, shared with every other worker."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from config.channels import SlackChat
from config.settings import Settings
from database import rates
from database.rates import Rate
from onboarding.words import Channel
from tasks.last_look import Ready

SLACK_PER_SECOND = 1.0
"""Messages a second and channel. Source: integrations, section 2; reliability, 4.4."""


@dataclass
class Pace:
    """The rates of one lane in one run. Units are taken in the transaction that announces what they are for."""

    settings: Settings
    channel: Channel
    _free_at: dict[str, datetime] = field(default_factory=dict)

    @property
    def per_second(self) -> float | None:
        """How fast the lane as a whole may go; None: no limit of its own."""
        return self.settings.mail_rate if self.channel is Channel.MAIL else None

    def admit(self, conn: Connection, waiting: Sequence[Ready], room: int, now: datetime) -> list[Ready]:
        """Those of the waiting, in order and at most ``room``, that may leave at ``now`` of the wall clock."""
        admitted: list[Ready] = []
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
        return max(0.0, (min(free, default=now) - now).total_seconds())

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
