"""One channel in one run: what it writes to the ledger, in as few transactions as safety allows."""

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from database.bulk import collector_resting
from database.channels import breakers
from database.crm import written_rows
from database.onboardings import openings
from database.outbox import due, ledger, results
from database.statements import chunks
from integrations.ports import Guarantee, Sender
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.vocabulary import Channel, EffectState
from tasks.delivery.limits.rate_limits import ChannelRate
from tasks.delivery.recheck import Ready
from tasks.delivery.restored import Departures
from tasks.delivery.results import Tally, doubt_of, rows_written
from tasks.delivery.send_pool import Sent
from tasks.runtime.context import RunContext
from tasks.runtime.reports import Failure, OnboardingEvent

logger = logging.getLogger(__name__)

BUDGET = timedelta(minutes=4)
"""The time one channel gets in one run; what is left is the next run's. Three channels fit into a ten-minute sweep."""

AT_ONCE = 1000
"""How many effects are claimed, marked or settled in one transaction. Our choice: some 0.05 s."""


@dataclass
class ChannelRun:
    """One channel in one run: its sender, the lease token of this worker, and the counts for the report."""

    context: RunContext
    channel: Channel
    as_of: datetime
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    began: datetime = field(init=False)  # By the wall clock.
    shut: bool = False
    """The breaker has shut the channel: nothing more leaves."""
    rests: bool = False
    """The far side asked for a longer pause than a run waits."""
    halted: bool = False
    """The run is being ended, by the thread that waits for this channel."""
    probing: bool = False
    """One message leaves, to find out whether the channel works again."""
    suspects: int | None = None
    """How many effects that a worker had died with were waiting when the first of them was tried."""
    told: set[str] = field(default_factory=set)
    """Onboardings to which something was sent: they are reviewed before the channel ends."""
    happened: tuple[OnboardingEvent, ...] = ()
    progress: int = 0
    """Grows with every effect that is rechecked and every step, so that it can be told from one that hangs."""
    _fresh: set[str] = field(default_factory=set)
    """The sent-to onboardings that are not marked for review yet."""
    _in_trouble: bool = False
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        self.began = self.context.wall_clock()
        self.pace = ChannelRate(self.context.settings, self.channel)
        self.departures = Departures(self.context.settings.home, self.channel)

    @property
    def sender(self) -> Sender:
        """Return the channel's sender."""
        return self.context.sender(self.channel)

    @property
    def batch(self) -> int:
        """Return how many effects leave in one call: more than one only where the far side drops a repeat."""
        return self.sender.batch if self.sender.guarantee == Guarantee.KEYED else 1

    @property
    def over(self) -> bool:
        """Return whether nothing more may be sent in this run."""
        return self.shut or self.rests or self.halted or self.context.wall_clock() >= self.began + BUDGET

    def read_breaker(self, conn: Connection) -> None:
        """Read the breaker: whether the channel is shut, and whether this run is the one that probes it."""
        found = breakers.of_channel(conn, self.channel)
        self._in_trouble, now = found is not None, self.context.wall_clock()
        self.probing = found is not None and found.rested(now, self.as_of)
        self.shut = found is not None and found.shut_until is not None
        if self.probing:
            self.probing = breakers.take_probe(conn, self.channel, now, self.as_of)
            self.shut = not self.probing

    def step(self, answered: Sequence[Sent], waiting: list[Ready], room: int, *, last: bool = False) -> list[Ready]:
        """Record the results and mark the next effects as sending, in one transaction; return those that may leave now.

        A call of many messages takes several transactions. At most ``room`` are returned; they are removed from
        ``waiting``, and so are those whose lease is lost. ``last``: the onboardings to which something was sent are
        marked for review in the same transaction.
        """
        self.progress += 1
        if not answered and not (waiting and room):
            return []
        gone = frozenset[str]()
        whole = {one.effect.key: result for one, result in answered}
        *early, late = [*chunks(answered, AT_ONCE)] or [[]]
        for some in early:
            with collector_resting(), self.context.database.writing() as conn:
                self._record(conn, some, self.context.wall_clock())
        with collector_resting(), self.context.database.writing() as conn:
            # Read inside the transaction, which may have waited for other writers: leases are checked against it.
            now = self.context.wall_clock()
            self._record(conn, late, now)
            self._update_breaker(conn, whole, now)
            self.rests |= self.pace.heed(conn, answered, now)
            if last:
                self._mark_for_review(conn)
            going = [] if self.over or not room else self.pace.admit(conn, waiting, room, now)
            first, *others = [*chunks([one.effect.key for one in going], AT_ONCE)] or [[]]
            if first:
                gone = self._mark_sending(conn, first, now)
        for keys in others:
            with self.context.database.writing() as conn:
                now = self.context.wall_clock()
                gone |= self._mark_sending(conn, keys, now)
        self.departures.record([one.effect for one in going if one.effect.key in gone], now)
        taken = {one.effect.key for one in going}
        waiting[:] = [one for one in waiting if one.effect.key not in taken]
        for one, result in answered:
            state = f"dry run, would be {result.state}" if self.context.dry else result.state
            logger.info("effect %s: %s", one.effect.key, state)
        return [one for one in going if one.effect.key in gone]

    def _record(self, conn: Connection, answered: Sequence[Sent], now: datetime) -> None:
        """Record results, with what follows from those that were sent."""
        self._settle(conn, {one.effect.key: result for one, result in answered}, now)
        if self.channel is Channel.CRM:
            written_rows.remember_written(conn, rows_written(answered), now)
        else:
            sent = (one.effect.onboarding_key for one, result in answered if result.state is ResultState.SENT)
            self._fresh |= {key for key in sent if key}

    def record_results(
        self, found: Mapping[str, SendResult], *, mark_sending: bool = False, of: Mapping[str, str | None] | None = None
    ) -> None:
        """Record results that say nothing about the channel: errors of our own code (``mark_sending``: the effects
        are marked as sending first), and doubts that were settled. ``of`` holds the onboarding key of each effect."""
        if not found:
            return
        now = self.context.wall_clock()
        with self.context.database.writing() as conn:
            if mark_sending:
                self._mark_sending(conn, list(found), now)
            self._settle(conn, found, now)
            sent = [(of or {}).get(key) for key, result in found.items() if result.state is ResultState.SENT]
            self._fresh |= {key for key in sent if key}
            self._mark_for_review(conn)

    def cannot_ask(self, keys: Sequence[str], why: str) -> None:
        """Keep effects in doubt, with the reason, while the far side cannot be asked; a later run asks again."""
        error = f"it cannot be asked now: {why}"
        logger.warning("%d effects on %s are in doubt: %s", len(keys), self.channel, error)
        with self.context.database.writing() as conn:
            results.cannot_ask(conn, self.token, keys, error)
        self.tally.count("unknown", len(keys))
        self.tally.causes[error] += len(keys)

    def finish_round(self, rest: Sequence[Ready]) -> None:
        """Release what did not leave, and mark the onboardings of what did for review."""
        if rest or self._fresh:
            with self.context.database.writing() as conn:
                ledger.release(conn, self.token)
                self._mark_for_review(conn)

    def release(self) -> None:
        """Release what is leased and not marked as sending, when the run ends early. A failure is only logged: leases
        expire by themselves, and the error that ended the run must be seen."""
        try:
            with self.context.database.writing() as conn:
                ledger.release(conn, self.token)
        except Exception:
            logger.warning("leases on %s could not be given back", self.channel)

    def prolong_leases(self, state: EffectState = EffectState.SENDING) -> None:
        """Prolong the leases of this run's effects in this state: calls in flight, or what it rechecks."""
        with self.context.database.writing() as conn:
            due.extend(conn, self.token, self.context.wall_clock(), state)

    def _mark_sending(self, conn: Connection, keys: Sequence[str], now: datetime) -> frozenset[str]:
        gone = ledger.mark_sending(conn, self.token, keys, as_of=self.as_of, real_now=now)
        if len(gone) < len(keys):
            ledger.release(conn, self.token, [key for key in keys if key not in gone])
        return gone

    def _settle(self, conn: Connection, found: Mapping[str, SendResult], now: datetime) -> None:
        if not found:
            return
        settled = results.record_results(
            conn,
            self.token,
            found,
            as_of=self.as_of,
            real_now=now,
            doubt=doubt_of(self.context, self.channel),
            elapsed=now - self.began,
        )
        errors = {key: result.error or "refused" for key, result in found.items()}
        for key, state in settled.aside.items():
            self.tally.set_aside([key], state, errors[key])
        self.tally.counts.update(result.state.value for result in found.values())
        unsent = (key for key, result in found.items() if result.state is not ResultState.SENT)
        self.tally.causes.update(errors[key] for key in unsent if key not in settled.aside)

    def _update_breaker(self, conn: Connection, found: Mapping[str, SendResult], now: datetime) -> None:
        """Update the breaker: a result that speaks of the whole channel shuts it, whatever else was taken. Otherwise
        one that is neither temporary nor in doubt, or waits for a person, shows that the channel works."""
        if not found:
            return
        worst = next((result for result in found.values() if result.channel_down), None)
        bad = [result for result in found.values() if result.may_be_the_channel]
        if worst is None and len(bad) < len(found):
            if self._in_trouble:
                breakers.worked(conn, self.channel)
                logger.warning("%s works again", self.channel)
            self._in_trouble = self.probing = False
            return
        worst, calls = worst or bad[0], -(-len(bad) // self.batch)
        error, whole = worst.error or "refused", worst.channel_down
        found_now = breakers.failed(conn, self.channel, calls, now, error, needs_person=whole, as_of=self.as_of)
        was_shut, self._in_trouble = self.probing or self.shut, True
        self.shut = found_now.shut_until is not None
        if self.shut and not was_shut:
            self.tally.down = Failure(where=self.channel, error=error)
            logger.warning("%s is shut: %s", self.channel, error)

    def _mark_for_review(self, conn: Connection) -> None:
        if self._fresh:
            openings.touch(conn, self._fresh, self.as_of)
        self.told, self._fresh = self.told | self._fresh, set()
