"""A call of very many messages takes longer than a lease: effects in flight stay leased by their worker.

The wall clock is moved by hand. Real time passes only until the leases of a running call are prolonged.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from database.engine import Database
from database.outbox.ledger import GRACE_SECONDS, LEASE_SECONDS
from database.tables import EffectRow
from integrations.ports import Guarantee, OutgoingMessage
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.vocabulary import Channel
from tasks.delivery.channel_loop import BATCH, MOST, PATIENCE
from tasks.delivery.channel_run import ChannelRun
from tasks.delivery.deliver_all import deliver
from tasks.delivery.recheck import recheck
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope
from tests.reliability.post import Clock
from tests.reliability.simulation import START, owe

pytestmark = pytest.mark.slow

Proof = Callable[[str], None]
LEASE, OVER = timedelta(seconds=LEASE_SECONDS), timedelta(seconds=LEASE_SECONDS + GRACE_SECONDS + 1)
SECOND = timedelta(seconds=1)
MANY = BATCH + 50
"""More messages than are sent without a thread of their own."""


@dataclass
class Bulk:
    """A far side that takes whole batches and records how often each key came, and over how many calls."""

    batch: int
    during: Callable[[], None] = lambda: None
    """A function that runs during a call."""
    came: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    guarantee: Guarantee = Guarantee.KEYED
    embedded = True
    slots = 1
    key_life = None

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        self.calls += 1
        self.came.update(outgoing.key for outgoing in messages)
        if self.calls == 1:
            self.during()
        return [SendResult(state=ResultState.SENT, provider_id=outgoing.key) for outgoing in messages]

    def find(self, key: str) -> str | None:
        raise AssertionError("nobody asks such a channel")


def lease_end(database: Database) -> datetime:
    with database.reading() as conn:
        end: datetime = conn.execute(
            select(func.min(EffectRow.lease_until)).where(EffectRow.state == "sending")
        ).scalar()
    return end


def slow_call(context: RunContext, prolonged: bool) -> tuple[int, int, int]:
    """Make a call longer than a lease and its grace; return its keys, those that arrived twice, and what a second
    worker sent meanwhile. If it is not ``prolonged``, all that time passes before the leases are prolonged."""
    owe(context.database, MANY)
    clock, other = Clock(), Bulk(MANY)
    clock.now = START
    meanwhile = replace(context, mail=other, wall_clock=clock)
    steps = [LEASE - SECOND] * 2 if prolonged else [OVER]

    def during() -> None:
        for number, step in enumerate(steps, start=1):
            began = lease_end(context.database)
            clock.now += step
            deliver(meanwhile, START, Channel.MAIL, Scope())
            until = time.monotonic() + 2 * PATIENCE
            while number < len(steps) and lease_end(context.database) <= began:
                assert time.monotonic() < until, "nobody said that the call lives"
                time.sleep(0.05)

    run = Bulk(MANY, during)
    deliver(replace(context, mail=run, wall_clock=clock), START, Channel.MAIL, Scope())
    total = run.came + other.came
    return len(total), sum(times > 1 for times in total.values()), other.came.total()


def test_the_leases_of_a_call_that_takes_long_are_prolonged(light_context: RunContext, proof: Proof) -> None:
    keys, twice, taken = slow_call(light_context, prolonged=True)
    _, twice_control, taken_control = slow_call(light_context, prolonged=False)
    proof(
        f"LONGCALL parcels={keys} lasts={2 * (LEASE_SECONDS - 1)} s under leases of {LEASE_SECONDS} s "
        f"offered_twice={twice} taken_by_another={taken} control={taken_control}"
    )
    assert (keys, twice, taken) == (MANY, 0, 0)
    assert taken_control == twice_control == MANY


HUGE = 3 * MOST + 100


def slow_recheck(context: RunContext, monkeypatch: pytest.MonkeyPatch) -> tuple[Bulk, Bulk]:
    """Recheck so many effects that it takes longer than a lease, each part as long as leases wait to be prolonged, with
    a second worker after each part; return what both sent."""
    owe(context.database, HUGE)
    clock, mine, other = Clock(), Bulk(HUGE), Bulk(HUGE)
    clock.now = START
    meanwhile = replace(context, mail=other, wall_clock=clock)

    def slow(given: RunContext, *rest: Any) -> Any:
        found = recheck(given, *rest)
        if given is not meanwhile:
            clock.now += PATIENCE * SECOND
            deliver(meanwhile, START, Channel.MAIL, Scope())
        return found

    monkeypatch.setattr("tasks.delivery.channel_loop.recheck", slow)
    deliver(replace(context, mail=mine, wall_clock=clock), START, Channel.MAIL, Scope())
    assert clock.now - START > LEASE
    return mine, other


def test_the_leases_of_what_takes_long_to_recheck_are_prolonged(
    light_context: RunContext, monkeypatch: pytest.MonkeyPatch, proof: Proof
) -> None:
    mine, other = slow_recheck(light_context, monkeypatch)
    monkeypatch.setattr(ChannelRun, "prolong_leases", lambda *_: None)
    _, control = slow_recheck(light_context, monkeypatch)
    proof(
        f"LONGLOOK parcels={HUGE} calls={mine.calls} sent={mine.came.total()} taken_by_another={other.came.total()} "
        f"control without prolonging: taken_by_another={control.came.total()}"
    )
    assert (mine.calls, mine.came.total(), len(mine.came), other.came.total()) == (1, HUGE, HUGE, 0)
    assert control.came.total() > 0
