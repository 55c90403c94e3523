"""Forms about goals, the reader and their colleagues."""

from onboarding.forms.form import FieldKind, FormField, Option
from onboarding.model.state import Goal
from onboarding.model.vocabulary import CustomerRole
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.form import AnswerKind, NothingToAnswer, PlanForm, line_field, person_fields
from onboarding.plan_page.policy import Section, may_see
from onboarding.plan_page.status_mails import paces
from onboarding.shared_plan.said import mail_pace

FACES = (Option("3", "Well"), Option("2", "So-so"), Option("1", "Not well"))


def goal_of(about: str, page: PageContext) -> Goal:
    """Return the goal with this number. Raises NothingToAnswer where the reader may not see it."""
    goals = page.state.goals
    if not may_see(page.roles, Section.GOALS) or not about.isdecimal() or len(about) > 4 or int(about) >= len(goals):
        raise NothingToAnswer("There is no such goal in this plan.")
    return goals[int(about)]


def confirm(about: str, page: PageContext) -> PlanForm:
    """Return the form that confirms the figures of a goal. Raises NothingToAnswer."""
    goal = goal_of(about, page)
    if goal.confirmed:
        raise NothingToAnswer("Your side confirmed these figures already. They can still be corrected.")
    return PlanForm(
        kind=AnswerKind.GOAL,
        about=about,
        title="Are these figures right?",
        submit="Yes, this is what we want to reach",
        intro=(str(goal),),
        known=_known(goal),
        others=(AnswerKind.CORRECT,),
    )


def correct(about: str, page: PageContext) -> PlanForm:
    """Return the form that corrects the figures of a goal. Raises NothingToAnswer."""
    goal = goal_of(about, page)
    return PlanForm(
        kind=AnswerKind.CORRECT,
        about=about,
        title=f"Correct the goal “{goal.metric}”",
        submit="These are the right figures",
        intro=(str(goal),),
        fields=(
            FormField(name="baseline", label="Today (a number)", kind=FieldKind.NUMBER, initial=f"{goal.baseline:g}"),
            FormField(name="target", label="To reach (a number)", kind=FieldKind.NUMBER, initial=f"{goal.target:g}"),
            FormField(name="unit", label="Unit", kind=FieldKind.LINE, initial=goal.unit),
            FormField(name="due", label="By", kind=FieldKind.DAY, initial=goal.due.isoformat()),
        ),
        known=_known(goal),
        others=() if goal.confirmed else (AnswerKind.GOAL,),
    )


def mood(about: str, page: PageContext) -> PlanForm:
    """Return the form that asks how it goes; ``about`` is the face that is chosen already."""
    chosen = about if about in {face.value for face in FACES} else ""
    return PlanForm(
        kind=AnswerKind.MOOD,
        about=chosen,
        title="How is it going?",
        submit="Send",
        fields=(
            FormField(name="score", label="So far, this goes", kind=FieldKind.CHOICE, initial=chosen, options=FACES),
            FormField(name="comment", label="A line about it (optional)", kind=FieldKind.LINES, required=False),
        ),
        thanks="Thank you. A person reads it.",
    )


def pace(about: str, page: PageContext) -> PlanForm:
    """Return the form that asks how often the reader wants status mails. Raises NothingToAnswer."""
    options = paces(page.playbook, page.roles)
    if not options:
        raise NothingToAnswer("You get no regular status mails, so there is nothing to choose.")
    chosen = mail_pace(page.case.facts, page.reader.id, page.now)
    return PlanForm(
        kind=AnswerKind.PACE,
        title="How often do you want to hear where things stand?",
        submit="Save",
        intro=("Mails that need an answer from you, invitations and training still come.",),
        fields=(
            FormField(
                name="days",
                label="Status mails",
                kind=FieldKind.CHOICE,
                initial=str(chosen or options[0].value),
                options=options,
            ),
        ),
        thanks="It is kept, and counts from the next status mail on.",
    )


def colleague(about: str, page: PageContext) -> PlanForm:
    """Return the form that adds a colleague to the people who take part."""
    return PlanForm(
        kind=AnswerKind.COLLEAGUE,
        title="Who else takes part?",
        submit="Name this person",
        intro=("One of us confirms it before we write to them.",),
        fields=(*person_fields(role=CustomerRole.END_USER), line_field("Anything we should know? (optional)")),
        thanks="Thank you. One of us confirms it before we write to them.",
    )


def who(about: str, page: PageContext) -> PlanForm:
    """Return the form for whoever is not the reader of this page."""
    return PlanForm(
        kind=AnswerKind.WHO,
        title=f"You are not {page.reader.name}?",
        submit="Send to us",
        intro=(
            "This page was made for one person. Tell us who you are; one of us confirms it, and you get a link of your "
            "own. Until then nothing changes.",
        ),
        fields=(*person_fields(own=True), line_field("Anything we should know? (optional)")),
        thanks="Thank you. One of us confirms it, and then you get a link of your own.",
    )


def _known(goal: Goal) -> str:
    return repr((goal.metric, goal.baseline, goal.target, goal.unit, goal.due, goal.confirmed))
