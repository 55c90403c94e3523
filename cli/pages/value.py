"""Goals, promises and tickets on the page of one onboarding: goals with their progress, as a bar and in figures."""

import dataclasses
from collections.abc import Iterable
from typing import Any

from cli.printing import day
from onboarding.facts.goal_values import gain, way_words
from onboarding.facts.ticket_topics import TicketTopic
from onboarding.model.state import Goal, OnboardingState, Promise

BAR = 10
"""Characters of a progress bar."""


def goal_rows(state: OnboardingState, aims: Iterable[str] = ()) -> list[tuple[str, str, str]]:
    """Return what stands above the goals, then a row a goal: its progress bar, its present value and its worth."""
    rows = [(aim, "", "") for aim in aims]
    rows += [(_goal_words(goal), bar(goal), _stands(goal)) for goal in state.goals]
    return rows + [(f"not measurable: {one.text} (lacks {one.lacks})", "", "") for one in state.vague_goals]


def goal_json(goal: Goal) -> dict[str, Any]:
    """Return a goal as plain values: its figures, every value, and what follows from them."""
    worth = gain(goal)
    return {
        **{field.name: getattr(goal, field.name) for field in dataclasses.fields(goal)},
        "values": [value._asdict() for value in goal.values],
        "value": goal.value,
        "value_at": goal.value_at,
        "progress": goal.progress,
        "reached": goal.reached,
        "confirmed": goal.confirmed,
        "gain": dataclasses.asdict(worth) if worth else None,
    }


def promise_rows(promises: Iterable[Promise]) -> list[tuple[str, str, str, str]]:
    """Return a row a promise: id, text with who made it, its day, and its state."""
    return [
        (one.id, f"{one.text} ({one.source}, {one.by})", one.due.isoformat() if one.due else "-", _state(one))
        for one in promises
    ]


def ticket_rows(topics: Iterable[TicketTopic]) -> list[tuple[str, str, str, str]]:
    """Return a row a topic: its name, tickets by week for four weeks (the latest last), their mood, earlier ones."""
    return [
        (one.name or "no topic", ", ".join(map(str, one.weeks)), one.mood or "-", str(one.earlier)) for one in topics
    ]


def bar(goal: Goal) -> str:
    """Return the progress from baseline to target as ten characters; empty without a value."""
    if goal.progress is None:
        return ""
    done = BAR if goal.reached else min(max(int(goal.progress * BAR), 0), BAR - 1)
    return "#" * done + "." * (BAR - done)


def _goal_words(goal: Goal) -> str:
    kind = f" ({goal.kind})" if goal.kind else ""
    return f"{goal}{kind}" + ("" if goal.confirmed else "; assumed, the customer has not confirmed it")


def _stands(goal: Goal) -> str:
    if goal.value is None:
        return "nobody has said"
    worth = gain(goal)
    return f"{goal.value:g} on {goal.values[-1].on}, {way_words(goal)}" + (f", worth {worth}" if worth else "")


def _state(promise: Promise) -> str:
    return promise.state.value + (f" {day(promise.settled_at)}, {promise.settled_by}" if promise.settled_at else "")
