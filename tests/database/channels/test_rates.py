"""Rate limits and breakers: one row each, shared by all workers, on both databases."""

from datetime import timedelta

import pytest

from database.channels import breakers, rates
from database.channels.breakers import LONG_REST, REST
from database.channels.rates import Grant, Rate

SECOND = timedelta(seconds=1)
MAIL = Rate(name="mail", per_second=10, burst=5)


@pytest.fixture
def take(database, world):
    def ask(units, after=timedelta(), rate=MAIL):
        with database.writing() as conn:
            return rates.take(conn, rate, units, world.now + after)

    return ask


@pytest.mark.slow
def test_a_rested_lane_gets_its_burst_and_then_one_unit_at_a_time(take):
    assert take(3) == Grant(3, 0)
    assert take(9) == Grant(2, 0.1)
    assert take(1) == Grant(0, 0.1)
    assert take(1, SECOND / 10) == Grant(1, 0.1)
    assert take(9, 5 * SECOND) == Grant(5, 0.1)


@pytest.mark.slow
def test_in_no_second_more_than_the_rate_and_the_burst_is_granted(take):
    granted = [(tick, take(2, tick * SECOND / 100).units) for tick in range(300)]
    worst = max(sum(units for at, units in granted if start <= at <= start + 100) for start in range(200))
    assert worst == 10 + 5
    assert 30 <= sum(units for _, units in granted) <= 35


def test_a_clock_set_back_an_hour_costs_a_bursts_time_at_most(take):
    take(5)
    assert take(5, -3600 * SECOND) == Grant(0, 0.1)
    assert take(1, -3600 * SECOND + SECOND / 10).units == 1


def test_whoever_asks_by_a_clock_a_little_behind_frees_nothing_for_the_others(take):
    take(5)
    assert take(1, -SECOND).units == 0
    assert take(1).units == 0


def test_each_rate_has_a_row_of_its_own(take):
    one, other = Rate(name="slack:a", per_second=1), Rate(name="slack:b", per_second=1)
    assert [take(1, rate=rate).units for rate in (one, other, one)] == [1, 1, 0]


@pytest.fixture
def channel(database, world):
    class ChannelRun:
        @staticmethod
        def failed(times=1, after=timedelta(), needs_person=False):
            with database.writing() as conn:
                given = {"needs_person": needs_person}
                return breakers.failed(conn, "mail", times, world.now + after, "nobody listens", **given)

        @staticmethod
        def probe(after):
            with database.writing() as conn:
                return breakers.take_probe(conn, "mail", world.now + after)

        @staticmethod
        def seen():
            with database.reading() as conn:
                return breakers.of_channel(conn, "mail")

        @staticmethod
        def worked():
            with database.writing() as conn:
                breakers.worked(conn, "mail")

    return ChannelRun()


def test_five_failures_in_a_row_shut_a_lane_for_half_a_minute(channel, world):
    assert channel.failed(4).shut_until is None
    shut = channel.failed(after=SECOND)
    assert shut.shut_until == world.now + SECOND + REST
    assert (shut.failures, shut.since, shut.needs_person) == (5, world.now, False)


def test_after_the_rest_one_probes_and_the_others_wait(channel):
    channel.failed(5)
    assert not channel.probe(REST - SECOND)
    assert channel.probe(REST)
    assert not channel.probe(REST)
    assert channel.probe(2 * REST), "a prober that died is followed by another"


def test_a_success_ends_the_count(channel):
    channel.failed(4)
    channel.worked()
    assert channel.seen() is None
    assert channel.failed().shut_until is None


def test_what_only_a_person_can_mend_shuts_the_lane_at_once_and_for_longer(channel, world):
    channel.failed(needs_person=True)
    for _ in range(6):
        late = channel.failed(after=SECOND)
        assert (late.shut_until, late.needs_person) == (world.now + LONG_REST, True)
