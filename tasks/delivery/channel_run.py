"""One channel in one run: what its ledger is told, in as few transactions as safety allows."""

import logging
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from database.channels import breakers
from database.crm import written_rows
from database.onboardings import openings
from database.outbox import due, ledger, results
from database.outbox.results import Answer
from integrations.ports import Guarantee, Sender
from onboarding.effects.events import DoubtPolicy
from onboarding.model.vocabulary import Channel, EffectState
from tasks.delivery.rate_limits import Pace
from tasks.delivery.recheck import Ready
from tasks.delivery.results import as_answer, doubt_of, rows_written
from tasks.delivery.send_pool import Sent
from tasks.runtime.context import RunContext
from tasks.runtime.reports import DeliveryReport, Event, Failure

logger = logging.getLogger(__name__)

BUDGET = timedelta(minutes=4)
"""What one channel takes of one run; the rest is the next run's. Three channels fit into ten minutes, a sweep."""


@dataclass
class ChannelRun:
    """One round of one channel: who sends, under which token, and what came of it."""

    context: RunContext
    channel: Channel
    as_of: datetime
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    began: datetime = field(init=False)  # By the wall clock.
    shut: bool = False
    """The breaker is: nothing more leaves."""
    rests: bool = False
    """The far side asked for more time than a round waits."""
    halted: bool = False
    """The run is being ended, by the thread that waits for this channel."""
    probing: bool = False
    """One message leaves, and tells whether the channel works again."""
    suspects: int | None = None
    """How many waited that a worker had died with, when the first of them was taken up."""
    told: set[str] = field(default_factory=set)
    """Onboardings to whose people something was sent: what that proves is worked out before the channel ends."""
    happened: tuple[Event, ...] = ()
    _fresh: set[str] = field(default_factory=set)
    """Those of them whose rows do not say so yet."""
    _in_trouble: bool = False
    _tally: Counter[str] = field(default_factory=Counter)
    _aside: defaultdict[EffectState, list[Failure]] = field(default_factory=lambda: defaultdict(list))
    _causes: Counter[str] = field(default_factory=Counter)
    _down: Failure | None = None

    def __post_init__(self) -> None:
        self.began = self.context.wall_clock()
        self.pace = Pace(self.context.settings, self.channel)

    @property
    def sender(self) -> Sender:
        """The way out."""
        return self.context.sender(self.channel)

    @property
    def doubt(self) -> DoubtPolicy:
        """What to do where nobody knows whether an effect arrived."""
        return doubt_of(self.context, self.channel)

    @property
    def batch(self) -> int:
        """How many leave in one call: several only where the far side drops a repeat."""
        return self.sender.batch if self.sender.guarantee == Guarantee.KEYED else 1

    @property
    def over(self) -> bool:
        """Whether nothing more may be begun in this run."""
        return self.shut or self.rests or self.halted or self.context.wall_clock() >= self.began + BUDGET

    def look_at_breaker(self, conn: Connection) -> None:
        """Whether the channel is shut, and whether we are the one who probes it."""
        found = breakers.of_lane(conn, self.channel)
        self._in_trouble, now = found is not None, self.context.wall_clock()
        self.probing = found is not None and found.rested(now, self.as_of)
        self.shut = found is not None and found.shut_until is not None
        if self.probing:
            self.probing = breakers.take_probe(conn, self.channel, now, self.as_of)
            self.shut = not self.probing

    def step(self, answered: Sequence[Sent], waiting: list[Ready], room: int, *, last: bool = False) -> list[Ready]:
        """Settle what was answered and announce what goes next, in one transaction; answers what may leave now.

        That is taken from ``waiting``, and so is what may not leave after all. With the ``last`` of a round what was
        sent is made known to its onboardings.
        """
        if not answered and not (waiting and room):
            return []
        gone = frozenset[str]()
        with self.context.database.writing() as conn:
            # Read here, because others may have had the database for a while: leases are checked against it.
            now = self.context.wall_clock()
            found = [as_answer(one, outcome) for one, outcome in answered]
            self._settle(conn, found, now)
            self._judge(conn, found, now)
            self.rests |= self.pace.heed(conn, answered, now)
            if self.channel is Channel.CRM:
                written_rows.remember_written(conn, rows_written(answered), now)
            else:
                sent = [one.effect.onboarding_key for one, outcome in answered if outcome.state == "sent"]
                self._fresh |= {key for key in sent if key}
            if last:
                self._make_known(conn)
            going = [] if self.over or not room else self.pace.admit(conn, waiting, room, now)
            if going:
                gone = self._announce(conn, [one.effect.key for one in going], now)
        taken = {one.effect.key for one in going}
        waiting[:] = [one for one in waiting if one.effect.key not in taken]
        for one, outcome in answered:
            state = f"dry run, would be {outcome.state}" if self.context.dry else outcome.state
            logger.info("effect %s: %s", one.effect.key, state)
        return [one for one in going if one.effect.key in gone]

    def record_results(
        self, found: Sequence[Answer], *, mark_sending: bool = False, of: Mapping[str, str | None] | None = None
    ) -> None:
        """Record answers that say nothing of the channel: our own faults (announced first), and what a doubt turned
        out to be, with the onboarding ``of`` each effect."""
        if not found:
            return
        now = self.context.wall_clock()
        with self.context.database.writing() as conn:
            if mark_sending:
                self._announce(conn, [answer.key for answer in found], now)
            self._settle(conn, found, now)
            sent = [(of or {}).get(answer.key) for answer in found if answer.state == "sent"]
            self._fresh |= {key for key in sent if key}
            self._make_known(conn)

    def cannot_ask(self, keys: Sequence[str], why: str) -> None:
        """Doubts of which the far side cannot tell now: kept with the reason, told, and asked about again later."""
        error = f"it cannot be asked now: {why}"
        logger.warning("%d effects on %s are in doubt: %s", len(keys), self.channel, error)
        with self.context.database.writing() as conn:
            results.cannot_ask(conn, self.token, keys, error)
        self._tally["unknown"] += len(keys)
        self._causes[error] += len(keys)

    def finish_round(self, rest: Sequence[Ready]) -> None:
        """Give back what did not leave, and make known what did."""
        if rest or self._fresh:
            with self.context.database.writing() as conn:
                ledger.release(conn, self.token)
                self._make_known(conn)

    def release(self) -> None:
        """All that is leased and not announced, at once, on the way out: where that fails the leases run out by
        themselves, and what ended the round is what must be told."""
        try:
            with self.context.database.writing() as conn:
                ledger.release(conn, self.token)
        except Exception:
            logger.warning("leases on %s could not be given back", self.channel)

    def stay_alive(self) -> None:
        """What is under way takes long: its lease goes on."""
        with self.context.database.writing() as conn:
            due.extend(conn, self.token, self.context.wall_clock())

    def set_aside(self, keys: Iterable[str], state: EffectState, error: str) -> None:
        """Effects that wait for a person from now on."""
        self._aside[state] += [Failure(where=key, error=error) for key in keys]

    def count(self, word: str, times: int) -> None:
        """Something that the report tells a number of."""
        self._tally[word] += times

    def report(self) -> DeliveryReport:
        """What came of it."""
        return DeliveryReport(
            channel=self.channel,
            sent=self._tally["sent"],
            failed=self._tally["transient"] + self._tally["permanent"],
            unknown=self._tally["unknown"],
            moved=self._tally["moved"],
            dead=tuple(self._aside[EffectState.DEAD]),
            doubtful=tuple(self._aside[EffectState.UNKNOWN]),
            held_up=tuple(Failure(where=f"{self.channel}: {n}", error=why) for why, n in self._causes.most_common()),
            happened=self.happened,
            down=self._down,
        )

    def _announce(self, conn: Connection, keys: Sequence[str], now: datetime) -> frozenset[str]:
        gone = ledger.mark_sending(conn, self.token, keys, as_of=self.as_of, real_now=now)
        if len(gone) < len(keys):
            ledger.release(conn, self.token, [key for key in keys if key not in gone])
        return gone

    def _settle(self, conn: Connection, found: Sequence[Answer], now: datetime) -> None:
        if not found:
            return
        settled = results.record_results(
            conn,
            self.token,
            found,
            as_of=self.as_of,
            real_now=now,
            doubt=self.doubt,
            elapsed=now - self.began,
        )
        errors = {answer.key: answer.error or "refused" for answer in found}
        for key, state in settled.aside.items():
            self.set_aside([key], state, errors[key])
        self._tally.update(answer.state for answer in found)
        self._causes.update(errors[one.key] for one in found if one.state != "sent" and one.key not in settled.aside)

    def _judge(self, conn: Connection, found: Sequence[Answer], now: datetime) -> None:
        """What these answers say of the channel: that it is down as a whole, whatever else was taken; else any answer
        but a refusal for now or a doubt says that it works, and so does one that waits for a person's decision."""
        if not found:
            return
        worst = next((answer for answer in found if answer.whole_lane), None)
        bad = [answer for answer in found if answer.state in ("transient", "unknown") and not answer.patient]
        if worst is None and len(bad) < len(found):
            if self._in_trouble:
                breakers.worked(conn, self.channel)
                logger.warning("%s works again", self.channel)
            self._in_trouble = self.probing = False
            return
        worst = worst or bad[0]
        calls = -(-len(bad) // self.batch)
        error, whole = worst.error or "refused", worst.whole_lane
        found_now = breakers.failed(conn, self.channel, calls, now, error, whole_lane=whole, as_of=self.as_of)
        was_shut, self._in_trouble = self.probing or self.shut, True
        self.shut = found_now.shut_until is not None
        if self.shut and not was_shut:
            self._down = Failure(where=self.channel, error=error)
            logger.warning("%s is shut: %s", self.channel, error)

    def _make_known(self, conn: Connection) -> None:
        if self._fresh:
            openings.touch(conn, self._fresh, self.as_of)
        self.told |= self._fresh
        self._fresh = set()
