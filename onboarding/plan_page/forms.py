"""Every form that a reader of the plan page may fill in."""

from collections.abc import Callable, Mapping

from onboarding.model.vocabulary import LIVE
from onboarding.plan_page import reader_forms, work_forms
from onboarding.plan_page.calls import forms as call_forms
from onboarding.plan_page.clashes import forms as clash_forms
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.form import AnswerKind, NothingToAnswer, PlanForm
from onboarding.plan_page.goals import forms as goal_forms
from onboarding.plan_page.profiles import forms as profile_forms
from onboarding.plan_page.tasks import forms as task_forms


def form_for(kind: AnswerKind, about: str, page: PageContext) -> PlanForm:
    """Return the form as it stands for this reader. Raises NothingToAnswer."""
    if page.review.progress.status not in LIVE:
        raise NothingToAnswer(page.answers.over)
    return FORMS[kind](about, page)


FORMS: Mapping[AnswerKind, Callable[[str, PageContext], PlanForm]] = {
    AnswerKind.DONE: work_forms.done,
    AnswerKind.DATE: work_forms.date,
    AnswerKind.BLOCKED: work_forms.blocked,
    AnswerKind.PERSON: work_forms.person,
    AnswerKind.GOAL: goal_forms.confirm,
    AnswerKind.CORRECT: goal_forms.correct,
    AnswerKind.NEW_GOAL: goal_forms.new_goal,
    AnswerKind.VALUE: goal_forms.value,
    AnswerKind.MOOD: reader_forms.mood,
    AnswerKind.PACE: reader_forms.pace,
    AnswerKind.COLLEAGUE: reader_forms.colleague,
    AnswerKind.WHO: reader_forms.who,
    AnswerKind.CLASH: clash_forms.raise_clash,
    AnswerKind.DECIDE: clash_forms.decide,
    AnswerKind.PROFILE: profile_forms.profile,
    AnswerKind.TASK: task_forms.task,
    AnswerKind.CALL: call_forms.book,
    AnswerKind.OFF: call_forms.cancel,
    AnswerKind.TIME: call_forms.propose,
    AnswerKind.HELD: call_forms.held,
}
