"""Goals: measurable ones, and vague ones with what they lack (GO-1, GO-2).

"Reduce quote turnaround from 48 hours to 4 hours by the end of month two" is a goal; "get up and running" is not.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from onboarding.facts.goal_lint import day_in_text, lint_goal, number_in
from onboarding.model.case import Fact
from onboarding.model.reports import as_learned
from onboarding.model.state import Goal, VagueGoal
from onboarding.model.vocabulary import FactKind, GoalKind
from onboarding.values import dataclass, replace

NEVER = datetime.min.replace(tzinfo=UTC)
SHAPE = "metric | baseline | target | unit | date"
"""The format of a goal on one line."""


def read_goal_line(text: str, at: datetime = NEVER, by: str = "") -> Goal | VagueGoal:
    """Return a line of the success metrics as a goal, or as a vague goal with what it lacks.

    ``at`` is since when it is known (UTC), ``by`` the person who wrote it.
    """
    text = text.strip()
    parts = [part.strip() for part in text.split("|")]
    if len(parts) == 1:
        return VagueGoal(text=text, lacks=f"it is text without figures: write it as {SHAPE}")
    if len(parts) != 5:
        return VagueGoal(text=text, lacks=f"it has {len(parts)} parts instead of five: {SHAPE}")
    metric, baseline, target, unit, due = parts
    return _goal(text, _Figures(metric, baseline, target, unit, due), at, by)


@dataclass(frozen=True, slots=True)
class Stated:
    """The current figures of a goal, with the source and time of their last statement."""

    goal: Goal
    at: datetime
    recorded: bool
    """True if a person recorded them, false if they are from the seller's text."""


def collect(
    metrics: Iterable[tuple[str, datetime]], facts: Sequence[Fact]
) -> tuple[tuple[Stated, ...], tuple[VagueGoal, ...]]:
    """Return the goals of a case, measurable and vague: from the success metrics (text, since when), then from ``goal``
    facts.

    Of several goals for one metric the last holds, dated by the first, because from then on the metric had a
    measurable goal. ``facts`` are in the order of ``reports.known``.
    """
    found = [
        (read_goal_line(line, at), False)
        for text, at in metrics
        for line in text.splitlines()
        if line.strip() and [part.strip().casefold() for part in line.split("|")] != SHAPE.split(" | ")
    ]
    found += [(_goal_of_fact(fact), True) for fact in facts if fact.kind == FactKind.GOAL]
    goals: dict[str, Stated] = {}
    for goal, recorded in found:
        if isinstance(goal, Goal):
            name = normal(goal.metric)
            since = min(goal.at, goals[name].goal.at) if name in goals else goal.at
            goals[name] = Stated(replace(goal, at=since), goal.at, recorded)
    return tuple(goals.values()), tuple(dict.fromkeys(goal for goal, _ in found if isinstance(goal, VagueGoal)))


def confirm(stated: Iterable[Stated], facts: Sequence[Fact], kickoff_held_at: datetime | None) -> tuple[Goal, ...]:
    """Return the goals, each with when the customer's side confirmed its figures (GO-1).

    The kickoff confirms what was known when it was held and what people recorded since; a tick of ``goals_confirmed``
    by a person and a ``goal_confirmed`` fact (about one metric, or about all) confirm what was known at their time.
    A seller's text that changes afterwards is assumed again. ``facts`` are in the order of ``reports.known``.
    """
    said = [(fact.at, fact.by, normal(fact.name)) for fact in facts if fact.kind == FactKind.GOAL_CONFIRMED]
    said += [(fact.at, fact.by, "") for fact in _ticked(facts)]
    found = []
    for one in stated:
        times = [(at, by) for at, by, metric in said if metric in ("", normal(one.goal.metric)) and at >= one.at]
        if kickoff_held_at is not None and (one.recorded or one.at <= kickoff_held_at):
            times.append((max(one.at, kickoff_held_at), "the kickoff"))
        at, by = min(times, default=(None, ""))
        found.append(replace(one.goal, confirmed_at=at, confirmed_by=by))
    return tuple(found)


def confirmed_at(goals: Sequence[Goal]) -> datetime | None:
    """Return the first moment at which the customer's side had confirmed every goal that was known; None if there was
    none. A goal that is stated later changes nothing."""
    for at in sorted(goal.confirmed_at for goal in goals if goal.confirmed_at is not None):
        if all(goal.confirmed_at is not None and goal.confirmed_at <= at for goal in goals if goal.at <= at):
            return at
    return None


def _ticked(facts: Sequence[Fact]) -> list[Fact]:
    """Return the reports of people that the goals were confirmed, without those that were undone since."""
    found: list[Fact] = []
    for fact in as_learned(facts):
        if fact.name == "goals_confirmed" and fact.kind in (
            FactKind.MILESTONE,
            FactKind.MILESTONE_UNDONE,
            FactKind.MILESTONE_WAIVED,
        ):
            found = [*found, fact] if fact.kind == FactKind.MILESTONE else []
    return found


def metric_named(goals: Iterable[Goal], metric: str) -> Goal | None:
    """Return the goal for this metric, regardless of case and blanks; None if there is none."""
    return next((goal for goal in goals if normal(goal.metric) == normal(metric)), None)


def normal(metric: str) -> str:
    """Return the spelling by which metrics are compared, regardless of case and blanks."""
    return " ".join(metric.casefold().split())


class _Figures(NamedTuple):
    """The parts of a goal as written."""

    metric: str
    baseline: object
    target: object
    unit: str
    due: object


def _goal_of_fact(fact: Fact) -> Goal | VagueGoal:
    value: Mapping[str, Any] = fact.value
    metric, unit = str(value.get("metric") or fact.name), str(value.get("unit") or "")
    figures = _Figures(metric, value.get("baseline"), value.get("target"), unit, value.get("due"))
    text = " | ".join(str(part) for part in figures if part not in (None, ""))
    goal = _goal(text, figures, fact.at, fact.by)
    if isinstance(goal, VagueGoal):
        return goal
    kind, money = str(value.get("kind") or ""), number_in(value.get("money"))
    return replace(
        goal,
        kind=GoalKind(kind) if kind in set(GoalKind) else None,
        signal=str(value.get("signal") or ""),
        money=money,
        currency=str(value.get("currency") or "") if money is not None else "",
    )


def _goal(text: str, figures: _Figures, at: datetime, by: str) -> Goal | VagueGoal:
    metric, baseline, target, unit, due = figures
    lacks = lint_goal(metric, baseline, target, unit, due)
    start, end, day = number_in(baseline), number_in(target), day_in_text(due)
    if lacks is not None or start is None or end is None or day is None:
        return VagueGoal(text=text, lacks=lacks or "it cannot be read")
    return Goal(metric=metric.strip(), baseline=start, target=end, unit=unit.strip(), due=day, at=at, by=by)
