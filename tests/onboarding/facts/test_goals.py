"""Measurable goals are taken, vague ones refused with the reason (GO-1, GO-2)."""

from datetime import UTC, date, datetime

import pytest

from onboarding.facts.goals import collect, lint_goal, read_goal_line
from onboarding.model.state import Goal, VagueGoal

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
    assert str(goal) == "Quote turnaround: from 48 to 4 hours by 2026-04-30"


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
    assert [goal.metric for goal in goals] == ["Win rate"]
    assert [goal.text for goal in vague] == ["happy users"]
