"""Finished onboardings, on which forecasts rest: those whose end is known, each once."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from database.reporting import finished
from database.reporting.finished import FinishedOnboardings
from database.tables import OnboardingRow
from tests.builders.tiers import MID


def complete(database, key, tier, times):
    with database.writing() as conn:
        values = {"status": "completed", "stage": "done", "tier": tier, "stage_times": times}
        conn.execute(update(OnboardingRow).where(OnboardingRow.key == key).values(values))


def test_what_is_completed_without_a_known_moment_is_no_finished_onboarding(database, world, opened):
    opened(2)
    end = world.now + timedelta(days=80)
    complete(database, world.key(1), "mid", {"handoff": world.signed.isoformat()})
    complete(database, world.key(2), "mid", {"handoff": world.signed.isoformat(), "done": end.isoformat()})
    with database.reading() as conn:
        found = FinishedOnboardings(conn).of(MID, world.now)
    assert [(one.completed_at, one.signed_at) for one in found] == [(end, world.signed)]


@pytest.mark.parametrize("most", [1, 2, 3])
def test_those_signed_before_are_read_too_where_not_all_are_read_at_once(database, world, opened, monkeypatch, most):
    monkeypatch.setattr(finished, "READ", most)
    opened(3)
    for number in (1, 2, 3):
        at = (world.now + timedelta(days=number)).isoformat()
        complete(database, world.key(number), "mid", {"done": at} if number != 2 else {})
        with database.writing() as conn:
            signed = world.signed + timedelta(days=number)
            conn.execute(update(OnboardingRow).where(OnboardingRow.key == world.key(number)).values(signed_at=signed))
    with database.reading() as conn:
        found = FinishedOnboardings(conn).of(MID, world.signed + timedelta(days=2))
    assert {one.signed_at - world.signed for one in found} == {timedelta(days=1), timedelta(days=3)}
