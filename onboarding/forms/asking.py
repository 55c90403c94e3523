"""The forms for one onboarding as it stands: which fields, which choices, and what is filled in already."""

from collections.abc import Callable, Mapping

from onboarding.forms import clash_forms, fact_forms, order_forms, profile_forms, task_form
from onboarding.forms.asked import Asked
from onboarding.forms.form import Form, FormKind
from onboarding.sentences.sentence import sentence


def form_for(kind: FormKind, asked: Asked) -> Form | None:
    """Return the form; None where there is nothing to ask (``nothing_to_ask`` says why)."""
    return _FORMS[kind](asked)


def nothing_to_ask(kind: FormKind) -> str:
    """Return why a form has nothing to ask."""
    if kind is FormKind.GOAL_VALUE:
        return sentence("forms.nothing_goal_value")
    if kind is FormKind.TASK:
        return sentence("forms.nothing_task")
    if kind is FormKind.DECISION:
        return sentence("forms.nothing_decision")
    if kind in (FormKind.PROFILE, FormKind.BUY_IN):
        return sentence("forms.nothing_people")
    if kind is FormKind.DRAFT:
        return sentence("forms.nothing_draft")
    return sentence("forms.nothing_call")


_FORMS: Mapping[FormKind, Callable[[Asked], Form | None]] = {
    FormKind.SNOOZE: order_forms.snooze,
    FormKind.HAND_OVER: order_forms.hand_over,
    FormKind.RESOLVE: order_forms.resolve,
    FormKind.HOLD: order_forms.hold,
    FormKind.RESUME: order_forms.resume,
    FormKind.CALL: fact_forms.call,
    FormKind.HANDOFF: fact_forms.handoff,
    FormKind.TASK: task_form.task,
    FormKind.CONFLICT: clash_forms.conflict,
    FormKind.DECISION: clash_forms.decision,
    FormKind.PROFILE: profile_forms.profile,
    FormKind.BUY_IN: profile_forms.buy_in,
    FormKind.GOAL: fact_forms.goal,
    FormKind.GOAL_VALUE: fact_forms.goal_value,
    FormKind.RENEWAL: fact_forms.renewal,
    FormKind.DRAFT: fact_forms.draft,
}
