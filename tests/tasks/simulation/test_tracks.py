"""What follows first value, in a whole simulated life of one customer: both tracks run, or nothing is sent (ST-15)."""

from datetime import UTC, datetime, timedelta

import pytest

from config.playbook_library.library import BUNDLED
from config.settings.load import Settings, load_settings
from onboarding.model.written.track import Phase
from onboarding.simulation.behaviour import Behaviour, Habits
from onboarding.simulation.policies import Habit
from onboarding.simulation.verdicts import Customer
from tasks.simulation.people import SimulatedPeople
from tasks.simulation.proving import stage, world_of
from tasks.simulation.world import World, live
from tests.builders.tiers import MID

pytestmark = pytest.mark.slow

SIGNED = datetime(2028, 1, 11, 9, 0, tzinfo=UTC)
DAYS, QUIET_FROM = 252, 63
WON = Customer(number=1, signed_at=SIGNED, tier=MID, habit=Habit.IN_TIME, zone="Europe/Berlin", country="DE", days=DAYS)


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Settings:
    monkeypatch.setenv("FIRST90_HOME", str(tmp_path))
    return load_settings(env_file=None)


def lived(settings: Settings, habits: Habits) -> World:
    """Return the world after this customer's days, in which its people have these habits."""
    with stage(settings, BUNDLED) as context:
        world = world_of(context, WON)
        world.people = SimulatedPeople(behaviour=Behaviour(everybody=habits))
        live(world, SIGNED, SIGNED + timedelta(days=DAYS))
    return world


def sent_by_track(world: World) -> dict[str, list[datetime]]:
    """Return when steps of each track were sent, in order."""
    (seen,) = world.seen.values()
    tracks = {step.name: step.track for step in seen.playbook.steps if step.track}
    found: dict[str, list[datetime]] = {track.name: [] for track in seen.playbook.tracks}
    for one in sorted(world.post.sent, key=lambda one: one.at):
        if one.effect.kind in tracks:
            found[tracks[one.effect.kind]].append(one.at)
    return found


def test_who_uses_the_product_goes_through_both_tracks_in_order(settings: Settings) -> None:
    world = lived(settings, Habits(users=9))
    (seen,) = world.seen.values()
    found, completed_at = sent_by_track(world), max(seen.review.progress.stage_times.values())
    assert seen.review.progress.status == "completed"
    assert len(found["adoption"]) >= 3
    assert completed_at < found["adoption"][0] < found["growth"][0]
    assert found["growth"][0] >= completed_at + timedelta(days=120)
    assert seen.review.phase is Phase.TERTIARY


def test_where_nobody_uses_it_any_more_nobody_is_bothered(settings: Settings) -> None:
    world = lived(settings, Habits(users=9, quiet_from_day=QUIET_FROM))
    (seen,) = world.seen.values()
    found, quiet_at = sent_by_track(world), SIGNED + timedelta(days=QUIET_FROM)
    assert seen.review.progress.status == "completed"
    assert max(seen.review.progress.stage_times.values()) < quiet_at
    assert all(at < quiet_at + timedelta(days=30) for at in found["adoption"]), "the last use still counts"
    assert found["growth"] == []
    assert any("used the product" in one for one in seen.review.tracks)


def test_people_use_the_product_as_long_as_a_track_goes_on(settings: Settings) -> None:
    world = lived(settings, Habits(users=3, answers_after_hours=1))
    (seen,) = world.seen.values()
    completed_at, ahead = max(seen.review.progress.stage_times.values()), world.people.agenda
    assert [kind for _, _, kind, _ in ahead] == ["usage"]
    assert seen.case.usage.known
    assert seen.review.state.last_activity_at > completed_at + timedelta(days=120)
