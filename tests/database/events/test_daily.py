"""Usage by day: whatever the order, the parts and the delays in which events come, the sums are those of the events."""

import random
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta, timezone

import pytest
from sqlalchemy import select, text

from database.crm import upsert
from database.engine import Database, connect
from database.events import daily, signals
from database.onboardings.moves import move_signals
from database.tables import SignalDayRow
from onboarding.model.usage import SignalRecord

ZONES = (UTC, timezone(timedelta(hours=13)), timezone(timedelta(hours=-8)))


def account(number):
    return f"001{number:012d}AAA"


def rows(conn):
    return [
        tuple(row) for row in conn.execute(select(SignalDayRow.__table__).order_by(*SignalDayRow.__table__.columns))
    ]


def by_hand(events, named):
    """Sum the events by account, signal, user and day in UTC; ``named`` is by how the source names the account."""
    found = defaultdict(list)
    for one in events:
        if one.account in named:
            at = one.at.astimezone(UTC)
            found[named[one.account], one.name, one.user, at.date().isoformat()].append((at, one.count))
    return sorted(
        (*key, sum(count for _, count in some), len(some), min(some)[0], max(some)[0]) for key, some in found.items()
    )


def some_events(world, chance, names):
    return [
        SignalRecord(
            key=f"s{number}",
            account=chance.choice(names),
            name=chance.choice(("login", "shared")),
            at=(world.now + timedelta(minutes=chance.randint(-4000, 4000))).astimezone(chance.choice(ZONES)),
            user=chance.choice(("ann", "ben", "")),
            count=chance.randint(1, 3),
        )
        for number in range(120)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_order_parts_repeats_and_delays_change_nothing(database, world, seed):
    world.fill(database, range(1, 3))
    chance = random.Random(seed)
    named = {account(1): account(1), "customer1.example": account(1), account(2): account(2)}
    late = {account(3): account(3), "customer3.example": account(3)}
    events = some_events(world, chance, [*named, *late, "unknown.example"])
    sent = chance.sample(events, len(events)) + chance.choices(events, k=60)
    parts = [sent[start : start + 25] for start in range(0, len(sent), 25)]
    with database.writing() as conn:
        for part in parts[:4]:
            signals.take_signals(conn, part)
        upsert.take_accounts(conn, [world.account(3)], lambda country: None)
        signals.match_signals(conn)
        for part in parts[4:]:
            signals.take_signals(conn, part)
        kept = rows(conn)
        daily.rebuild(conn, {account(1), account(2), account(3)})
        assert kept == rows(conn) == by_hand(events, named | late)


def test_the_usage_of_merged_accounts_is_one(database, world):
    world.fill(database, range(1, 3))
    events = some_events(world, random.Random(1), [account(1), account(2)])
    with database.writing() as conn:
        signals.take_signals(conn, events)
        move_signals(conn, {account(2): account(1)})
        assert rows(conn) == by_hand(events, {account(1): account(1), account(2): account(1)})


def test_an_event_that_another_process_stored_meanwhile_is_summed_once(database, world, monkeypatch):
    world.fill(database, range(1, 2))
    events = some_events(world, random.Random(1), [account(1)])
    with database.writing() as conn:
        signals.take_signals(conn, events[:70])
        monkeypatch.setattr(signals, "_known", lambda conn, keys: set())
        signals.take_signals(conn, events[50:])
        assert rows(conn) == by_hand(events, {account(1): account(1)})


def test_users_who_become_one_in_the_events_become_one_in_the_sums(database, world):
    world.fill(database, range(1, 2))
    events = some_events(world, random.Random(1), [account(1)])
    with database.writing() as conn:
        signals.take_signals(conn, events)
        assert daily.take_out(conn, ["AN", "be"]) == {account(1)}
        assert rows(conn) == []
        daily.rebuild(conn, {account(1)})
        assert rows(conn) == by_hand(events, {account(1): account(1)})
        assert daily.take_out(conn, ["zoe"]) == frozenset()


def wait_for_another(database: Database) -> None:
    """Wait until a transaction waits for a lock of this server."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(2000):
        with database.reading() as conn:
            if conn.execute(waiting).scalar_one():
                return
        time.sleep(0.005)
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("other", ["rebuild", "events"])
@pytest.mark.parametrize("first", ["rebuild", "events"])
def test_two_that_sum_at_once_take_turns(new_database_url, world, first, other):
    database = connect(new_database_url("postgresql"))
    world.fill(database, range(1, 2))
    events = some_events(world, random.Random(1), [account(1)])

    def work(what, part, then=lambda: None):
        with database.writing() as conn:
            if what == "events":
                signals.take_signals(conn, part)
            else:
                daily.rebuild(conn, {account(1)})
            then()

    work("events", events[:40])
    with ThreadPoolExecutor(1) as thread:
        others = []

        def beside():
            others.append(thread.submit(work, other, events[30:60]))
            wait_for_another(database)

        work(first, events[20:50], beside)
        others[0].result(30)
    with database.reading() as conn:
        known = events[:60] if other == "events" else events[:50] if first == "events" else events[:40]
        assert rows(conn) == by_hand(known, {account(1): account(1)})
    database.close()
