"""Holds mail while first90's clock is far ahead of all others: it would leave early, and cannot be called back."""

import logging

from database.channels import breakers
from onboarding.effects.clock_fault import MOST_AHEAD, clock_words
from onboarding.model.vocabulary import Channel
from tasks.delivery.channel_run import ChannelRun
from tasks.review.clocks import FarClock, far_clock, keep_clocks, kept_readings
from tasks.runtime.reports import Failure

logger = logging.getLogger(__name__)


class ClockGuard:
    """Whether a channel may go on sending, by what the services' answers say of the clock. Safe to ask at any time."""

    def __init__(self, run: ChannelRun) -> None:
        self._run = run
        self._asks = run.channel is Channel.MAIL and not run.context.dry and not run.sender.embedded
        if self._asks:
            with run.context.database.reading() as conn:
                self._kept = kept_readings(conn)

    def holds(self) -> bool:
        """Return whether nothing may leave. The channel is shut then, as one that only a person can mend, so that it is
        told and tried again as every such one; a try looks at the clock before it sends."""
        if not self._asks or self._run.over:
            return False
        far = far_clock(self._run.context, self._kept)
        if far is None or far.ahead < MOST_AHEAD:
            return False
        self._shut(far)
        return True

    def _shut(self, far: FarClock) -> None:
        run = self._run
        now = run.context.wall_clock()
        because = f"first90's clock is {clock_words(far.ahead)} {far.service}'s: what is due by it would leave early"
        error = f"{because}. Set it by NTP (timedatectl set-ntp true)"
        with run.context.database.writing() as conn:
            breakers.failed(conn, run.channel, 1, now, error, needs_person=True, as_of=run.as_of)
            keep_clocks(conn, run.context)
        run.shut, run.tally.down = True, Failure(where=run.channel, error=error)
        logger.warning("%s is shut: %s", run.channel, error)
