"""The form that adds a task to one account."""

from onboarding.forms.asked import Asked
from onboarding.forms.form import Answers, FieldKind, Form, FormField, FormKind, Option
from onboarding.model.phrases import role_words, stage_words
from onboarding.model.vocabulary import STAGES, CustomerRole, Side, VendorRole
from onboarding.own_tasks.request import LONGEST_TITLE, TaskRequest

NEEDED = "needed"
_GROUPS = {Side.CUSTOMER: "The customer", Side.VENDOR: "Us", Side.THIRD_PARTY: "A third party, followed up by"}
_FOLLOWS_UP = (VendorRole.CSM, VendorRole.ONBOARDING_SPECIALIST, VendorRole.IMPLEMENTATION_ENGINEER)


def task(asked: Asked) -> Form | None:
    """Return the form for a task of this account; None once all stages are done."""
    here = asked.case.progress.stage
    if here not in STAGES:
        return None
    return Form(
        kind=FormKind.TASK,
        title="Add a task",
        submit="Add the task",
        intro=(f"{asked.case.account.name}: work that this account needs besides its playbook.",),
        fields=(
            FormField(
                name="title",
                label="What has to be done",
                kind=FieldKind.LINE,
                hint=f"The customer reads it too; at most {LONGEST_TITLE} characters.",
            ),
            FormField(name="owner", label="Who does it", kind=FieldKind.CHOICE, options=tuple(_owners())),
            FormField(name="due", label="By", kind=FieldKind.DAY, initial=asked.day_in(7)),
            FormField(
                name="stage",
                label="In the stage",
                kind=FieldKind.CHOICE,
                initial=here.value,
                options=tuple(Option(one.value, stage_words(one)) for one in STAGES[STAGES.index(here) :]),
            ),
            FormField(
                name="needed",
                label="Does the stage wait for it?",
                kind=FieldKind.CHOICE,
                initial="no",
                options=(Option("no", "No, it goes on without it"), Option(NEEDED, "Yes, it is not left without it")),
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
        Option(f"{side}:{role}", role_words(role)[:1].upper() + role_words(role)[1:], _GROUPS[side])
        for side, some in roles.items()
        for role in some
    ]
