"""Cycles at the same time: every effect once, whichever is quicker (R5); a save that meets a newer version rereads."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from database.onboardings import orders, overview
from onboarding.model.case import Hold
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import EffectState, Stage, Status
from onboarding.orders import Order
from tasks.intake.sources import take_in_deals, take_in_signals
from tasks.review.stages import review_stage
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope
from tests.builders.tiers import MID
from tests.reliability.end_state import EndState, look
from tests.reliability.house import House, cycle
from tests.reliability.killing import start, wait
from tests.reliability.small_portfolio import NEXT_DAY, account_of, key_of, live_a_day

pytestmark = pytest.mark.slow

FRESH = key_of("fresh_signature")
ONLY = Scope(accounts=frozenset({account_of("fresh_signature")}))
MakeHouse = Callable[..., House]
DIALECTS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
ROUNDS = 3
KNOWN = ("fact", "goal", "milestone", "stakeholder", "signal", "set_aside", "escalation")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_two_cycles_at_once_send_every_effect_once(
    make_house: MakeHouse, dialect: str, tmp_path: Path, proof: Callable[[str], None]
) -> None:
    house = make_house(dialect)
    wanted = alone(house)
    for _ in range(ROUNDS):
        house.reset()
        race(house, tmp_path, [timedelta()] * 2)
        found = look(house)
        assert outside(found) == outside(wanted)
        assert found.mails == wanted.mails
        assert {name: found.rows[name] for name in KNOWN} == {name: wanted.rows[name] for name in KNOWN}
    proof(f"TICK2 {dialect} rounds={ROUNDS} effects={len(wanted.states)} lost=0 dup=0")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_five_cycles_within_a_second_each_a_moment_later_send_every_effect_once(
    make_house: MakeHouse, dialect: str, tmp_path: Path
) -> None:
    house = make_house(dialect)
    wanted = alone(house)
    house.reset()
    race(house, tmp_path, [timedelta(milliseconds=200 * number) for number in range(5)])
    assert outside(look(house)) == outside(wanted)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_two_cycles_of_the_next_day_at_once_edit_and_close_each_thread_once(
    make_house: MakeHouse, dialect: str, tmp_path: Path
) -> None:
    house = make_house(dialect)
    house.cycle()
    live_a_day(house.home / "crm")
    house.as_of = NEXT_DAY
    house.keep()
    wanted = alone(house)
    house.reset()
    race(house, tmp_path, [timedelta()] * 2)
    assert outside(look(house)) == outside(wanted)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_two_cycles_at_once_tell_ops_of_an_unreadable_row_once(
    make_house: MakeHouse, dialect: str, tmp_path: Path
) -> None:
    house = make_house(dialect)
    alone(house)
    for _ in range(ROUNDS):
        house.reset()
        race(house, tmp_path, [timedelta()] * 2, apart=timedelta(minutes=1))
        told = [key for _, _, key, _ in look(house).posts.elements() if key.startswith("set_aside:")]
        assert len(told) == 1


def outside(found: EndState) -> tuple[object, ...]:
    """What people see, and what is known of customers; each effect of theirs once.

    A digest says what was so when it was written, in the middle of the other's work; one without news is cancelled. A
    CRM row may have been written more than once.
    """
    assert set(found.arrived.values()) == {1}
    assert {state for key, state in found.states.items() if not key.startswith("digest:")} == {"sent"}
    return (
        sorted(post for post in found.posts if not post[2].startswith("digest:")),
        sorted(key for key in found.arrived if not key.startswith("digest:")),
        found.crm,
        {name: found.rows[name].total() for name in KNOWN},
    )


def alone(house: House) -> EndState:
    """Return the end state of one cycle alone."""
    house.reset()
    house.cycle()
    return look(house)


def race(house: House, folder: Path, delays: list[timedelta], apart: timedelta = timedelta()) -> None:
    """Run a cycle in a process for each delay, that much later, at a moment that much (and ``apart``) later."""
    begin = time.monotonic() + 0.2

    def run(number: int, delay: timedelta) -> None:
        time.sleep(max(0.0, begin + delay.total_seconds() - time.monotonic()))
        cycle(house.fresh(), house.as_of + delay + number * apart)

    children = [
        (start(partial(run, number, delay), folder / f"error{number}"), folder / f"error{number}")
        for number, delay in enumerate(delays)
    ]
    ended = [(wait(child), error) for child, error in children]
    for code, error in ended:
        assert code == 0, error.read_text()
    # What one planned when the other was already past it is the next run's work, and nothing is sent twice.
    house.cycle(timedelta(minutes=2))


class Meddlesome(dict[str, Playbook]):
    """Another writer, which changes an onboarding between its reading and its saving, as its playbook is read."""

    def __init__(self, playbook_versions: dict[str, Playbook], meddle: Callable[[int], None]) -> None:
        super().__init__(playbook_versions)
        self._meddle, self._asked = meddle, 0

    def __getitem__(self, key: str) -> Playbook:
        self._asked += 1
        self._meddle(self._asked)
        return super().__getitem__(key)


@pytest.fixture(params=DIALECTS)
def opened(request: pytest.FixtureRequest, make_house: MakeHouse) -> House:
    """Return a home whose onboardings are open and not yet reviewed."""
    house: House = make_house(request.param)
    for task in (take_in_deals, take_in_signals):
        task(house.context, house.as_of, Scope())
    return house


def test_a_save_that_meets_a_newer_version_reads_it_again_and_honours_what_it_says(opened: House) -> None:
    at = opened.as_of

    def hold(conn: Connection, asked: int) -> None:
        if asked == 1:
            stop = Hold(since=at, reason="the customer asked for it", by="a person")
            assert orders.hold(conn, FRESH, stop, at)

    report = review_stage(meddling(opened, hold), at, ONLY, Stage.HANDOFF)
    assert (report.reviewed, report.failures) == (1, ())
    with opened.context.database.reading() as conn:
        (line,) = overview.status_lines(conn, keys=[FRESH])
    assert line["status"] == Status.ON_HOLD
    assert owed(opened)[EffectState.PLANNED] == 0


def test_an_onboarding_that_others_keep_changing_is_reported_and_left_to_the_next_run(opened: House) -> None:
    at, newest = opened.as_of, opened.context.library[MID].hash

    def always(conn: Connection, asked: int) -> None:
        orders.run_on(conn, FRESH, newest, Order(by="a person", now=at, reason=f"look {asked}"))

    report = review_stage(meddling(opened, always), at, ONLY, Stage.HANDOFF)
    assert [failure.where for failure in report.failures] == [FRESH]
    assert not owed(opened)
    assert review_stage(opened.context, at, ONLY, Stage.HANDOFF).failures == ()
    assert owed(opened)


def meddling(house: House, meddle: Callable[[Connection, int], None]) -> RunContext:
    """Return the home's run context, with another writer at work in it."""

    def write(asked: int) -> None:
        with house.context.database.writing() as conn:
            meddle(conn, asked)

    known = {
        playbook_version.hash: playbook_version.playbook
        for playbook_version in house.context.library.playbook_versions.values()
    }
    return replace(house.context, playbook_versions=Meddlesome(known, write))


def owed(house: House) -> Counter[str]:
    """Return the states of the messages to its people."""
    with house.context.database.reading() as conn:
        found = overview.effect_lines(conn)
        return Counter(line["state"] for line in found if line["deal_id"] == FRESH and line["channel"] != "crm")
