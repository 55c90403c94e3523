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
from sqlalchemy import event, func, select

from database.engine import Database
from database.outbox import ledger
from database.outbox.ledger import GRACE_SECONDS, LEASE_SECONDS
from database.tables import EffectRow
from integrations.ports import Guarantee, OutgoingMessage
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.vocabulary import Channel
from tasks.delivery.channel_loop import BATCH, LOOKED_AT_A_SECOND, MOST, PATIENCE
from tasks.delivery.deliver_all import deliver
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


def test_a_batch_that_takes_longer_than_a_lease_to_be_looked_at_is_leased_for_longer(
    light_context: RunContext, proof: Proof
) -> None:
    """So many effects are rechecked at the slowest rate that we assume; a second worker runs after that."""
    look = HUGE / LOOKED_AT_A_SECOND * SECOND
    assert look > LEASE
    clock, run, other = Clock(), Bulk(HUGE), Bulk(HUGE)
    meanwhile = replace(light_context, mail=other, wall_clock=clock)
    engine, claims = light_context.database.engine, []

    def claimed(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if "picked" in statement:
            claims.append(statement)

    def committed(conn: Any) -> None:
        # As long as this takes every look, also that at what was given back because its lease had run too short.
        if claims:
            claims.clear()
            clock.now += look

    def another() -> None:
        deliver(meanwhile, START, Channel.MAIL, Scope())

    owe(light_context.database, HUGE)
    clock.now = START
    event.listen(engine, "after_cursor_execute", claimed)
    event.listen(engine, "commit", committed)
    run.during = another
    deliver(replace(light_context, mail=run, wall_clock=clock), START, Channel.MAIL, Scope())
    event.remove(engine, "after_cursor_execute", claimed)
    event.remove(engine, "commit", committed)
    owe(light_context.database, MANY)
    clock.now, control = START, Bulk(MANY)
    with light_context.database.writing() as conn:
        ledger.claim(conn, Channel.MAIL, as_of=START, real_now=START, token="usual", limit=MANY)
    clock.now += look
    deliver(replace(meanwhile, mail=control), START, Channel.MAIL, Scope())
    with light_context.database.writing() as conn:
        left = ledger.mark_sending(conn, "usual", sorted(control.came), as_of=START, real_now=clock.now)
    proof(
        f"LONGLOOK parcels={HUGE} look={look.seconds} s calls={run.calls} sent={run.came.total()} "
        f"taken_by_another={other.came.total()} control with a usual lease: sent={len(left)} "
        f"taken_by_another={control.came.total()} of {MANY}"
    )
    assert (run.calls, run.came.total(), len(run.came), other.came.total()) == (1, HUGE, HUGE, 0)
    assert (len(left), control.came.total()) == (0, MANY)
