"""Which waiting effects may leave now: the rate limits of mail and of each Slack channel, and the pause that a far
side asks for. Both are shared by all workers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from config.settings.channels import SlackChat
from config.settings.load import Settings
from database.channels import pauses, rates
from database.channels.rates import Rate
from onboarding.effects.payloads import chat_channel
from onboarding.model.vocabulary import Channel
from tasks.delivery.recheck import Ready
from tasks.delivery.send_pool import Sent

SLACK_PER_SECOND = 1.0
"""Messages a second and channel: Slack's own limit."""

UNSAID = 30.0
"""Seconds of pause after a rate-limit answer that names no time. Our choice."""

WORTH_WAITING = 15.0
"""The longest pause, in seconds, that a run waits for while it keeps its leases; a longer one ends it. Our choice."""

AWAKE = datetime.min.replace(tzinfo=UTC)


@dataclass
class ChannelRate:
    """The rate limits of one channel in one run. Units are taken in the transaction that marks effects as sending."""

    settings: Settings
    channel: Channel
    _free_at: dict[str, datetime] = field(default_factory=dict)
    _rests_until: datetime = AWAKE

    @property
    def per_second(self) -> float | None:
        """Return the messages a second that the channel as a whole may send; None: no limit of its own."""
        return self.settings.mail_rate if self.channel is Channel.MAIL else None

    def heed(self, conn: Connection, answered: Sequence[Sent], now: datetime) -> bool:
        """Record the pause that the far side asks for, for all workers; return whether it is too long for this run."""
        rested = [result.retry_after for _, result in answered if result.rest]
        asked = [UNSAID if seconds is None else seconds for seconds in rested]
        if not any(asked):
            return False
        until = now + min(timedelta(seconds=max(asked)), pauses.LONGEST)
        pauses.begin(conn, self.channel, until)
        self._rests_until = max(self._rests_until, until)
        return max(asked) > WORTH_WAITING

    def admit(self, conn: Connection, waiting: Sequence[Ready], room: int, now: datetime) -> list[Ready]:
        """Return the waiting effects, in order and at most ``room``, that may leave at ``now`` of the wall clock."""
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
        """Return the seconds until the first waiting effect could leave."""
        free = [self._free_at.get(rate.name, now) if rate else now for rate, _ in self._by_rate(waiting)]
        return max(0.0, (max(min(free, default=now), self._rests_until) - now).total_seconds())

    def _by_rate(self, waiting: Sequence[Ready]) -> list[tuple[Rate | None, list[Ready]]]:
        found: dict[Rate | None, list[Ready]] = {}
        for one in waiting:
            found.setdefault(self._rate(one), []).append(one)
        return list(found.items())

    def _rate(self, one: Ready) -> Rate | None:
        if self.channel is Channel.SLACK and isinstance(self.settings.chat, SlackChat):
            # Hashed, because a person's channel is named by their address.
            digest = hashlib.sha256(chat_channel(one.payload).encode()).hexdigest()[:16]
            return Rate(name=f"slack:{digest}", per_second=SLACK_PER_SECOND)
        if self.per_second is None:
            return None
        return Rate(name=self.channel.value, per_second=self.per_second, burst=max(1, int(self.per_second / 10)))
