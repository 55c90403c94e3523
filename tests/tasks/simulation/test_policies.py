"""Each kind of policy over simulated customers: the bundled playbooks keep it, and a changed one breaks it."""

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.files.documents import adapter
from config.playbook_library.library import BUNDLED
from config.playbook_library.policies import load_policies
from config.settings.load import Settings, load_settings
from onboarding.effects.payloads import ChatMethod, read_chat
from onboarding.model.vocabulary import Channel
from onboarding.simulation.policies import Habit, Policies, Policy
from onboarding.simulation.verdicts import Customer, Life, verdict
from tasks.simulation.cohort import MOST_DAYS, TURNS, cohort
from tasks.simulation.proving import life_of, prove, simulated, stage, world_of
from tasks.simulation.world import live
from tests.builders.tiers import BUNDLED_TIERS, MID

CHANGES = (
    ("end_user: training,", "end_user: kickoff,"),
    ('hours: [{start: "09:00", end: "17:00"}]', 'hours: [{start: "05:00", end: "17:00"}]'),
    ("due: {from: signature, source: CO-2}", "due: {from: signature, days: 5, source: CO-2}"),
    ("every: {days: 14, source: TH-16}", "every: {days: 1, source: TH-16}"),
    ("due: {from: kickoff, days: 14, source: TH-16}", "due: {from: kickoff, days: 1, source: TH-16}"),
    ("{roles: [champion, technical_admin], otherwise", "{roles: [champion, end_user], otherwise"),
    ("due: {from: stage, days: 9, source: ours}", "due: {from: stage, days: 60, source: ours}"),
)
"""What the changed mid playbook has instead."""
MID = Customer(
    number=1,
    signed_at=datetime(2028, 3, 24, 20, tzinfo=UTC),
    tier=MID,
    zone="Europe/Berlin",
    country="DE",
    habit=Habit.IN_TIME,
    days=60,
)
POLICIES = {
    "rate": {
        "messages": {"steps": ["status_update"], "side": "customer"},
        "at_most": 1,
        "per": "person",
        "within": {"days": 7},
    },
    "never at night": {
        "messages": {"channel": "mail", "outside_hours": {"start": "08:00", "end": "18:00"}},
        "at_most": 0,
    },
    "never this topic to this role": {
        "messages": {"roles": ["end_user"], "topics": ["kickoff_recap"]},
        "at_most": 0,
    },
    "at least one after an event": {
        "messages": {"steps": ["welcome"]},
        "at_least": 1,
        "within": {"hours": 62},
        "of": "signature",
    },
    "an event after another": {"reaches": "stage:training", "within": {"working_days": 30}, "of": "kickoff"},
}


def changed(folder: Path) -> Path:
    shutil.copytree(BUNDLED, folder / "playbooks")
    file = folder / "playbooks" / "mid.yaml"
    text = file.read_text(encoding="utf-8")
    for old, new in CHANGES:
        assert old in text, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return folder / "playbooks"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with pytest.MonkeyPatch.context() as env:
        env.setenv("FIRST90_HOME", str(tmp_path_factory.mktemp("home")))
        yield load_settings(env_file=None)


@pytest.fixture(scope="module")
def lives(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> tuple[Life, Life]:
    """A customer who keeps every date under the bundled and under the changed playbook."""
    other = changed(tmp_path_factory.mktemp("changed"))
    found = []
    for folder in (BUNDLED, other):
        with stage(settings, folder) as context:
            found.append(simulated(context, MID))
    return found[0], found[1]


@pytest.mark.parametrize("kind", POLICIES)
def test_each_kind_holds_for_one_playbook_and_breaks_for_another(lives: tuple[Life, Life], kind: str) -> None:
    policy = adapter(Policy).validate_python({"name": "one", "says": kind, **POLICIES[kind]})
    good, bad = verdict(policy, lives[:1]), verdict(policy, lives[1:])
    assert good.holds, good.breaches
    assert (good.customers, good.days) == (1, 60)
    assert not bad.holds
    assert bad.breaches[0].customer == MID


def test_messages_and_events_are_those_of_the_simulated_life(lives: tuple[Life, Life]) -> None:
    life = lives[0]
    welcome = next(one for one in life.messages if one.step == "welcome" and one.channel == "mail")
    assert f"{welcome.local:%a %H:%M}" == "Mon 09:00"  # signed on a Friday night; the clocks change in between
    assert (welcome.role, welcome.topic, welcome.side) == ("champion", "welcome", "customer")
    assert life.events["signature"] == MID.signed_at < life.events["kickoff"] < life.events["stage:training"]
    assert {one.side for one in life.messages if one.channel == "slack"} == {"vendor"}


@pytest.mark.slow
def test_edits_of_slack_messages_are_not_counted(settings: Settings) -> None:
    with stage(settings, BUNDLED) as context:
        world = world_of(context, replace(MID, habit=Habit.LATE))
        live(world, MID.signed_at, MID.signed_at + timedelta(days=40))
        life = life_of(world, replace(MID, habit=Habit.LATE))
    posts = Counter(read_chat(one.payload).method for one in world.post.posts)
    assert posts[ChatMethod.UPDATE] > 0
    assert sum(one.channel is Channel.SLACK for one in life.messages) == posts[ChatMethod.POST]


def test_the_cohort_is_the_same_each_time_and_spread_over_the_year() -> None:
    policies = _policies({"messages": {}, "at_least": 1, "within": {"working_days": 3}, "of": "signature"})
    found = list(cohort(144, policies, BUNDLED_TIERS))
    assert found == list(cohort(144, policies, BUNDLED_TIERS))
    assert {one.signed_at.month for one in found} == set(range(1, 13))
    assert {one.signed_at.weekday() for one in found} == set(range(7))
    assert set(TURNS) < {one.signed_at for one in found}
    assert {(one.tier, one.habit) for one in found if one.days > 90} == {(t, h) for t in BUNDLED_TIERS for h in Habit}
    assert len({one.signed_at for one in found}) == len(found)


def test_a_longer_policy_is_simulated_for_longer() -> None:
    policies = _policies({"reaches": "activation", "within": {"days": 150}, "of": "signature"})
    assert max(one.days for one in cohort(16, policies, BUNDLED_TIERS)) > 150
    endless = _policies({"reaches": "activation", "within": {"days": 700}, "of": "signature"})
    assert max(one.days for one in cohort(16, endless, BUNDLED_TIERS)) == MOST_DAYS


@pytest.mark.slow
def test_customers_are_told_while_they_are_simulated(settings: Settings) -> None:
    said: list[str] = []
    policies = _policies({"messages": {"channel": "mail"}, "at_most": 0, "of": "stage:done"})
    (found,) = prove(settings, BUNDLED, policies, 24, said.append)
    assert said == ["24 of 24 customers ..."]
    assert found.customers > 0
    assert not settings.home.exists() or not list(settings.home.iterdir())


@pytest.mark.long
def test_the_bundled_playbooks_keep_the_bundled_policies_on_every_day_of_the_year(settings: Settings) -> None:
    policies = load_policies(BUNDLED)
    assert policies is not None
    found = prove(settings, BUNDLED, policies, 366, lambda _: None)
    assert [(one.policy.name, one.breaches[:2]) for one in found if not one.holds] == []


def _policies(*written: Any) -> Policies:
    named: Sequence[Any] = [
        {"name": f"policy_{number}", "says": "x in words", **one} for number, one in enumerate(written)
    ]
    found: Policies = adapter(Policies).validate_python({"policies": named})
    return found
