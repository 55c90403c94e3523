"""The kind and the worth of goals from the CRM: filled in where nobody recorded them, and never guessed."""

from dataclasses import replace

import pytest

from onboarding.facts.fold import fold_facts
from onboarding.facts.goal_values import Gain, gain
from onboarding.model.case import Fact
from onboarding.model.state import Goal
from onboarding.model.vocabulary import GoalKind
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_fact
from tests.builders.playbook import build_playbook

FIGURES = {"baseline": 48, "target": 4, "unit": "hours", "due": "2026-04-30"}


def goal_of(lines: str, *facts: Fact) -> Goal:
    case = replace(CASE, deals=(replace(CASE.deals[0], fields={"goal_worth": lines}),), facts=facts)
    return fold_facts(case, build_playbook(), SIGNED).goals[0]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Quote  TURNAROUND | Efficiency | 85 | eur", (GoalKind.EFFICIENCY, 85, "EUR")),
        ("quote turnaround | risk", (GoalKind.RISK, None, "")),
        ("quote turnaround | | 1,200.50 | CHF", (None, 1200.5, "CHF")),
        ("quote turnaround | hope | 85 | EUR", (None, 85, "EUR")),
        ("quote turnaround | cost | 85 |", (GoalKind.COST, None, "")),
        ("quote turnaround | cost | 85 | euro", (GoalKind.COST, None, "")),
        ("quote turnaround | cost | -85 | EUR", (GoalKind.COST, None, "")),
        ("quote turnaround | cost | much | EUR", (GoalKind.COST, None, "")),
        ("quote turnaround | cost | 85", (None, None, "")),
        ("another metric | cost | 85 | EUR", (None, None, "")),
        ("quote turnaround", (None, None, "")),
        ("quote turnaround | cost\nquote turnaround | revenue", (GoalKind.REVENUE, None, "")),
        ("", (None, None, "")),
    ],
)
def test_a_line_says_the_kind_and_the_worth_of_a_unit(line: str, told: tuple[object, ...]) -> None:
    goal = goal_of(line)
    assert (goal.kind, goal.money, goal.currency) == told


def test_what_a_person_recorded_goes_before_the_field() -> None:
    value = {**FIGURES, "kind": "cost", "money": 10, "currency": "USD"}
    goal = goal_of("quote turnaround | efficiency | 85 | EUR", build_fact("goal", "quote turnaround", value=value))
    assert (goal.kind, goal.money, goal.currency) == (GoalKind.COST, 10, "USD")
    bare = goal_of("quote turnaround | efficiency | 85 | EUR", build_fact("goal", "quote turnaround", value=FIGURES))
    assert (bare.kind, bare.money, bare.currency) == (GoalKind.EFFICIENCY, 85, "EUR")


def test_the_return_is_told_only_once_the_customer_confirmed_the_goal() -> None:
    line = "quote turnaround | efficiency | 85 | EUR"
    better = build_fact("goal_value", "quote turnaround", SIGNED, value={"value": 20})
    assumed = goal_of(line, better)
    assert gain(assumed) is None
    agreed = goal_of(line, better, build_fact("goal_confirmed", "", SIGNED))
    assert gain(agreed) == Gain(28 * 85, "EUR")
