"""Goals, tickets, the sponsor and depth of use in the score: unknown where nobody said, never healthy by silence."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from onboarding.facts.fold import fold_facts
from onboarding.health.part import Part
from onboarding.health.quadrant import Imbalance, Quadrant, quadrant, ready_to_expand
from onboarding.health.score import Health, health
from onboarding.health.value_parts import depth, goal_progress, sponsor, ticket_mood
from onboarding.model.case import Stall
from onboarding.model.state import Goal, GoalValue, OnboardingState, Promise, Reply, Ticket
from onboarding.model.usage import Usage
from onboarding.model.vocabulary import PromiseState
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_use
from tests.builders.playbook import build_playbook

NOW = SIGNED + timedelta(days=60)
STATE = replace(fold_facts(CASE, build_playbook(), NOW), go_live_at=SIGNED)


def goal(value: float | None, *, due: date = date(2026, 6, 30)) -> Goal:
    values = () if value is None else (GoalValue(NOW, value, "jo", NOW.date()),)
    return Goal(metric="m", baseline=0, target=100, unit="%", due=due, at=SIGNED, values=values)


def with_goals(*goals: Goal) -> OnboardingState:
    return replace(STATE, goals=goals)


def test_goals_count_against_an_even_way_to_their_day() -> None:
    assert goal_progress(with_goals(goal(None)), NOW).score is None
    assert goal_progress(with_goals(goal(100)), NOW).score == 100
    assert goal_progress(with_goals(goal(50)), NOW).score == 100, "half of the time is over"
    assert goal_progress(with_goals(goal(25)), NOW).score == 50
    assert goal_progress(with_goals(goal(-10)), NOW).score == 0
    late = goal_progress(with_goals(goal(25, due=date(2026, 4, 1))), NOW)
    assert (late.score, late.why) == (25, "0 of 1 goals reached, 0 without a value")


def tickets(number: int, mood: float | None = None, days_ago: int = 3) -> OnboardingState:
    at = NOW - timedelta(days=days_ago)
    return replace(STATE, tickets=tuple(Ticket(f"T-{one}", "import", at, mood) for one in range(number)))


@pytest.mark.parametrize(("number", "score"), [(0, None), (1, 100), (5, 100), (6, 60), (15, 60), (16, 20)])
def test_tickets_count_by_volume_and_none_says_nothing(number: int, score: int | None) -> None:
    assert ticket_mood(tickets(number), NOW).score == score


def test_tickets_count_by_mood_where_it_is_known_and_old_ones_do_not() -> None:
    assert [ticket_mood(tickets(2, mood), NOW).score for mood in (1, 0, -1)] == [100, 75, 50]
    assert ticket_mood(tickets(2, days_ago=28), NOW).score is None


def test_the_sponsor_counts_once_anybody_is_recorded_as_answering() -> None:
    def heard(*replies: Reply) -> int | None:
        return sponsor(replace(STATE, replies=replies), NOW).score

    other, own = Reply(NOW, "003CHAMPION"), Reply(NOW - timedelta(days=60), "003EXECUTIVE_SPONSOR")
    assert heard() is None
    assert heard(other) == 0
    assert heard(other, own) == 100
    assert heard(other, replace_at(own, own.at - timedelta(hours=1))) == 0
    nobody = replace(STATE, holders={}, replies=(other,))
    assert sponsor(nobody, NOW).score is None


def replace_at(reply: Reply, at: datetime) -> Reply:
    return reply._replace(at=at)


def test_depth_is_who_does_more_than_sign_in() -> None:
    signed_in = build_use("login", *((NOW, f"user{number}") for number in range(4)))
    case = replace(CASE, usage=Usage(known=True, read_at=NOW, signals=(signed_in,)))
    assert depth(case, STATE, NOW).score is None, "nothing else is reported"
    doing = replace(case, usage=replace(case.usage, signals=(signed_in, build_use("task_completed", (NOW, "user1")))))
    assert depth(doing, STATE, NOW).score == 25
    assert depth(doing, replace(STATE, go_live_at=NOW + timedelta(days=1)), NOW).score is None


def stall(days: int, severity: str = "critical") -> Stall:
    return Stall(
        kind="no_activation",
        severity=severity,
        cause="No activation.",
        waiting_on="customer",
        since=NOW - timedelta(days=days),
        next_step="Call",
    )


def strong(*stalls: Stall, weights: dict[str, float] | None = None) -> Health:
    used = build_use("login", *((NOW, f"user{number}") for number in range(50)))
    deal = replace(CASE.deals[0], seats=50)
    case = replace(CASE, usage=Usage(known=True, read_at=NOW, signals=(used,)), deals=(deal,))
    state = replace(with_goals(goal(100)), milestones={}, effort_score=10.0, last_activity_at=NOW)
    return health(case, replace(state, activated_at=NOW), stalls, NOW, weights or {})


@pytest.mark.parametrize(
    ("stalls", "score", "band"),
    [
        ((), 100, "green"),
        ((stall(90, "warning"),), 100, "green"),
        ((stall(1),), 74, "yellow"),
        ((stall(14),), 49, "red"),
        ((stall(1), stall(20)), 49, "red"),
    ],
)
def test_a_red_flag_caps_the_score_and_what_it_takes_stands_among_the_inputs(
    stalls: tuple[Stall, ...], score: int, band: str
) -> None:
    found = strong(*stalls)
    assert (found.score, found.band) == (score, band)
    assert sum(part.points for part in found.parts) == score
    assert ("red flag" in {part.name for part in found.parts}) == (score < 100)


def test_the_playbooks_weights_move_the_score_and_its_points_still_add_up() -> None:
    state = replace(with_goals(goal(25)), milestones={}, effort_score=10.0, last_activity_at=NOW)
    used = Usage(known=True, read_at=NOW, signals=(build_use("login", (NOW, "ana")),))
    scores = []
    for weights in ({}, {"goals": 6.0}, {"goals": 0.0}):
        found = health(replace(CASE, usage=used), state, (), NOW, weights)
        assert found.score is not None
        assert sum(part.points for part in found.parts) == found.score
        scores.append(found.score)
    assert scores[1] < scores[0] < scores[2]


def parts(**scores: int | None) -> tuple[Part, ...]:
    return tuple(Part(name=name, score=score, why="") for name, score in scores.items())


def test_the_quadrant_names_the_side_that_is_behind() -> None:
    behind = quadrant(parts(use=90, breadth=80, goals=20, sponsor=None, responsiveness=40))
    assert behind == Quadrant(users=85, customer=30)
    assert "nobody can show what it brings" in str(behind.intervention)
    assert "few people work with it" in str(quadrant(parts(use=10, breadth=20, goals=100, sponsor=90)).intervention)
    for users, goals in ((90, 90), (10, 10), (60, 20)):
        assert quadrant(parts(use=users, depth=users, goals=goals, sponsor=goals)).intervention is None
    for unknown in (
        parts(use=90, goals=10, sponsor=10),
        parts(use=10, depth=10, goals=90),
        parts(goals=90, sponsor=90),
    ):
        assert quadrant(unknown).intervention is None, "one input is too little to judge a side"


def test_a_few_who_do_a_lot_are_few_users() -> None:
    """One of twenty seats is used daily and deeply, while goals and sponsor are in place (FM-19)."""
    well = {"goals": 90, "sponsor": 100, "responsiveness": 50}
    lonely = quadrant(parts(use=100, breadth=5, depth=100, **well))
    assert (lonely.users, lonely.imbalance()) == (37, Imbalance.FEW_USERS)
    assert quadrant(parts(use=100, breadth=60, depth=100, **well)).imbalance() is None
    assert quadrant(parts(use=100, depth=100, **well)).users == 100, "without seats the depth counts as it is"


def test_strong_and_active_is_ready_to_expand_and_a_broken_promise_or_a_stall_is_not() -> None:
    state = replace(STATE, activated_at=NOW)
    assert ready_to_expand(strong(), state, ())
    assert not ready_to_expand(strong(), replace(state, activated_at=None), ())
    assert not ready_to_expand(strong(), state, (stall(1, "warning"),))
    assert not ready_to_expand(strong(stall(1)), state, ())
    broken = Promise(id="a", text="SSO", source="sales", at=SIGNED, state=PromiseState.BROKEN)
    assert not ready_to_expand(strong(), replace(state, promises=(broken,)), ())
