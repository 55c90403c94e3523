"""Forms about goals, the reader and their colleagues."""

from onboarding.forms.form import FieldKind, FormField, Option
from onboarding.messages.letter_goals import goal_part
from onboarding.model.state import Goal
from onboarding.model.vocabulary import CustomerRole
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.form import AnswerKind, NothingToAnswer, PlanForm, line_field, person_fields
from onboarding.plan_page.policy import Section, may_see
from onboarding.plan_page.status_mails import paces
from onboarding.shared_plan.said import mail_pace


def faces(page: PageContext) -> tuple[Option, ...]:
    """Return the three answers to how it goes."""
    said = page.answers
    return (Option("3", said.mood_well), Option("2", said.mood_so_so), Option("1", said.mood_not_well))


def goal_of(about: str, page: PageContext) -> Goal:
    """Return the goal with this number. Raises NothingToAnswer where the reader may not see it."""
    goals = page.state.goals
    if not may_see(page.roles, Section.GOALS) or not about.isdecimal() or len(about) > 4 or int(about) >= len(goals):
        raise NothingToAnswer(page.answers.no_goal)
    return goals[int(about)]


def confirm(about: str, page: PageContext) -> PlanForm:
    """Return the form that confirms the figures of a goal. Raises NothingToAnswer."""
    goal = goal_of(about, page)
    if goal.confirmed:
        raise NothingToAnswer(page.answers.confirmed_already)
    return PlanForm(
        kind=AnswerKind.GOAL,
        about=about,
        title=page.answers.goal_title,
        submit=page.answers.goal_submit,
        intro=(goal_part(goal, page.days).text,),
        known=_known(goal),
        thanks=page.answers.kept,
        others=(AnswerKind.CORRECT,),
    )


def correct(about: str, page: PageContext) -> PlanForm:
    """Return the form that corrects the figures of a goal. Raises NothingToAnswer."""
    goal, said, number = goal_of(about, page), page.answers, page.language.formats.number
    return PlanForm(
        kind=AnswerKind.CORRECT,
        about=about,
        title=said.correct_title.format(title=page.language.quoted(goal.metric)),
        submit=said.correct_submit,
        intro=(goal_part(goal, page.days).text,),
        fields=(
            FormField(name="baseline", label=said.baseline, kind=FieldKind.NUMBER, initial=number(goal.baseline)),
            FormField(name="target", label=said.target, kind=FieldKind.NUMBER, initial=number(goal.target)),
            FormField(name="unit", label=said.unit, kind=FieldKind.LINE, initial=goal.unit),
            FormField(name="due", label=said.due, kind=FieldKind.DAY, initial=goal.due.isoformat()),
        ),
        known=_known(goal),
        thanks=said.kept,
        others=() if goal.confirmed else (AnswerKind.GOAL,),
    )


def figure_in(text: str, page: PageContext) -> float | None:
    """Return the number that a reader wrote in the form of their language; None if it is none."""
    return page.language.formats.read(text)


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


def _known(goal: Goal) -> str:
    return repr((goal.metric, goal.baseline, goal.target, goal.unit, goal.due, goal.confirmed))
