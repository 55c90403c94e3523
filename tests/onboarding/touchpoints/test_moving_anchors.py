from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from onboarding.model.parties import Person, Stakeholder
from onboarding.model.vocabulary import Concern, CustomerRole
from tests.builders.case import CASE, DEAL
from tests.builders.playbook import build_playbook
from tests.onboarding.touchpoints.reviews import MONDAY, delivered, lived, only, outcome, planned_at, reason, saved


@pytest.mark.slow
def test_check_ins_move_with_the_go_live_and_never_go_twice() -> None:
    high = only(build_playbook("high"), "check_in_7", "check_in_30", "check_in_90")
    planned = replace(CASE, deals=(replace(DEAL, go_live_on=date(2026, 4, 6)),))
    before = planned_at(planned, high, MONDAY)
    assert [u.due_at.date() for u in before.upcoming] == [
        date(2026, 4, 13),
        date(2026, 5, 6),
        date(2026, 7, 6),
    ]
    case = lived(planned, high, MONDAY, datetime(2026, 4, 14, tzinfo=UTC), timedelta(hours=3))
    assert [e.kind for e in case.effects] == ["check_in_7"]
    moved = replace(case, deals=(replace(DEAL, go_live_on=date(2026, 5, 4)),))
    done = lived(
        moved,
        high,
        datetime(2026, 4, 14, 3, tzinfo=UTC),
        datetime(2026, 9, 1, tzinfo=UTC),
        timedelta(hours=6),
    )
    assert [(e.kind, e.due_at.date()) for e in done.effects] == [
        ("check_in_7", date(2026, 4, 13)),
        ("check_in_30", date(2026, 6, 3)),
        ("check_in_90", date(2026, 8, 3)),
    ]


def test_a_planned_check_in_follows_an_anchor_that_moves_before_it_left() -> None:
    high = only(build_playbook("high"), "check_in_7")
    people = tuple(
        Person(id=f"003{n}", name=f"P{n}", email=f"p{n}@k.test", zone=zone)
        for n, zone in enumerate(("Asia/Tokyo", "America/Los_Angeles"))
    )
    parts = tuple(Stakeholder(person_id=p.id, role=CustomerRole.CHAMPION) for p in people)
    case = replace(CASE, people=people, stakeholders=parts, deals=(replace(DEAL, go_live_on=date(2026, 4, 6)),))
    now = datetime(2026, 4, 13, 2, tzinfo=UTC)  # morning in Tokyo, evening before in Los Angeles
    case = delivered(saved(case, high, now, planned_at(case, high, now)), now)
    assert sorted(e.state for e in case.effects) == ["planned", "sent"]
    moved = replace(case, deals=(replace(DEAL, go_live_on=date(2026, 5, 4)),))
    (change,) = planned_at(moved, high, now).changes
    assert change.key.endswith("0031")
    assert change.due_at == datetime(2026, 5, 11, 16, tzinfo=UTC)
    assert change.expires_at is not None
    assert change.expires_at > change.due_at


def test_without_a_go_live_check_ins_count_from_the_target_after_the_grace() -> None:
    high = only(build_playbook("high"), "check_in_30")
    case = CASE
    target = MONDAY + timedelta(days=45)
    grace_ends = target + timedelta(days=30)
    waiting = planned_at(case, high, grace_ends - timedelta(days=2))
    assert waiting.touchpoints == ()
    next_at = waiting.next_at[Concern.CHECK_INS]
    assert next_at is not None
    assert grace_ends < next_at < grace_ends + timedelta(minutes=1)
    monday = datetime(2026, 5, 18, 7, tzinfo=UTC)  # day 30 after the target is a Saturday
    assert planned_at(case, high, next_at).next_at[Concern.CHECK_INS] == monday
    answer = planned_at(case, high, monday)
    assert outcome(answer, "check_in_30") == "planned"
    assert "30 days after the target date, as there is no go-live (16 April 2026)" in reason(answer, "check_in_30")
