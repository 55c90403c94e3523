"""Who used the product: users since the signature, first key actions, windows at the end; our own people left out."""

import json
from dataclasses import replace
from datetime import timedelta

from database import key_values
from database.events import signals
from database.reporting.history import journals, opened_by
from database.reporting.users import active_up_to, trial_users, users
from database.statements import write_journal
from onboarding.metrics.known import Noted
from onboarding.model.usage import SignalRecord
from onboarding.usage.key_actions import SignalNames
from onboarding.usage.use import TrialUse, UserUse

ACCOUNT = "001000000000001AAA"
KEY = "006000000000001AAA"
OTHER = "006000000000002AAA"
NAMES = SignalNames(key_actions=frozenset({"shared", "won"}), successes=frozenset({"won"}))


def use(database, now, *events):
    """Each event: a signal, a user, and days from the signature."""
    with database.writing() as conn:
        key_values.write(conn, key_values.SIGNALS, "", now)
        ours = {"addresses": ["temp@partner.example"], "domains": []}
        key_values.write(conn, key_values.OUR_PEOPLE, json.dumps(ours), now)
        records = [
            SignalRecord(key=f"s{number}", account=ACCOUNT, name=name, at=at, user=user, count=1)
            for number, (name, user, at) in enumerate(events)
        ]
        signals.take_signals(conn, records)


def test_each_user_with_the_first_key_action(database, world, opened):
    opened()
    day = [world.signed + timedelta(days=number) for number in range(60)]
    use(
        database,
        world.now,
        ("login", "ann", world.signed - timedelta(days=1)),
        ("login", "ann", day[3]),
        ("shared", "ann", day[5]),
        ("shared", "ann", day[4]),
        ("login", "ann", day[30]),
        ("login", "ben", day[6]),
        ("shared", "temp@partner.example", day[6]),
        ("login", "", day[7]),
    )
    with database.reading() as conn:
        found = users(conn, [KEY], NAMES, day[20])
    assert found == {
        KEY: (
            UserUse("ann", day[3], day[5], day[4], None, days=3, key_days=2, used_at=day[3]),
            UserUse("ben", day[6], day[6], None, None, days=1, key_days=0, used_at=day[6]),
        )
    }


def test_the_days_of_the_last_thirty_are_counted_once_each_in_utc(database, world, opened):
    opened()
    noon = world.signed.replace(hour=12, minute=0)
    day = [noon + timedelta(days=number) for number in range(60)]
    use(
        database,
        world.now,
        ("shared", "ann", day[2]),
        ("won", "ann", day[31].replace(hour=0, minute=5)),
        ("shared", "ann", day[31].replace(hour=23, minute=55)),
        ("login", "ann", day[32].replace(hour=0, minute=5)),
        ("shared", "ann", day[39]),
    )
    with database.reading() as conn:
        (ann,) = users(conn, [KEY], NAMES, day[39])[KEY]
    assert (ann.key_at, ann.success_at) == (day[2], day[31].replace(hour=0, minute=5))
    assert (ann.days, ann.key_days) == (3, 2)


def test_the_users_of_the_trial_are_those_before_the_signature_of_the_first_onboarding(database, world, opened):
    opened()
    before = [world.signed - timedelta(days=number) for number in range(30)]
    use(
        database,
        world.now,
        ("login", "ann", before[20]),
        ("won", "ann", before[9]),
        ("shared", "ann", before[10]),
        ("login", "ben", before[5]),
        ("login", "ben", world.signed + timedelta(days=1)),
        ("login", "cy", world.signed),
        ("login", "temp@partner.example", before[3]),
        ("login", "", before[3]),
    )
    with database.reading() as conn:
        found = trial_users(conn, [KEY], NAMES, world.now)
        assert trial_users(conn, [KEY], NAMES, before[12])[KEY] == (TrialUse("ann", before[20]),)
    assert found == {KEY: (TrialUse("ann", before[20], before[10]), TrialUse("ben", before[5]))}


def test_the_minutes_spent_in_the_last_thirty_days_are_summed(database, world, opened):
    opened()
    day = [world.signed + timedelta(days=number) for number in range(60)]
    use(database, world.now, ("login", "ben", day[40]))
    with database.writing() as conn:
        records = [
            SignalRecord(key=f"t{days}", account=ACCOUNT, name="minutes", at=day[days], user="ann", count=count)
            for days, count in ((5, 500), (20, 30), (40, 12), (41, 7))
        ]
        signals.take_signals(conn, records)
    with database.reading() as conn:
        found = users(conn, [KEY], replace(NAMES, time_spent=frozenset({"minutes"})), day[40])
    assert {one.user: one.minutes for one in found[KEY]} == {"ann": 42, "ben": 0}


def test_without_a_source_there_are_no_known_users(database, world, opened):
    opened()
    with database.reading() as conn:
        assert users(conn, [KEY], NAMES, world.now) is None


def test_who_was_there_in_the_thirty_days_up_to_the_end(database, world, opened):
    opened()
    opened(2)
    end = world.signed + timedelta(days=50)
    events = [(user, end - timedelta(days=days)) for user, days in (("ann", 0), ("ben", 29), ("cy", 30), ("ann", 1))]
    use(database, world.now, *(("login", user, at) for user, at in events), ("login", "di", end + timedelta(days=1)))
    with database.reading() as conn:
        assert active_up_to(conn, {KEY: end, OTHER: end}) == {KEY: 2, OTHER: 0}


def test_only_what_was_opened_by_then_and_signed_since(database, world, opened):
    opened()
    with database.reading() as conn:
        assert opened_by(conn, world.now) == [KEY]
        assert opened_by(conn, world.signed) == []
        assert opened_by(conn, world.now, since=world.signed) == [KEY]
        assert opened_by(conn, world.now, since=world.signed + timedelta(days=1)) == []


def test_the_journal_of_stages_and_status(database, world, opened):
    opened()
    with database.writing() as conn:
        lines = [(KEY, "stage_left", "handoff", "all hold"), (KEY, "planned", "welcome", "due")]
        write_journal(conn, lines, at=world.now, by="test")
        found = journals(conn, [KEY])
    assert found[KEY][-1] == Noted(world.now, "stage_left", "handoff")
    assert {one.kind for one in found[KEY]} <= {"stage_left", "status", "close"}


def test_signing_up_is_no_use_yet_and_the_role_given_last_counts(database, world, opened):
    opened()
    day = [world.signed + timedelta(days=number) for number in range(9)]
    given = [("sign_up", "ann", day[1], "guest"), ("login", "ann", day[3], "end_user"), ("sign_up", "ben", day[2], "")]
    records = [
        SignalRecord(key=f"r{number}", account=ACCOUNT, name=name, at=at, user=user, role=role)
        for number, (name, user, at, role) in enumerate([*given, ("login", "ann", day[8], "manager")])
    ]
    with database.writing() as conn:
        key_values.write(conn, key_values.SIGNALS, "", world.now)
        signals.take_signals(conn, reversed(records))
        found = users(conn, [KEY], replace(NAMES, sign_ups=frozenset({"sign_up"})), day[7])
    ann, ben = found[KEY]
    assert (ann.signed_up_at, ann.used_at, ann.role) == (day[1], day[3], "end_user")
    assert (ben.signed_up_at, ben.used_at, ben.role) == (day[2], None, "")
