"""Whole weeks of delivery in a fraction of a second: the real engine on a real SQLite, a clock of our own, and a seed
that decides every fault (R11).

Workers are greenlets. One runs at a time and yields before every transaction and around every call; there the seed
decides which one goes on, how late it is, whether a worker is killed (nothing of it runs any more, not even its
clean-up) or sleeps past its lease. Every seed has fault rates of its own: some have crashes only, others a provider
that is always down. The provider's records are checked.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import greenlet
from sqlalchemy import Connection, delete, select, update

from config.settings.readings import MailInDoubt
from database import key_values
from database.engine import Database
from database.outbox import planned
from database.tables import BreakerRow, EffectRow, KeyValueRow, RateRow, dump
from integrations.ports import Guarantee, OutgoingMessage, Unreachable
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.effect import PlannedEffect
from onboarding.model.vocabulary import Channel
from onboarding.values import dataclass as value
from tasks.delivery.channel_loop import run_channel
from tasks.delivery.channel_run import ChannelRun
from tasks.runtime.context import RunContext
from tasks.runtime.reports import DeliveryReport
from tasks.runtime.scope import Scope

START = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
EFFECTS = 5
SETTLED = ("sent", "unknown", "dead", "cancelled")
MOST_SKEW = 3 * SECOND
LOOKS = 12
"""How often every worker runs while faults last, however long."""


def deliver(context: RunContext, as_of: datetime, channel: Channel, scope: Scope) -> DeliveryReport:
    """Deliver without threads: a greenlet stays in the thread in which it was made."""
    return run_channel(ChannelRun(context=context, channel=channel, as_of=as_of), scope)


class Dead(BaseException):
    """Raised in a killed worker, which can do nothing any more."""


@dataclass(frozen=True)
class Kind:
    """A class of channel, and what a repeat does there."""

    name: str
    guarantee: Guarantee
    in_doubt: str = "park"


KINDS = (
    Kind("keyed", "keyed"),
    Kind("lookup", "lookup"),
    Kind("park", "plain", "park"),
    Kind("resend", "plain", "resend"),
)


@dataclass(frozen=True)
class Swarm:
    """The fault rates of one seed; most of them are none at all."""

    refuse: float
    doubt: float
    late_doubt: float
    permanent: float
    lane_fault: float
    crash: float
    sleep: float
    unreachable: float
    workers: int
    batch: int
    key_life: timedelta | None
    storm: timedelta
    """How long the faults last."""

    @staticmethod
    def of(chance: random.Random, kind: Kind) -> "Swarm":
        """Return rates by a seed: each kind of fault is on or off for the whole seed, with a random frequency."""

        def some(most: float) -> float:
            return chance.choice((0.0, most * chance.random()))

        keyed = kind.guarantee == "keyed"
        return Swarm(
            refuse=some(0.9),
            doubt=some(0.5),
            late_doubt=some(0.5),
            permanent=some(0.05),
            lane_fault=some(0.3),
            crash=some(0.08),
            sleep=some(0.05),
            unreachable=some(0.9),
            workers=chance.randint(1, 3),
            batch=chance.choice((1, 3)) if keyed else 1,
            key_life=chance.choice((30 * MINUTE, 24 * HOUR, None)) if keyed else None,
            storm=chance.choice((20 * MINUTE, 2 * HOUR, 30 * HOUR)),
        )


@dataclass
class Verdict:
    """The result of a seed; ``wrong`` is empty where all guarantees held."""

    steps: int = 0
    crashes: int = 0
    hours: float = 0
    wrong: list[str] = field(default_factory=list)


@dataclass
class Worker:
    """One process that runs delivery every few minutes."""

    number: int
    skew: timedelta
    wakes_at: datetime
    thread: Any = None
    dead: bool = False
    carries: frozenset[str] = frozenset()
    """What it sent last: until the response arrives, its request for a pause is unknown."""


class World:
    """The simulated world of one seed."""

    def __init__(self, seed: int, kind: Kind, context: RunContext, engine: Callable[..., object] = deliver) -> None:
        self.kind, self.engine = kind, engine
        self.chance = random.Random(f"{kind.name}:{seed}")
        self.swarm = Swarm.of(self.chance, kind)
        self.now, self.verdict = START, Verdict()
        self.sleeps = 0
        self.workers: list[Worker] = []
        self.memory = self.swarm.key_life
        self.delivered: Counter[str] = Counter()
        self.remembered: dict[str, datetime] = {}
        self.doubts: Counter[str] = Counter()
        self.not_before: defaultdict[str, datetime] = defaultdict(lambda: START)
        self.current: Worker | None = None
        self.hub = greenlet.getcurrent()
        settings = replace(context.settings, mail_in_doubt=MailInDoubt(kind.in_doubt))
        self.context = replace(context, settings=settings, mail=self, pause=self.pause, wall_clock=self.clock)
        # The seam of a sender.
        self.guarantee, self.batch, self.key_life = kind.guarantee, self.swarm.batch, self.swarm.key_life

    embedded = True
    slots = 1

    @property
    def stormy(self) -> bool:
        return self.now < START + self.swarm.storm

    # What a worker sees of the world

    def clock(self) -> datetime:
        return self.now + (self.current.skew if self.current else timedelta())

    def pause(self, seconds: float) -> None:
        self.let_go(seconds * SECOND)

    def boundary(self) -> None:
        """Called before a transaction: here a worker may be killed, or sleep for minutes."""
        asleep = self.stormy and self.chance.random() < self.swarm.sleep
        self.sleeps += asleep
        self.let_go(self.chance.choice((1, 3, 20)) * MINUTE if asleep else self.chance.random() * SECOND / 20)

    def let_go(self, time: timedelta) -> None:
        worker = self.current
        if worker is None:
            self.now += time
            return
        if worker.dead:
            raise Dead
        worker.wakes_at = self.now + time
        self.hub.switch()
        if self.stormy and self.chance.random() < self.swarm.crash:
            worker.dead = True
            self.verdict.crashes += 1
            for key in worker.carries:
                self.not_before.pop(key, None)
        if worker.dead:
            raise Dead

    # The far side

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        outcomes = []
        if self.current:
            self.current.carries = frozenset(outgoing.key for outgoing in messages)
        for outgoing in messages:
            self.let_go(self.chance.random() * SECOND)
            outcomes.append(self.answer(outgoing))
        self.let_go(self.chance.choice((0.1, 1, 25)) * SECOND)
        return outcomes

    def answer(self, outgoing: OutgoingMessage) -> SendResult:
        key, swarm, dice = outgoing.key, self.swarm, self.chance.random
        if not self.stormy:
            return self.take(key)
        unheard = any(key in worker.carries for worker in self.workers if worker is not self.current)
        if self.now < self.not_before[key] - 2 * MOST_SKEW and not unheard:
            self.verdict.wrong.append(f"{key} came before the time that was asked for")
        if dice() < swarm.lane_fault:
            return SendResult(state=ResultState.TRANSIENT, error="wrong password; correct it", channel_down=True)
        if dice() < swarm.refuse:
            wait = self.chance.choice((None, 0, 60, 3600))
            self.not_before[key] = self.now + (wait or 0) * SECOND
            return SendResult(state=ResultState.TRANSIENT, error="503", retry_after=wait)
        if dice() < swarm.doubt:
            self.doubts[key] += 1
            return SendResult(state=ResultState.UNKNOWN, error="no answer")
        if dice() < swarm.permanent:
            return SendResult(state=ResultState.PERMANENT, error="no such mailbox")
        taken = self.take(key)
        if dice() < swarm.late_doubt:
            self.doubts[key] += 1
            return SendResult(state=ResultState.UNKNOWN, error="broke off")
        return taken

    def take(self, key: str) -> SendResult:
        known = self.remembered.get(key)
        if self.guarantee == "keyed" and known and (self.memory is None or self.now - known < self.memory):
            return SendResult(state=ResultState.SENT, provider_id=key)
        self.remembered[key] = self.now
        self.delivered[key] += 1
        return SendResult(state=ResultState.SENT, provider_id=key)

    def find(self, key: str) -> str | None:
        self.let_go(self.chance.random() * SECOND)
        if self.stormy and self.chance.random() < self.swarm.unreachable:
            raise Unreachable("the provider does not answer")
        return key if key in self.delivered else None

    # The run

    def run(self, database: Database) -> Verdict:
        owe(database, EFFECTS)
        workers = self.workers = [
            Worker(number, self.chance.uniform(-1, 1) * MOST_SKEW, START + number * SECOND)
            for number in range(self.swarm.workers)
        ]
        self.context = replace(self.context, database=Watched(database.engine, database.url, boundary=self.boundary))
        while self.stormy:
            self.go_on(min(workers, key=lambda worker: (worker.wakes_at, worker.number)), database)
        for worker in workers:
            while worker.thread:
                self.go_on(worker, database)
        self.drain(database)
        self.judge(database)
        self.verdict.hours = (self.now - START) / HOUR
        return self.verdict

    def go_on(self, worker: Worker, database: Database) -> None:
        self.verdict.steps += 1
        self.now = max(self.now, worker.wakes_at)
        if worker.thread is None:
            worker.dead, as_of = False, self.clock_of(worker)
            worker.thread = greenlet.greenlet(lambda: self.tick(worker, as_of))
        self.current = worker
        worker.thread.switch()
        self.current = None
        if worker.thread.dead:
            worker.thread, worker.carries = None, frozenset()
            # In a calm nothing happens until something is due.
            calm = max(next_due(database, self.now), self.now + self.swarm.storm / LOOKS)
            worker.wakes_at = calm + self.chance.random() * MINUTE

    def clock_of(self, worker: Worker) -> datetime:
        return self.now + worker.skew

    def tick(self, worker: Worker, as_of: datetime) -> None:
        with suppress(Dead):
            self.engine(self.context, as_of, Channel.MAIL, Scope())

    def drain(self, database: Database) -> None:
        """Run without faults: everything planned leaves, within days."""
        for _ in range(200):
            if not unsettled(database):
                return
            self.now = max(self.now + 5 * MINUTE, min(next_due(database, self.now), self.now + 6 * HOUR))
            self.verdict.steps += 1
            self.engine(self.context, self.now, Channel.MAIL, Scope())

    def judge(self, database: Database) -> None:
        with database.reading() as conn:
            states = {row.key: row.state for row in conn.execute(select(EffectRow.key, EffectRow.state))}
        for key, state in states.items():
            times = self.delivered[key]
            doubts = self.doubts[key] + self.verdict.crashes + self.sleeps
            allowed = 1 + (doubts if self.kind.in_doubt == "resend" else 0)
            if state not in SETTLED:
                self.verdict.wrong.append(f"{key} is stuck in {state}")
            if state == "sent" and not times:
                self.verdict.wrong.append(f"{key} is lost: sent, and it never arrived")
            if state == "dead" and times:
                self.verdict.wrong.append(f"{key} is called dead and has arrived")
            if times > allowed:
                self.verdict.wrong.append(f"{key} arrived {times} times")


def owe(database: Database, count: int) -> None:
    """Plan so many due mails with stored payloads; nothing else is in the tables of delivery.

    The database gets another id: the record in the home knows these keys from an earlier turn.
    """
    effects = [
        PlannedEffect(
            key=f"effect-{number}",
            kind="welcome",
            occurrence="1",
            channel=Channel.MAIL,
            person_id=str(number),
            recipient=f"{number}@customer.example",
            role="champion",
            due_at=START - SECOND,
            because="it is due",
        )
        for number in range(count)
    ]
    with database.writing() as conn:
        for table in (EffectRow, BreakerRow, RateRow):
            conn.execute(delete(table))
        conn.execute(delete(KeyValueRow).where(KeyValueRow.name.in_([key_values.DATABASE, key_values.DEPARTED])))
        planned.plan(conn, [(None, effect) for effect in effects], START)
        conn.execute(update(EffectRow).values(payload=dump({"text": "frozen"})))


def unsettled(database: Database) -> bool:
    with database.reading() as conn:
        return conn.execute(select(EffectRow.key).where(EffectRow.state.not_in(SETTLED)).limit(1)).first() is not None


def next_due(database: Database, now: datetime) -> datetime:
    """Return when a planned effect is due next; soon, where one is in flight."""
    with database.reading() as conn:
        rows = conn.execute(select(EffectRow.state, EffectRow.not_before).where(EffectRow.state.not_in(SETTLED))).all()
    return min((row.not_before if row.state == "planned" else now for row in rows), default=now)


@value(frozen=True, slots=True)
class Watched(Database):
    """The database as a worker sees it: before every transaction lies a boundary."""

    boundary: Callable[[], None] = field(default=lambda: None)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        self.boundary()
        with Database.reading(self) as conn:
            yield conn

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        self.boundary()
        with Database.writing(self) as conn:
            yield conn
