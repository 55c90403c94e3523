"""Measurable goals are accepted, vague ones refused with the reason (GO-1, GO-2)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from onboarding.facts.goal_lint import lint_goal
from onboarding.facts.goals import collect, confirm, read_goal_line
from onboarding.model.case import Fact
from onboarding.model.state import Goal, VagueGoal
from onboarding.model.vocabulary import GoalKind
from tests.builders.facts import build_fact

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_the_example_of_the_sources_is_a_goal() -> None:
    goal = read_goal_line("Quote turnaround | 48 | 4 | hours | 2026-04-30", AT, "sales")
    assert goal == Goal(
        metric="Quote turnaround",
        baseline=48,
        target=4,
        unit="hours",
        due=date(2026, 4, 30),
        at=AT,
        by="sales",
    )
    assert str(goal) == "Quote turnaround: from 48 to 4 hours by 30 April 2026"


@pytest.mark.parametrize(
    ("line", "lacks"),
    [
        ("get up and running", "text without figures"),
        ("get up and running | 0 | 1 | x | 2026-04-30", "is no metric"),
        ("Be successful | 0 | 1 | x | 2026-04-30", "is no metric"),
        ("completed setup | 0 | 1 | x | 2026-04-30", "our work"),
        ("Setup is completed | 0 | 100 | % | 2026-04-30", "our work"),
        ("Go-live | 0 | 1 | x | 2026-04-30", "our work"),
        ("Training sessions held | 0 | 4 | sessions | 2026-04-30", "our work"),
        (" | 48 | 4 | hours | 2026-04-30", "names no metric"),
        ("Quote turnaround |  | 4 | hours | 2026-04-30", "no baseline"),
        ("Quote turnaround | 48 | | hours | 2026-04-30", "no target"),
        ("Quote turnaround | 48h | 4 | hours | 2026-04-30", "baseline is not a number: 48h"),
        ("Quote turnaround | 48 | four | hours | 2026-04-30", "target is not a number: four"),
        ("Quote turnaround | 48 | 3,5 | hours | 2026-04-30", "target is not a number: 3,5"),
        ("Quote turnaround | nan | 4 | hours | 2026-04-30", "baseline is not a number: nan"),
        ("Quote turnaround | 48 | 48.0 | hours | 2026-04-30", "equals its baseline"),
        ("Quote turnaround | 48 | 4 | | 2026-04-30", "no unit"),
        ("Quote turnaround | 48 | 4 | hours | ", "no date"),
        ("Quote turnaround | 48 | 4 | hours | month two", "date is unknown: month two"),
        ("Quote turnaround | 48 | 4 | hours | 2026-02-30", "date is unknown: 2026-02-30"),
        ("Quote turnaround | 48 | 4 | hours", "4 parts instead of five"),
    ],
)
def test_a_vague_goal_is_refused_with_what_it_lacks(line: str, lacks: str) -> None:
    goal = read_goal_line(line, AT)
    assert isinstance(goal, VagueGoal)
    assert lacks in goal.lacks


@pytest.mark.parametrize(
    "metric",
    [
        "Setup time for a new quote",
        "Employee onboarding time",
        "Training hours per new seller",
        "Login success share",
        "Customer value per order",
        "Angebotsdauer",
        "見積もり時間",
    ],
)
def test_a_metric_of_the_customer_is_not_mistaken_for_our_work(metric: str) -> None:
    assert lint_goal(metric, 48, 4, "hours", date(2026, 4, 30)) is None


@pytest.mark.parametrize(("text", "number"), [("1,200", 1200), ("1 200 000", 1200000), ("-4.5", -4.5), ("+3", 3)])
def test_numbers_may_be_written_as_people_do(text: str, number: float) -> None:
    goal = read_goal_line(f"Margin | {text} | 5 | points | 2026-04-30", AT)
    assert isinstance(goal, Goal)
    assert goal.baseline == number


def test_a_text_of_several_lines_gives_each_line_its_verdict() -> None:
    text = "metric | baseline | target | unit | date\n\nWin rate | 20 | 30 | % | 2026-06-30\r\nhappy users"
    goals, vague = collect([(text, AT)], ())
    assert [one.goal.metric for one in goals] == ["Win rate"]
    assert [goal.text for goal in vague] == ["happy users"]


HELD = AT + timedelta(days=3)
TEXT = "Win rate | 20 | 30 | % | 2026-06-30"
FIGURES = {"baseline": 20, "target": 40, "unit": "%", "due": "2026-06-30"}


def confirmed_at(text_at: datetime | None, *facts: Fact, held_at: datetime | None = None) -> datetime | None:
    stated, _ = collect([(TEXT, text_at)] if text_at else [], facts)
    (goal,) = confirm(stated, facts, held_at)
    return goal.confirmed_at


def test_a_sellers_goal_is_assumed_until_the_kickoff_was_held() -> None:
    assert confirmed_at(AT) is None
    assert confirmed_at(AT, held_at=HELD) == HELD


def test_a_sellers_text_that_came_after_the_kickoff_is_assumed_again() -> None:
    assert confirmed_at(HELD + timedelta(days=1), held_at=HELD) is None


def test_what_a_person_records_after_the_kickoff_was_agreed_there_or_since() -> None:
    late = HELD + timedelta(days=1)
    assert confirmed_at(AT, build_fact("goal", "Win rate", late, value=FIGURES), held_at=HELD) == late


def test_a_confirmation_counts_for_the_figures_that_were_known_and_for_its_own_metric() -> None:
    later = HELD + timedelta(days=2)
    assert confirmed_at(AT, build_fact("goal_confirmed", "", HELD)) == HELD
    assert confirmed_at(AT, build_fact("goal_confirmed", "win  RATE", HELD)) == HELD
    assert confirmed_at(AT, build_fact("goal_confirmed", "Churn", HELD)) is None
    changed = build_fact("goal", "Win rate", later, value=FIGURES)
    assert confirmed_at(AT, build_fact("goal_confirmed", "", HELD), changed) is None


def test_a_tick_of_the_goals_by_a_person_confirms_them_until_it_is_taken_back() -> None:
    tick = build_fact("milestone", "goals_confirmed", HELD)
    assert confirmed_at(AT, tick) == HELD
    assert confirmed_at(AT, tick, build_fact("milestone_undone", "goals_confirmed", HELD + timedelta(hours=1))) is None


def test_a_goal_keeps_its_kind_its_money_and_its_signal() -> None:
    told = {**FIGURES, "kind": "revenue", "money": 900, "currency": "EUR", "signal": "won"}
    stated, _ = collect([], [build_fact("goal", "Win rate", AT, value=told)])
    goal = stated[0].goal
    assert (goal.kind, goal.money, goal.currency, goal.signal) == (GoalKind.REVENUE, 900, "EUR", "won")
    stated, _ = collect([], [build_fact("goal", "Win rate", AT, value={**FIGURES, "kind": "joy", "money": "much"})])
    assert (stated[0].goal.kind, stated[0].goal.money) == (None, None)
