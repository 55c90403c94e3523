"""The form that adds work of the customer's side to the plan: a task of this account (TI-3). Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from onboarding.forms.form import Answers, FieldKind, FormField
from onboarding.model.vocabulary import LIVE, STAGES, CustomerRole, Side
from onboarding.own_tasks.plan import own_tasks, task_name, task_of
from onboarding.own_tasks.request import TaskRefused, TaskRequest, task_value
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.form import AnswerKind, NothingToAnswer, PlanForm
from onboarding.plan_page.work import leads

MOST_TASKS = 20
"""How many tasks of its own an account may have for a reader to add another. This project's choice."""


def may_add(page: PageContext) -> bool:
    """Return whether the reader may add work: they answer for the work of their side, and there is a stage for it."""
    progress = page.review.progress
    stands = progress.status in LIVE and progress.stage in STAGES
    return stands and leads(page) and len(own_tasks(page.playbook)) < MOST_TASKS


def task(about: str, page: PageContext) -> PlanForm:
    """Return the form that adds work of the reader's side. Raises NothingToAnswer."""
    said = page.answers
    if not may_add(page):
        raise NothingToAnswer(said.no_task)
    return PlanForm(
        kind=AnswerKind.TASK,
        title=said.task_title,
        submit=said.task_submit,
        intro=(said.task_intro,),
        fields=(
            FormField(name="title", label=said.task_what, kind=FieldKind.LINE),
            FormField(name="day", label=said.date_when, kind=FieldKind.DAY),
        ),
        known=str(len(own_tasks(page.playbook))),
        thanks=said.kept,
    )


def task_problems(answers: Answers, page: PageContext) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the title, and a day that has passed where the account is."""
    said, asked = page.answers, _asked(answers, page)
    titles = {page.language.text(plan.title).casefold() for _, plan, _ in page.visible_work()}
    if task_of(own_tasks(page.playbook), asked.title) is not None or asked.title.casefold() in titles:
        yield "title", said.task_there
        return
    try:
        task_value(asked, page.case, page.state, page.now)
    except TaskRefused as refused:
        yield ("day", said.day_passed) if refused.field == "due" else ("title", said.task_unclear)


def added(answers: Answers, page: PageContext) -> tuple[str, Mapping[str, Any]]:
    """Return the name and the value of the task; it falls to the reader, and no stage waits for it."""
    asked = _asked(answers, page)
    return task_name(asked.title), task_value(asked, page.case, page.state, page.now)


def _asked(answers: Answers, page: PageContext) -> TaskRequest:
    role = next((role for role in CustomerRole if role in page.roles), CustomerRole.CHAMPION)
    return TaskRequest(
        title=answers["title"],
        side=Side.CUSTOMER.value,
        owner=role.value,
        due_on=answers["day"],
        stage=page.review.progress.stage.value,
    )
