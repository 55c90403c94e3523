"""The forms about conflicts of priorities, and the facts that they become. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from onboarding.clashes.asking import asks_by_mail
from onboarding.clashes.clash import SIDES, First, clash_id, clash_numbered
from onboarding.clashes.request import LONGEST_SIDE, ClashRefused, checked_sides
from onboarding.forms.form import Answers, FieldKind, FormField, Option
from onboarding.model.vocabulary import CustomerRole
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.form import AnswerKind, NothingToAnswer, PlanForm, line_field
from onboarding.plan_page.work import work_of


def raise_clash(about: str, page: PageContext) -> PlanForm:
    """Return the form for what clashes with a piece of work, or without one with each other. Raises NothingToAnswer for
    work that the reader does not see, or that is done."""
    said = page.clash_words
    title = _title(about, page) if about else ""
    by_mail = asks_by_mail(page.playbook, page.case, page.state)
    sides = (FormField(name="with", label=said.clashes_with, kind=FieldKind.LINE),)
    this = () if about else (FormField(name="this", label=said.one_side, kind=FieldKind.LINE),)
    return PlanForm(
        kind=AnswerKind.CLASH,
        about=about,
        title=said.raise_title.format(title=page.language.quoted(title)) if about else said.raise_any,
        submit=said.raise_submit,
        intro=(said.raise_intro if by_mail else said.raise_intro_ours,),
        fields=(*this, *sides, line_field(page.answers.line)),
        known=title,
        thanks=said.raise_thanks if by_mail else said.raise_thanks_ours,
    )


def decide(about: str, page: PageContext) -> PlanForm:
    """Return the form that decides an open conflict, for the executive sponsor alone. Raises NothingToAnswer."""
    said, clash = page.clash_words, clash_numbered(page.case.facts, about, page.now)
    if CustomerRole.EXECUTIVE_SPONSOR not in page.roles or clash is None:
        raise NothingToAnswer(said.none_to_decide)
    if clash.decided_at is not None:
        raise NothingToAnswer(said.decided_already)
    sides = ((First.THIS, clash.this), (First.OTHER, clash.other))
    options = (
        *(Option(one.value, said.goes_first.format(title=page.language.quoted(text))) for one, text in sides),
        Option(First.NEITHER.value, said.another_way),
    )
    return PlanForm(
        kind=AnswerKind.DECIDE,
        about=about,
        title=said.decide_title,
        submit=said.decide_submit,
        fields=(
            FormField(name="first", label=said.decide_label, kind=FieldKind.CHOICE, options=options),
            line_field(page.answers.line),
        ),
        known=repr((clash.number, clash.this, clash.other)),
        thanks=page.answers.kept,
    )


def raised(form: PlanForm, answers: Answers, page: PageContext) -> tuple[str, Mapping[str, Any]]:
    """Return the name and the value of the fact that a conflict was raised. A piece of work is kept by its name too:
    its title is the plan's and no reader's own words."""
    sides = checked_sides(_side(form, answers), answers["with"])
    value = dict(zip(SIDES, sides, strict=True)) | ({"about": form.about} if form.about else {})
    return clash_id(*sides), value


def decided(form: PlanForm, answers: Answers, page: PageContext) -> tuple[str, Mapping[str, Any]]:
    """Return the name and the value of the fact that a conflict was decided."""
    clash = clash_numbered(page.case.facts, form.about, page.now)
    return clash.id if clash else form.about, {"first": answers["first"]}


def raise_problems(form: PlanForm, answers: Answers, page: PageContext) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the two sides, by field."""
    try:
        checked_sides(_side(form, answers), answers["with"])
    except ClashRefused as why:
        field = why.field if why.field in {one.name for one in form.fields} else "with"
        yield field, page.language.count(page.clash_words.no_side, LONGEST_SIDE)


def decide_problems(form: PlanForm, answers: Answers, page: PageContext) -> Iterator[tuple[str, str]]:
    """Yield that another decision needs words."""
    if answers["first"] == First.NEITHER.value and "comment" not in answers:
        yield "comment", page.clash_words.no_decision


def _side(form: PlanForm, answers: Answers) -> str:
    return form.known if form.about else answers["this"]


def _title(about: str, page: PageContext) -> str:
    work = next((one for one in work_of(page) if one.name == about and not one.done), None)
    if work is None:
        raise NothingToAnswer(page.answers.no_work)
    return work.title
