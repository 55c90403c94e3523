"""How many people used the product lately, as a track of the playbook asks for it."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from config.playbook_library.library import load_library
from database import key_values
from database.events import signals
from database.tables import OnboardingRow
from onboarding.model.usage import SignalRecord
from tests.builders.tiers import MID
from tests.database.events.test_usage import ACCOUNT, told

DAYS = {track.in_use.last_days for track in load_library()[MID].playbook.tracks}


def use(database, world, *events):
    """Store events, each so many days ago, of a signal and by a user."""
    with database.writing() as conn:
        mid = load_library()[MID]
        key_values.keep_playbook(conn, mid.hash, "mid", mid.content, world.now)
        conn.execute(update(OnboardingRow).values(playbook=mid.hash))
        signals.take_signals(
            conn,
            [
                SignalRecord(key=f"s{n}", account=ACCOUNT, name=name, at=world.now - timedelta(days=ago), user=user)
                for n, (ago, name, user) in enumerate(events)
            ],
        )


@pytest.mark.parametrize(
    ("events", "users"),
    [
        ([(29, "login", "ann"), (1, "share", "ann"), (2, "share", "ben"), (31, "login", "eve")], 2),
        ([(1, "login", "ann"), (1, "login", "csm@vendor.example"), (2, "login", "")], 1),
        ([(1, "login", ""), (40, "login", "ann")], None),
    ],
)
def test_distinct_named_users_of_the_last_days_are_counted_over_all_signals(database, world, opened, events, users):
    opened()
    told(database, world.now)
    use(database, world, *events)
    assert dict(world.case(database).usage.recent_users) == dict.fromkeys(DAYS, users)


def test_the_days_are_those_up_to_the_last_moment_at_which_usage_surely_came(database, world, opened):
    opened()
    told(database, world.now)
    use(database, world, (35, "login", "ann"), (20, "login", "ben"))
    with database.writing() as conn:
        key_values.write(conn, key_values.HEARD, (world.now - timedelta(days=20)).isoformat(), world.now)
    usage = world.case(database).usage
    assert set(usage.recent_users.values()) == {2}


def test_nothing_is_counted_where_no_playbook_asks(database, world, opened):
    opened()
    told(database, world.now)
    with database.writing() as conn:
        signals.take_signals(conn, [SignalRecord(key="s", account=ACCOUNT, name="login", at=world.now, user="ann")])
    assert world.case(database).usage.recent_users == {}
