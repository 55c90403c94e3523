"""Checks of what a reader of the plan page answered, by field. Pure."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from onboarding.forms.form import Answers, FieldKind
from onboarding.model.identity import mail_address, many_lines, one_line
from onboarding.own_tasks.request import LONGEST_TITLE
from onboarding.plan_page.calls.forms import read_time
from onboarding.plan_page.clashes import forms as clash_forms
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.form import LONGEST_ADDRESS, LONGEST_LINE, LONGEST_NAME, AnswerKind, PlanForm
from onboarding.plan_page.goals import answers as goals
from onboarding.plan_page.profiles.forms import profile_problems
from onboarding.plan_page.tasks.forms import task_problems
from onboarding.stages.handoff import is_answer

Problem = tuple[str, str]
"""The name of a field, and what is wrong with its answer."""
FARTHEST = timedelta(days=730)
"""How far ahead a date may be proposed. This project's choice."""


def cleaned(form: PlanForm, given: Mapping[str, str]) -> Answers:
    """Return the answers to the form's own fields, without invisible characters; an empty one is left out."""
    found = {}
    for field in form.fields:
        text = given.get(field.name, "")
        found[field.name] = many_lines(text) if field.kind is FieldKind.LINES else one_line(text, LONGEST_LINE)
    return {name: text for name, text in found.items() if text}


def problems(form: PlanForm, answers: Answers, page: PageContext) -> Mapping[str, str]:
    """Return what is wrong, by field; empty where the answer may be kept."""
    said = page.answers
    wrong = {field.name: said.missing for field in form.fields if field.required and field.name not in answers}
    wrong |= {
        field.name: said.no_choice
        for field in form.fields
        if field.kind is FieldKind.CHOICE
        and form.kind is not AnswerKind.CALL  # its choices may be others since the form was shown
        and field.name in answers
        and answers[field.name] not in {option.value for option in field.options}
    }
    wrong |= {
        field.name: page.language.count(said.too_long, most)
        for field in form.fields
        if len(answers.get(field.name, "")) > (most := _LONGEST.get(field.name, LONGEST_LINE))
    }
    check = _CHECKS.get(form.kind)
    return wrong or (dict(check(form, answers, page)) if check else {})


def _person(form: PlanForm, answers: Answers, page: PageContext) -> Iterator[Problem]:
    try:
        mail_address(answers["email"])
    except ValueError:
        yield "email", page.answers.no_address


def _day(form: PlanForm, answers: Answers, page: PageContext) -> Iterator[Problem]:
    try:
        day = date.fromisoformat(answers["day"])
    except ValueError:
        yield "day", page.answers.no_day
        return
    if day < page.today:
        yield "day", page.answers.day_passed
    elif day > page.today + FARTHEST:
        yield "day", page.answers.day_too_far
    elif day.isoformat() == next((field.initial for field in form.fields if field.name == "day"), ""):
        yield "day", page.answers.day_same


def _date(form: PlanForm, answers: Answers, page: PageContext) -> Iterator[Problem]:
    yield from _day(form, answers, page)
    if not is_answer(answers["comment"]):
        yield "comment", page.answers.no_reason


def _task(form: PlanForm, answers: Answers, page: PageContext) -> Iterator[Problem]:
    yield from task_problems(answers, page)
    yield from _day(form, answers, page)


def _time(form: PlanForm, answers: Answers, page: PageContext) -> Iterator[Problem]:
    at = read_time(answers["at"])
    if at is None or page.times is None or not page.times.has(at):
        yield "at", page.calls.taken
    elif (meeting := page.state.meetings.get(form.about)) is not None and meeting.at == at:
        yield "at", page.calls.same


def _words(form: PlanForm, answers: Answers, page: PageContext) -> Iterator[Problem]:
    if not is_answer(answers["comment"]):
        yield "comment", page.calls.no_words


_LONGEST = {"name": LONGEST_NAME, "email": LONGEST_ADDRESS, "unit": 40, "metric": 120, "title": LONGEST_TITLE}
_CHECKS: Mapping[AnswerKind, Callable[[PlanForm, Answers, PageContext], Iterator[Problem]]] = {
    AnswerKind.DATE: _date,
    AnswerKind.CORRECT: goals.correct_problems,
    AnswerKind.NEW_GOAL: goals.new_goal_problems,
    AnswerKind.VALUE: goals.value_problems,
    AnswerKind.PERSON: _person,
    AnswerKind.COLLEAGUE: _person,
    AnswerKind.WHO: _person,
    AnswerKind.CLASH: clash_forms.raise_problems,
    AnswerKind.DECIDE: clash_forms.decide_problems,
    AnswerKind.PROFILE: profile_problems,
    AnswerKind.TASK: _task,
    AnswerKind.CALL: _time,
    AnswerKind.OFF: _words,
    AnswerKind.TIME: _words,
}
"""What is checked besides each field by itself."""
