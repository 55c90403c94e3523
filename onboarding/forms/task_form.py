"""The form that adds a task to one account."""

from onboarding.forms.asked import Asked
from onboarding.forms.form import Answers, FieldKind, Form, FormField, FormKind, Option
from onboarding.model.vocabulary import STAGES, CustomerRole, Side, VendorRole
from onboarding.own_tasks.request import LONGEST_TITLE, TaskRequest
from onboarding.sentences.sentence import begun, pattern, sentence

NEEDED = "needed"
_FOLLOWS_UP = (VendorRole.CSM, VendorRole.ONBOARDING_SPECIALIST, VendorRole.IMPLEMENTATION_ENGINEER)


def task(asked: Asked) -> Form | None:
    """Return the form for a task of this account; None once all stages are done."""
    here = asked.case.progress.stage
    if here not in STAGES:
        return None
    return Form(
        kind=FormKind.TASK,
        title=sentence("forms.task"),
        submit=sentence("forms.task_submit"),
        intro=(sentence("forms.task_intro", account=asked.case.account.name),),
        fields=(
            FormField(
                name="title",
                label=sentence("forms.task_what"),
                kind=FieldKind.LINE,
                hint=sentence("forms.task_hint", most=LONGEST_TITLE),
            ),
            FormField(
                name="owner", label=sentence("forms.task_owner"), kind=FieldKind.CHOICE, options=tuple(_owners())
            ),
            FormField(name="due", label=sentence("forms.by"), kind=FieldKind.DAY, initial=asked.day_in(7)),
            FormField(
                name="stage",
                label=sentence("forms.task_stage"),
                kind=FieldKind.CHOICE,
                initial=here.value,
                options=tuple(Option(one.value, pattern("{stage}", stage=one)) for one in STAGES[STAGES.index(here) :]),
            ),
            FormField(
                name="needed",
                label=sentence("forms.task_needed"),
                kind=FieldKind.CHOICE,
                initial="no",
                options=(
                    Option("no", sentence("forms.task_needed_no")),
                    Option(NEEDED, sentence("forms.task_needed_yes")),
                ),
            ),
        ),
    )


def asked_in(answers: Answers) -> TaskRequest:
    """Return the task that a filled-in form asks for. The choice of its owner names the side too."""
    side, _, owner = answers.get("owner", "").partition(":")
    return TaskRequest(
        title=answers.get("title", ""),
        side=side,
        owner=owner,
        due_on=answers.get("due", ""),
        needed=answers.get("needed") == NEEDED,
        stage=answers.get("stage", ""),
    )


def _owners() -> list[Option]:
    roles = {Side.CUSTOMER: CustomerRole, Side.VENDOR: VendorRole, Side.THIRD_PARTY: _FOLLOWS_UP}
    return [
        Option(f"{side}:{role}", begun(sentence(f"terms.role_{role}")), sentence(f"forms.group_{side}"))
        for side, some in roles.items()
        for role in some
    ]
