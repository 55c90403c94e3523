"""Product usage as it was at a moment: nothing ahead counts, nothing of our own people does, and sums are sums."""

import json
import random
from datetime import datetime, timedelta

import pytest

from database import cursors, signals
from onboarding.records import ANY_ACCOUNT, SignalRecord

ACCOUNT = "001000000000001AAA"
CUSTOMERS = ("ann@customer1.example", "u-17", "", "vendor.example", "ann@notvendor.example", "lead@vendor.example.evil")
OURS = ("csm@vendor.example", "temp@partner.example", "bot@own.example", "x@eu.own.example")


def told(database, now, **more):
    """What the intake knows of who is ours and what could not be read."""
    with database.writing() as conn:
        cursors.write(conn, cursors.SIGNALS, "", now)
        ours = {"addresses": ["temp@partner.example"], "domains": ["own.example"]}
        cursors.write(conn, cursors.OUR_PEOPLE, json.dumps(ours), now)
        for name, value in more.items():
            cursors.write(conn, name, json.dumps(value), now)


@pytest.mark.parametrize("seed", range(3))
def test_at_any_moment_it_is_what_counting_by_hand_gives(database, world, opened, seed):
    opened()
    told(database, world.now)
    chance = random.Random(seed)
    events = [
        SignalRecord(
            key=f"s{n}",
            account=ACCOUNT,
            name=chance.choice(("login", "task_completed")),
            at=world.now + timedelta(minutes=chance.randint(-3000, 3000)),
            user=chance.choice(CUSTOMERS + OURS),
            count=chance.randint(1, 5),
        )
        for n in range(300)
    ]
    with database.writing() as conn:
        signals.take_signals(conn, events)
    moments = [world.now + timedelta(minutes=minute) for minute in (-4000, -1500, 0, 1500, 4000)]
    for now in [*moments, events[0].at, events[1].at]:
        usage = world.case(database, now=now).usage
        for name in ("login", "task_completed"):
            past = [one for one in events if one.name == name and one.at <= now]
            theirs = [one for one in past if one.user in CUSTOMERS]
            found = next((use for use in usage.signals if use.name == name), None)
            assert (found.total if found else 0) == sum(one.count for one in theirs)
            if found:
                assert found.users == len({one.user for one in theirs if one.user})
                assert (found.first_at, found.last_at) == (min(o.at for o in theirs), max(o.at for o in theirs))
                assert {at for at, _, _ in found.events} <= {one.at for one in theirs}
            ours = [one for one in past if one.user in OURS]
            own = next((use for use in usage.ours if use.name == name), None)
            assert (own.total if own else 0) == sum(one.count for one in ours)
        ahead = [one.at for one in events if one.at > now]
        assert usage.ahead_at == (min(ahead) if ahead else None)


def test_a_high_count_stored_by_an_older_version_is_summed_all_the_same(database, world, opened):
    opened()
    told(database, world.now)
    many = [
        SignalRecord(key=f"s{n}", account=ACCOUNT, name="login", at=world.now, user=f"u{n}", count=2**31 - 1)
        for n in range(3)
    ]
    with database.writing() as conn:
        signals.take_signals(conn, many)
    (login,) = world.case(database).usage.signals
    assert login.total == 3 * (2**31 - 1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [(ACCOUNT, True), ("customer1.example", True), (ANY_ACCOUNT, True), ("customer2.example", False)],
)
def test_what_could_not_be_read_is_known_by_account_domain_or_for_all(database, world, opened, name, expected):
    opened()
    at = world.now - timedelta(days=1)
    told(database, world.now, **{cursors.UNREADABLE: {name: at.isoformat()}})
    found: datetime | None = world.case(database).usage.unread_at
    assert found == (at if expected else None)
