"""Forms about the reader and their colleagues."""

from onboarding.forms.form import FieldKind, FormField, Option
from onboarding.model.vocabulary import CustomerRole
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.form import AnswerKind, NothingToAnswer, PlanForm, line_field, person_fields
from onboarding.plan_page.status_mails import paces
from onboarding.shared_plan.said import mail_pace


def faces(page: PageContext) -> tuple[Option, ...]:
    """Return the three answers to how it goes."""
    said = page.answers
    return (Option("3", said.mood_well), Option("2", said.mood_so_so), Option("1", said.mood_not_well))


def mood(about: str, page: PageContext) -> PlanForm:
    """Return the form that asks how it goes; ``about`` is the face that is chosen already."""
    said, options = page.answers, faces(page)
    chosen = about if about in {face.value for face in options} else ""
    return PlanForm(
        kind=AnswerKind.MOOD,
        about=chosen,
        title=said.mood_title,
        submit=said.mood_submit,
        fields=(
            FormField(name="score", label=said.mood_so_far, kind=FieldKind.CHOICE, initial=chosen, options=options),
            line_field(said.line),
        ),
        thanks=said.read_later,
    )


def pace(about: str, page: PageContext) -> PlanForm:
    """Return the form that asks how often the reader wants status mails. Raises NothingToAnswer."""
    options, said = paces(page), page.answers
    if not options:
        raise NothingToAnswer(said.pace_nothing)
    chosen = mail_pace(page.case.facts, page.reader.id, page.now)
    return PlanForm(
        kind=AnswerKind.PACE,
        title=said.pace_title,
        submit=said.pace_submit,
        intro=(said.pace_intro,),
        fields=(
            FormField(
                name="days",
                label=said.pace_label,
                kind=FieldKind.CHOICE,
                initial=str(chosen or options[0].value),
                options=options,
            ),
        ),
        thanks=said.pace_thanks,
    )


def colleague(about: str, page: PageContext) -> PlanForm:
    """Return the form that adds a colleague to the people who take part."""
    said = page.answers
    return PlanForm(
        kind=AnswerKind.COLLEAGUE,
        title=said.colleague_title,
        submit=said.person_submit,
        intro=(said.we_confirm,),
        fields=(*person_fields(page.language, role=CustomerRole.END_USER), line_field(said.anything)),
        thanks=said.confirmed_later,
    )


def who(about: str, page: PageContext) -> PlanForm:
    """Return the form for whoever is not the reader of this page."""
    said = page.answers
    return PlanForm(
        kind=AnswerKind.WHO,
        title=said.who_title.format(reader=page.reader.name),
        submit=said.who_submit,
        intro=(said.who_intro,),
        fields=(*person_fields(page.language, own=True), line_field(said.anything)),
        thanks=said.who_thanks,
    )
