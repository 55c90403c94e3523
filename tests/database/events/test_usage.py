"""Product usage as it was at a moment: events ahead and our own people's do not count, and sums are right."""

import json
import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from config.playbook_library.library import load_library, version_of
from database import key_values
from database.events import dating, signals
from database.onboardings import facts
from database.tables import OnboardingRow
from onboarding.model.case import Fact
from onboarding.model.conditions.written import Range, When
from onboarding.model.usage import ANY_ACCOUNT, Detection, Need, SignalRecord
from onboarding.model.vocabulary import FactKind, Stage
from onboarding.usage.proof import reached
from tests.builders.tiers import MID

ACCOUNT = "001000000000001AAA"
CUSTOMERS = ("ann@customer1.example", "u-17", "", "vendor.example", "ann@notvendor.example", "lead@vendor.example.evil")
OURS = ("csm@vendor.example", "temp@partner.example", "bot@own.example", "x@eu.own.example")


def told(database, now, **more):
    """Store what the intake knows of our own people and of unreadable usage."""
    with database.writing() as conn:
        key_values.write(conn, key_values.SIGNALS, "", now)
        ours = {"addresses": ["temp@partner.example"], "domains": ["own.example"]}
        key_values.write(conn, key_values.OUR_PEOPLE, json.dumps(ours), now)
        for name, value in more.items():
            key_values.write(conn, name, json.dumps(value), now)


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


def first(events, users, count):
    """Return when these events reach so many users and so high a count."""
    seen, total = set(), 0
    for one in sorted(events, key=lambda one: (one.at, one.user)):
        seen.add(one.user)
        total += one.count
        if len(seen) >= users and total >= count:
            return one.at
    return None


@pytest.mark.parametrize("seed", range(3))
def test_after_each_correction_thresholds_are_dated_as_by_hand(database, world, opened, seed):
    (key,) = opened()
    told(database, world.now)
    chance = random.Random(seed)
    minutes = {name: chance.choices(range(-3000, 0), k=400) for name in ("login", "task_completed")}
    events = [
        SignalRecord(
            key=f"{name}{n}",
            account=ACCOUNT,
            name=name,
            at=world.now + timedelta(minutes=minute),
            user=chance.choice(
                (*(f"u{chance.randint(0, 60)}" for _ in range(3)), "ulla", "ulla", "csm@vendor.example")
            ),
        )
        for name, some in minutes.items()
        for n, minute in enumerate(some)
    ]
    corrections = [world.now + timedelta(minutes=minute) for minute in (-2500, -1000, -10)]
    undone = [
        Fact(key=f"f{n}", kind=kind, name="login", at=at, learned_at=at, source="record", by="jo")
        for n, (kind, at) in enumerate(
            zip(
                (FactKind.MILESTONE_UNDONE, FactKind.MILESTONE_WAIVED, FactKind.MILESTONE_UNDONE),
                corrections,
                strict=True,
            )
        )
    ]
    with database.writing() as conn:
        signals.take_signals(conn, events)
        facts.add_all(conn, {key: undone}, world.now)
    usage = world.case(database).usage
    theirs = [one for one in events if one.user != "csm@vendor.example"]
    for use in usage.signals:
        for since in corrections:
            later = [one for one in theirs if one.name == use.name and one.at > since]
            kept = use.since(since)
            assert {at for at, _, _ in kept} <= {one.at for one in later}
            sample = [SignalRecord(key="", account="", name="", at=at, user=user, count=n) for at, user, n in kept]
            for users, count in ((1, 1), (1, 50), (20, 20), (50, 50)):
                assert first(sample, users, count) == first(later, users, count)


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
    told(database, world.now, **{key_values.UNREADABLE: {name: at.isoformat()}})
    found: datetime | None = world.case(database).usage.unread_at
    assert found == (at if expected else None)


@pytest.mark.slow
def test_of_a_signal_that_a_playbook_counts_within_a_window_both_ends_of_each_day_are_read(database, world, opened):
    (key,) = opened()
    told(database, world.now)
    events = [
        SignalRecord(
            key=f"{name}{day}:{n}",
            account=ACCOUNT,
            name=name,
            at=world.now - timedelta(days=day, minutes=n),
            user="ann",
        )
        for name in ("shared", "login")
        for day in range(40)
        for n in range(130)
    ]
    with database.writing() as conn:
        signals.take_signals(conn, events)

    def read():
        return {use.name: use for use in world.case(database).usage.signals}

    assert {name: len(use.events) for name, use in read().items()} == {"shared": 50, "login": 50}
    many = Detection(signal="shared", count=50, also=(Need(signal="other"),), within_days=14, source="ours")
    count_within(database, world, key, many)
    found = read()
    assert {name: len(use.events) for name, use in found.items()} == {"shared": 40 * 100, "login": 50}
    with database.writing() as conn:
        last = SignalRecord(key="x", account=ACCOUNT, name="other", at=world.now, user="u1")
        signals.take_signals(conn, [last])
    assert reached(many, read(), None, world.now) == world.now, "beyond any number of events"


@pytest.mark.parametrize("seed", range(4))
def test_the_events_that_are_read_date_a_window_as_all_events_do(database, world, opened, monkeypatch, seed):
    """With thresholds up to three, so that a day has many more events than any detection takes."""
    monkeypatch.setattr(dating, "MOST_NEEDED", 3)
    (key,) = opened()
    told(database, world.now)
    chance = random.Random(seed)

    def taken():
        return {"users": chance.randint(1, 2), "count": chance.randint(1, 3)}

    detections = [
        Detection(
            signal="shared",
            **taken(),
            also=(Need(signal="viewed", **taken()), Need(signal="logged", **taken()))[: chance.randint(0, 2)],
            within_days=chance.randint(1, 3),
            source="ours",
        )
        for _ in range(60)
    ]
    busy, minutes = chance.sample(range(9), 3), 24 * 60
    times = [("shared", day * minutes + chance.randrange(minutes)) for day in busy for _ in range(30)]
    times += [(chance.choice(("viewed", "logged")), chance.randrange(9 * minutes)) for _ in range(20)]
    events = [
        SignalRecord(
            key=f"s{n}",
            account=ACCOUNT,
            name=name,
            at=world.now - timedelta(days=9) + timedelta(minutes=minute),
            user=chance.choice(("ann", "ann", "ann", "ben")),
        )
        for n, (name, minute) in enumerate(times)
    ]
    count_within(
        database,
        world,
        key,
        Detection(signal="shared", also=(Need(signal="viewed"), Need(signal="logged")), within_days=2, source="ours"),
    )
    with database.writing() as conn:
        signals.take_signals(conn, events)
    sample = {use.name: use for use in world.case(database).usage.signals}
    assert len(sample["shared"].events) < sum(1 for one in events if one.name == "shared")
    whole = {
        name: replace(use, events=tuple(sorted((one.at, one.user, 1) for one in events if one.name == name)))
        for name, use in sample.items()
    }
    for detection in detections:
        assert reached(detection, sample, None, world.now) == reached(detection, whole, None, world.now), detection


def test_a_condition_on_a_field_of_the_same_name_is_no_window(database, world, opened):
    (key,) = opened()
    asked = When(fields={"within_days": ("14",), "signal": ("fax",)}, numbers={"within_days": Range(at_least=3)})
    count_within(database, world, key, Detection(signal="shared", within_days=14, source="ours"), when=asked)
    with database.reading() as conn:
        assert dating.windowed(conn, [ACCOUNT]) == {"shared"}


def count_within(database, world, key, detection, when=None):
    """Let the playbook of an onboarding count this usage within a window."""
    library = load_library()[MID].playbook
    stage = library.stages[Stage.FIRST_VALUE]
    first, *others = stage.milestones
    changed = replace(stage, milestones=(replace(first, signal=detection, when=when), *others))
    version = version_of(replace(library, stages={**library.stages, Stage.FIRST_VALUE: changed}))
    with database.writing() as conn:
        key_values.keep_playbook(conn, version.hash, "mid", version.content, world.now)
        conn.execute(update(OnboardingRow).where(OnboardingRow.key == key).values(playbook=version.hash))


def test_an_account_is_heard_once_however_its_events_name_it(database, world, opened):
    opened()
    named = (ACCOUNT, "customer1.example", "CUSTOMER1.example", "unknown.example", "elsewhere.example")
    events = [
        SignalRecord(key=f"s{number}", account=name, name="login", at=world.now - timedelta(days=number), user="ann")
        for number, name in enumerate(named)
    ]
    with database.writing() as conn:
        signals.take_signals(conn, events)
        found = signals.last_heard(conn, world.now, 3, timedelta(days=14))
        few = signals.last_heard(conn, world.now, 3, timedelta(days=4))
    last = {ACCOUNT: world.now, "unknown.example": events[3].at, "elsewhere.example": events[4].at}
    assert found == last
    assert few == {name: at for name, at in last.items() if name != "elsewhere.example"}
