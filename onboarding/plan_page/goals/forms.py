"""Forms about goals: their figures are right, or corrected; a goal is stated; where one stands (GO-1, GO-6)."""

from onboarding.forms.form import FieldKind, FormField
from onboarding.messages.letter_goals import goal_part
from onboarding.model.state import Goal
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.form import AnswerKind, NothingToAnswer, PlanForm
from onboarding.plan_page.policy import Section, may_see

MOST_GOALS = 12
"""How many goals an onboarding may have for a reader to state another. This project's choice."""


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


def value(about: str, page: PageContext) -> PlanForm:
    """Return the form that says where a goal stands now. Raises NothingToAnswer."""
    goal, said = goal_of(about, page), page.answers
    return PlanForm(
        kind=AnswerKind.VALUE,
        about=about,
        title=said.value_title.format(title=page.language.quoted(goal.metric)),
        submit=said.value_submit,
        intro=(goal_part(goal, page.days).text,),
        fields=(FormField(name="value", label=said.value.format(unit=goal.unit), kind=FieldKind.NUMBER),),
        known=repr((goal.metric, goal.unit, goal.value)),
        thanks=said.kept,
        others=(AnswerKind.CORRECT,),
    )


def new_goal(about: str, page: PageContext) -> PlanForm:
    """Return the form that states a goal. Raises NothingToAnswer where the reader may not see the goals."""
    said = page.answers
    if not may_state(page):
        raise NothingToAnswer(said.no_goal)
    return PlanForm(
        kind=AnswerKind.NEW_GOAL,
        title=said.new_goal_title,
        submit=said.new_goal_submit,
        intro=(said.new_goal_intro,),
        fields=(
            FormField(name="metric", label=said.new_goal_metric, kind=FieldKind.LINE),
            FormField(name="baseline", label=said.baseline, kind=FieldKind.NUMBER),
            FormField(name="target", label=said.target, kind=FieldKind.NUMBER),
            FormField(name="unit", label=said.unit, kind=FieldKind.LINE),
            FormField(name="due", label=said.due, kind=FieldKind.DAY),
        ),
        known=str(len(page.state.goals)),
        thanks=said.kept,
    )


def may_state(page: PageContext) -> bool:
    """Return whether the reader may state a goal: they see the goals, and there are not too many."""
    return may_see(page.roles, Section.GOALS) and len(page.state.goals) < MOST_GOALS


def _known(goal: Goal) -> str:
    return repr((goal.metric, goal.baseline, goal.target, goal.unit, goal.due, goal.confirmed))
