"""Goals on the page of one onboarding: drawn, in figures, and marked where they are only assumed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cli.pages.value import bar, goal_json, goal_rows, ticket_rows
from cli.printing import plain
from onboarding.facts.fold import fold_facts
from onboarding.facts.ticket_topics import topics
from onboarding.model.state import Goal, GoalValue, Ticket, VagueGoal
from tests.builders.case import CASE, SIGNED
from tests.builders.playbook import build_playbook

GOAL = Goal(metric="turnaround", baseline=48, target=4, unit="hours", due=date(2026, 4, 30), at=SIGNED)


def at(value: float) -> Goal:
    return replace(GOAL, values=(GoalValue(SIGNED, value, "jo", SIGNED.date()),))


@pytest.mark.parametrize(
    ("value", "drawn"),
    [(60, ".........."), (48, ".........."), (26, "#####....."), (4.01, "#########."), (3, "#" * 10)],
)
def test_the_way_is_drawn_and_full_only_when_the_goal_is_reached(value: float, drawn: str) -> None:
    assert bar(at(value)) == drawn


def test_a_row_says_what_is_assumed_where_it_stands_and_what_it_is_worth() -> None:
    state = fold_facts(CASE, build_playbook(), SIGNED)
    worth = replace(at(26), confirmed_at=SIGNED, money=10, currency="EUR")
    goals = (GOAL, worth)
    rows = goal_rows(replace(state, goals=goals, vague_goals=(VagueGoal(text="be happy", lacks="figures"),)))
    assert rows == [
        (f"{GOAL}; assumed, the customer has not confirmed it", "", "nobody has said"),
        (str(worth), "#####.....", "26 on 2026-03-02, 50 % of the way, worth 220 EUR"),
        ("not measurable: be happy (lacks figures)", "", ""),
    ]
    found = goal_json(worth)
    assert (found["value"], found["progress"], found["reached"], found["confirmed"]) == (26, 0.5, False, True)
    assert found["gain"] == {"amount": 220, "currency": "EUR"}
    assert plain(found["due"]) == "2026-04-30"


def test_tickets_are_a_row_a_topic_by_week_with_their_mood() -> None:
    asked = [("a", Ticket("T-1", "Import", SIGNED, 0.5)), ("a", Ticket("T-2", "", SIGNED - timedelta(days=60)))]
    assert ticket_rows(topics(asked, SIGNED)) == [
        ("import", "0, 0, 0, 1", "+0.5", "0"),
        ("no topic", "0, 0, 0, 0", "-", "1"),
    ]
