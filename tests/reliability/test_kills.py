"""kill -9 at every boundary of a whole cycle, then another cycle: the end is the one without any kill (R1, R2)."""

import gc
import pickle
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from database.outbox import ledger, results
from integrations.mail.message import build
from integrations.ports import Guarantee, OutgoingMessage
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.vocabulary import Channel
from tasks.delivery.deliver_all import deliver
from tasks.delivery.recheck import Ready, recheck
from tasks.runtime.context import RunContext
from tasks.runtime.reports import DeliveryReport
from tasks.runtime.scope import Scope
from tests.examples import examples, some
from tests.reliability.end_state import EndState, Verdict, difference, look
from tests.reliability.house import Deliver, Furnish, House, as_it_is
from tests.reliability.killing import Boundaries, Boundary, Killed, digest, forked, start, wait
from tests.reliability.small_portfolio import NEXT_DAY, live_a_day

pytestmark = pytest.mark.slow

LEASE_OVER = timedelta(minutes=2)
"""The clock of the cycle after a kill is so much later: leases of the dead one have expired then."""
STRANDS = 2
IDLE = 20
"""Of the boundaries before which nothing changed outside every twentieth is tried, of the others all."""

MakeHouse = Callable[..., House]
Proof = Callable[[str], None]


def test_a_cycle_killed_at_any_boundary_ends_as_if_it_had_not_been(
    make_house: MakeHouse, tmp_path: Path, proof: Proof
) -> None:
    houses = [make_house(name=f"home{number}") for number in range(STRANDS)]
    points = some(worth_trying(crossed(houses[0])))
    verdict = in_strands(houses, points, tmp_path)
    broken = controls(houses[0])
    proof(f"KILL sqlite {verdict} controls={broken}/2")
    assert verdict.points > examples(80)
    assert_nothing_came_of_it(verdict, broken)


@pytest.mark.postgres
def test_a_cycle_killed_on_postgresql_ends_as_if_it_had_not_been(
    make_house: MakeHouse, tmp_path: Path, proof: Proof
) -> None:
    houses = [make_house("postgres", name=f"home{number}") for number in range(STRANDS)]
    points = [point for point in crossed(houses[0]) if not point.idle]
    verdict = in_strands(houses, some(points[::2]), tmp_path)
    proof(f"KILL postgresql {verdict}")
    assert verdict.points > examples(40)
    assert_nothing_came_of_it(verdict)


def test_the_cycle_of_the_next_day_can_be_killed_too(make_house: MakeHouse, tmp_path: Path, proof: Proof) -> None:
    """Threads are edited and closed, people ticked milestones in the CRM, its rows are written again."""
    houses = [make_house(name=f"home{number}") for number in range(STRANDS)]
    for house in houses:
        house.cycle()
        live_a_day(house.home / "crm")
        house.as_of = NEXT_DAY
        house.keep()
    points = [point for point in crossed(houses[0]) if not point.idle]
    verdict = in_strands(houses, some(points), tmp_path)
    proof(f"KILL next day {verdict}")
    assert_nothing_came_of_it(verdict)


@pytest.mark.parametrize("dialect", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_second_kill_during_the_recovery_changes_nothing_either(
    make_house: MakeHouse, dialect: str, proof: Proof
) -> None:
    house, chance = make_house(dialect), random.Random(20260305)
    points = [point for point in crossed(house) if not point.idle]
    wanted, verdict = undisturbed(house), Verdict()
    for first in chance.sample(points, examples(15 if dialect == "sqlite" else 8)):
        house.reset()
        kill(house, first.number)
        second = chance.choice([point for point in recovery(house) if not point.idle])
        house.reset()
        kill(house, first.number)
        kill(house, second.number, LEASE_OVER)
        forked(lambda: house.cycle(2 * LEASE_OVER))
        verdict.judge(look(house), wanted, f"{first}, then {second}")
    proof(f"KILL TWICE {dialect} {verdict}")
    assert_nothing_came_of_it(verdict)


def worth_trying(found: Sequence[Boundary]) -> list[Boundary]:
    idle = [point for point in found if point.idle]
    return [point for point in found if not point.idle] + idle[::IDLE]


def crossed(house: House, furnish: Furnish = as_it_is, send: Deliver = deliver) -> list[Boundary]:
    """Return the boundaries of a cycle from the start."""
    house.reset()
    return forked(lambda: watched(house, counting(house), timedelta(), furnish, send))


def recovery(house: House) -> list[Boundary]:
    """Return those of a cycle after a kill."""
    return forked(lambda: watched(house, counting(house), LEASE_OVER, as_it_is, deliver))


def counting(house: House) -> Boundaries:
    """Return what counts boundaries; it compares the files, in which SQLite's tables lie too."""
    on_postgres = house.context.database.dialect == "postgresql"
    return Boundaries(look=None if on_postgres else partial(digest, house.home))


def watched(house: House, boundaries: Boundaries, later: timedelta, furnish: Furnish, send: Deliver) -> list[Boundary]:
    boundaries.watch(house.context.database.engine, house.home)
    house.cycle(later, furnish, send)
    return boundaries.passed


def kill(
    house: House,
    number: int,
    later: timedelta = timedelta(),
    furnish: Furnish = as_it_is,
    send: Deliver = deliver,
) -> None:
    """Run a cycle that dies at this boundary."""
    with pytest.raises(Killed):
        forked(lambda: watched(house, Boundaries(number), later, furnish, send))


def undisturbed(house: House) -> EndState:
    """Return the end state without any kill, to which a second cycle adds nothing. It also warms up this process."""
    house.reset()
    house.cycle()
    once = look(house)
    house.cycle(LEASE_OVER)
    twice = look(house)
    assert difference(twice, once) == ""
    assert not [key for key, state in once.states.items() if state != "sent" and not given_up(key, state)]
    return once


def given_up(key: str, state: str) -> bool:
    """Return whether this is the digest of a day without news, which is never sent."""
    return key.startswith("digest:") and state == "cancelled"


def matrix(house: House, points: Sequence[Boundary], furnish: Furnish = as_it_is, send: Deliver = deliver) -> Verdict:
    """Run a cycle killed at each of the boundaries, and a second cycle after each."""
    wanted, verdict = undisturbed(house), Verdict()
    for point in points:
        house.reset()
        kill(house, point.number, timedelta(), furnish, send)
        forked(lambda: house.cycle(LEASE_OVER, furnish, send))
        verdict.judge(look(house), wanted, str(point))
    return verdict


def strand(house: House, points: Sequence[Boundary], told: Path) -> None:
    """Run one process's share. Children forked from it skip their clean-up, and so copy less memory."""
    gc.freeze()
    gc.disable()
    told.write_bytes(pickle.dumps(matrix(house, points)))


def in_strands(houses: Sequence[House], points: Sequence[Boundary], folder: Path) -> Verdict:
    """Share the boundaries out among processes, each with a home of its own."""
    strands = []
    for number, house in enumerate(houses):
        told, error = folder / f"verdict{number}", folder / f"error{number}"
        mine = points[number :: len(houses)]
        strands.append((start(partial(strand, house, mine, told), error), told, error))
    total = Verdict()
    for child, told, error in strands:
        assert wait(child) == 0, error.read_text()
        total += pickle.loads(told.read_bytes())
    return total


def assert_nothing_came_of_it(verdict: Verdict, controls: int = 2) -> None:
    assert controls == 2, "a broken variant passed: the matrix proves nothing"
    assert (verdict.lost, verdict.dup, verdict.stuck, verdict.different) == (0, 0, 0, 0), verdict.first


def controls(house: House) -> int:
    """Return how many of the two broken variants are found, by the same crashes around the mails."""
    loses = around_the_mails(house, as_it_is, acknowledge_first).lost > 0
    doubles = (
        around_the_mails(house, lambda context: replace(context, mail=NoKeys(house.home / "mail")), deliver).dup > 0
    )
    return loses + doubles


def around_the_mails(house: House, furnish: Furnish, send: Deliver) -> Verdict:
    found = crossed(house, furnish, send)
    mails = [point.number for point in found if "/mail" in point.name]
    near = [point for point in found if not point.idle and point.number >= mails[0] - 6]
    return matrix(house, near[:12], furnish, send)


def acknowledge_first(context: RunContext, as_of: datetime, channel: Channel, scope: Scope) -> DeliveryReport:
    """The control that loses mails: it records them as sent, and then sends them."""
    if channel is not Channel.MAIL:
        return deliver(context, as_of, channel, scope)
    token, now = uuid.uuid4().hex, context.wall_clock()
    with context.database.writing() as conn:
        leased = ledger.claim(conn, channel, as_of=as_of, real_now=now, token=token, limit=100)
    ready = [one for one in recheck(context, as_of, channel, leased) if isinstance(one, Ready)]
    keys = [one.effect.key for one in ready]
    with context.database.writing() as conn:
        ledger.mark_sending(conn, token, keys, as_of=as_of, real_now=now)
        sent = dict.fromkeys(keys, SendResult(state=ResultState.SENT))
        results.record_results(conn, token, sent, as_of=as_of, real_now=now, doubt="repeat")
    context.mail.send([OutgoingMessage(key=one.effect.key, payload=one.payload) for one in ready])
    return DeliveryReport(channel=channel, sent=len(ready))


class NoKeys:
    """The control that sends twice: it claims to drop repeats, and does not."""

    guarantee: Guarantee = Guarantee.KEYED
    embedded = True
    batch = 200
    slots = 1
    key_life = None

    def __init__(self, folder: Path) -> None:
        self._new = folder / "new"

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
        self._new.mkdir(parents=True, exist_ok=True)
        for outgoing in messages:
            (self._new / uuid.uuid4().hex).write_bytes(build({**outgoing.payload, "key": outgoing.key}))
        return [SendResult(state=ResultState.SENT)] * len(messages)

    def find(self, key: str) -> str | None:
        return None
