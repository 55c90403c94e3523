"""The form that asks a reader what matters to them, and the facts that it becomes. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from onboarding.forms.form import Answers, FieldKind, FormField
from onboarding.model.parties import ProfileItem
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.form import AnswerKind, NothingToAnswer, PlanForm
from onboarding.profiles.asking import asked_items
from onboarding.stages.handoff import is_answer


def profile(about: str, page: PageContext) -> PlanForm:
    """Return the form with what is asked still, and what is known for the reader to correct. What sales has told is not
    among it. Raises NothingToAnswer where neither is anything."""
    said, known = page.profile_words, page.state.profiles.get(page.reader.id, {})
    asked = asked_items(page.case, page.state, page.reader.id)
    items = [item for item in ProfileItem if item in known or item in asked]
    if about or not items:
        raise NothingToAnswer(said.nothing)
    return PlanForm(
        kind=AnswerKind.PROFILE,
        title=said.title,
        submit=said.submit,
        intro=(said.intro,),
        fields=tuple(
            FormField(
                name=item.value,
                label=page.language.begun(said.labels[item]),
                kind=FieldKind.LINES,
                required=False,
                initial=known[item].text if item in known else "",
            )
            for item in items
        ),
        known=repr([(item.value, known[item].text) for item in items if item in known]),
        thanks=said.thanks,
    )


def told(answers: Answers, page: PageContext) -> Iterator[tuple[ProfileItem, Mapping[str, Any]]]:
    """Yield each item that says something new, with the value of its fact."""
    known = page.state.profiles.get(page.reader.id, {})
    for item in ProfileItem:
        text = answers.get(item.value, "")
        if text and (item not in known or known[item].text != text):
            yield item, {"text": text}


def profile_problems(form: PlanForm, answers: Answers, page: PageContext) -> Iterator[tuple[str, str]]:
    """Yield what is wrong, by field: an answer that says nothing, or no answer that is new."""
    for item in ProfileItem:
        if item.value in answers and not is_answer(answers[item.value]):
            yield item.value, page.profile_words.no_words
    if next(told(answers, page), None) is None:
        yield form.fields[0].name, page.profile_words.nothing_new
