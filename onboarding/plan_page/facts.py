"""The facts that an answer on the plan page becomes: who said it, when, and from where. Pure."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from onboarding.forms.form import Answers
from onboarding.model.case import Fact
from onboarding.model.identity import mail_address
from onboarding.model.vocabulary import FactKind
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.forms import AnswerKind, PlanForm
from onboarding.shared_plan.named import PAGE


class Said(NamedTuple):
    """One thing that was said: the kind of its fact, its name and its value."""

    kind: FactKind
    name: str
    value: Mapping[str, Any]


def facts_of(form: PlanForm, answers: Answers, page: PageContext, form_id: str) -> tuple[Fact, ...]:
    """Return the facts of a form that was sent; ``form_id`` names this one form, so that a repeat is the same fact."""
    return tuple(
        Fact(
            key=fact_key(form_id, number),
            kind=said.kind,
            name=said.name,
            at=page.now,
            learned_at=page.now,
            source=PAGE,
            by=f"{page.reader.name} on their plan page",
            value={**said.value, "person": page.reader.id},
        )
        for number, said in enumerate(_SAID[form.kind](form, answers, page))
    )


def fact_key(form_id: str, number: int = 0) -> str:
    """Return the key of a fact that one form gives."""
    return f"{PAGE}:{form_id}:{number}"


def _who(form: PlanForm, answers: Answers, page: PageContext) -> list[Said]:
    return [Said(FactKind.PERSON_NAMED, "", {**_person(answers), "instead": True})]


def _person(answers: Answers) -> dict[str, str]:
    value = {"name": answers["name"], "email": mail_address(answers["email"]), "role": answers["role"]}
    return value | ({"comment": answers["comment"]} if "comment" in answers else {})


_SAID: Mapping[AnswerKind, Callable[[PlanForm, Answers, PageContext], list[Said]]] = {AnswerKind.WHO: _who}
