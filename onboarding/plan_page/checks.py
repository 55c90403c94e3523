"""Checks of what a reader of the plan page answered, by field. Pure."""

from collections.abc import Callable, Iterator, Mapping

from onboarding.forms.form import Answers, FieldKind
from onboarding.model.identity import mail_address, many_lines, one_line
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.forms import LONGEST_ADDRESS, LONGEST_LINE, LONGEST_NAME, AnswerKind, PlanForm

Problem = tuple[str, str]
"""The name of a field, and what is wrong with its answer."""


def cleaned(form: PlanForm, given: Mapping[str, str]) -> Answers:
    """Return the answers to the form's own fields, without invisible characters; an empty one is left out."""
    found = {}
    for field in form.fields:
        text = given.get(field.name, "")
        found[field.name] = many_lines(text) if field.kind is FieldKind.LINES else one_line(text, LONGEST_LINE)
    return {name: text for name, text in found.items() if text}


def problems(form: PlanForm, answers: Answers, page: PageContext) -> Mapping[str, str]:
    """Return what is wrong, by field; empty where the answer may be kept."""
    wrong = {field.name: "Please answer this." for field in form.fields if field.required and field.name not in answers}
    wrong |= {
        field.name: "Choose one of these."
        for field in form.fields
        if field.kind is FieldKind.CHOICE
        and field.name in answers
        and answers[field.name] not in {option.value for option in field.options}
    }
    wrong |= {
        field.name: f"This is too long: at most {most} characters."
        for field in form.fields
        if len(answers.get(field.name, "")) > (most := _LONGEST.get(field.name, LONGEST_LINE))
    }
    return wrong or dict(_CHECKS[form.kind](answers, page))


def _person(answers: Answers, page: PageContext) -> Iterator[Problem]:
    try:
        mail_address(answers["email"])
    except ValueError:
        yield "email", "Write one mail address, like ana@acme.example."


_LONGEST = {"name": LONGEST_NAME, "email": LONGEST_ADDRESS}
_CHECKS: Mapping[AnswerKind, Callable[[Answers, PageContext], Iterator[Problem]]] = {AnswerKind.WHO: _person}
