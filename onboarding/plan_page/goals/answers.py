"""What is wrong with answers about goals, and the facts that they become. Pure."""

from collections.abc import Iterator
from typing import Any

from onboarding.dates.limits import in_years
from onboarding.facts.goal_lint import day_in_text, lint_goal
from onboarding.facts.goals import metric_named
from onboarding.forms.form import Answers
from onboarding.model.state import Goal
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.form import PlanForm
from onboarding.plan_page.goals.forms import goal_of

Problem = tuple[str, str]
"""The name of a field, and what is wrong with its answer."""


def correct_problems(form: PlanForm, answers: Answers, page: PageContext) -> Iterator[Problem]:
    """Yield what is wrong with figures that correct a goal."""
    goal = goal_of(form.about, page)
    yield from _figures(goal.metric, answers, page)
    if answers["due"] != goal.due.isoformat():
        yield from _passed(answers, page)


def new_goal_problems(form: PlanForm, answers: Answers, page: PageContext) -> Iterator[Problem]:
    """Yield what is wrong with a goal that is stated."""
    if metric_named(page.state.goals, answers["metric"]) is not None:
        yield "metric", page.answers.goal_there
    else:
        yield from _figures(answers["metric"], answers, page)
        yield from _passed(answers, page)


def value_problems(form: PlanForm, answers: Answers, page: PageContext) -> Iterator[Problem]:
    """Yield what is wrong with a value."""
    if figure_in(answers["value"], page) is None:
        yield "value", page.answers.no_number


def corrected(form: PlanForm, answers: Answers, page: PageContext) -> tuple[Goal, dict[str, Any]]:
    """Return the goal that is corrected, with the value of its fact: its worth and the signal that measures it stay
    as they were stated."""
    goal = goal_of(form.about, page)
    kept = {"kind": goal.kind.value if goal.kind else "", "signal": goal.signal, "currency": goal.currency}
    value: dict[str, Any] = {name: text for name, text in kept.items() if text}
    value |= {"money": goal.money} if goal.money is not None else {}
    return goal, value | _written(goal.metric, answers, page)


def stated(form: PlanForm, answers: Answers, page: PageContext) -> dict[str, Any]:
    """Return the value of the fact of a goal that is stated."""
    return {**_written(answers["metric"], answers, page), "new": True}


def figure_in(text: str, page: PageContext) -> float | None:
    """Return the number that a reader wrote in the form of their language; None if it is none."""
    return page.language.formats.read(text)


def _written(metric: str, answers: Answers, page: PageContext) -> dict[str, Any]:
    figures = {name: figure_in(answers[name], page) for name in ("baseline", "target")}
    return {**figures, "metric": metric, "unit": answers["unit"], "due": answers["due"]}


def _figures(metric: str, answers: Answers, page: PageContext) -> Iterator[Problem]:
    figures = {name: figure_in(answers[name], page) for name in ("baseline", "target")}
    if wrong := [name for name, figure in figures.items() if figure is None]:
        yield wrong[0], page.answers.no_number
    elif figures["baseline"] == figures["target"]:
        yield "target", page.answers.same_figures
    elif (day := day_in_text(answers["due"])) is None or not in_years(day):
        yield "due", page.answers.no_day
    elif lint_goal(metric, figures["baseline"], figures["target"], answers["unit"], day):
        yield "target", page.answers.no_measure


def _passed(answers: Answers, page: PageContext) -> Iterator[Problem]:
    """Yield that the day has passed where the reader is: nothing can be reached by it any more."""
    day = day_in_text(answers["due"])
    if day is not None and day < page.today:
        yield "due", page.answers.day_passed
