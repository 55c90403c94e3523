"""What follows first value, in a whole simulated life of one customer: both tracks run, or nothing is sent (ST-15)."""

from datetime import UTC, datetime, timedelta

import pytest

from config.playbook_library.library import BUNDLED
from config.settings.load import Settings, load_settings
from onboarding.model.written.track import Phase
from onboarding.simulation.apply import used
from onboarding.simulation.policies import Habit
from onboarding.simulation.verdicts import Customer
from onboarding.usage.arrival import with_event
from tasks.simulation.proving import stage, world_of
from tasks.simulation.world import World, live
from tests.builders.tiers import MID

pytestmark = pytest.mark.slow

SIGNED = datetime(2028, 1, 11, 9, 0, tzinfo=UTC)
COMPLETE_BY, DAYS = 56, 252
WON = Customer(number=1, signed_at=SIGNED, tier=MID, habit=Habit.IN_TIME, zone="Europe/Berlin", country="DE", days=DAYS)


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Settings:
    monkeypatch.setenv("FIRST90_HOME", str(tmp_path))
    return load_settings(env_file=None)


def lived(settings: Settings, users: int) -> World:
    """Return the world after this customer's days. Simulated people use the product until the onboarding is complete;
    from then on so many of them do, once a fortnight."""
    with stage(settings, BUNDLED) as context:
        world = world_of(context, WON)
        live(world, SIGNED, SIGNED + timedelta(days=COMPLETE_BY))
        for day in range(COMPLETE_BY, DAYS, 14):
            now = SIGNED + timedelta(days=day)
            events = [("task_completed", f"user {number}", now) for number in range(users)]
            (seen,) = world.seen.values()
            world.cases[seen.case.key] = used(world.cases[seen.case.key], events, now, seen.playbook.windowed)
            world.people.heard = with_event(world.people.heard, seen.case.account.id, now)
            live(world, now, now + timedelta(days=14))
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
    world = lived(settings, users=9)
    (seen,) = world.seen.values()
    found, completed_at = sent_by_track(world), max(seen.review.progress.stage_times.values())
    assert seen.review.progress.status == "completed"
    assert len(found["adoption"]) >= 3
    assert completed_at < found["adoption"][0] < found["growth"][0]
    assert found["growth"][0] >= completed_at + timedelta(days=120)
    assert seen.review.phase is Phase.TERTIARY


def test_where_too_few_use_it_nobody_is_bothered(settings: Settings) -> None:
    world = lived(settings, users=1)
    (seen,) = world.seen.values()
    found, completed_at = sent_by_track(world), max(seen.review.progress.stage_times.values())
    assert seen.review.progress.status == "completed"
    assert all(at < completed_at + timedelta(days=30) for at in found["adoption"]), "the use of training still counts"
    assert found["growth"] == []
    assert any("used the product" in one for one in seen.review.tracks)
