"""What each button, form and command in Slack needs; ``known_member`` asks for it."""

from collections.abc import Mapping

from integrations.slack.buttons import ACK, APPROVE, CONFIRM, DISCARD, DONE, REASSIGN, REFUSE, SNOOZE, WHY
from integrations.slack.interactions import Press
from onboarding.forms.form import FormKind
from onboarding.permissions.table import Permission

BUTTONS: Mapping[str, Permission] = {
    WHY: Permission.LOOK,
    ACK: Permission.STEER,
    SNOOZE: Permission.STEER,
    REASSIGN: Permission.STEER,
    DONE: Permission.RECORD,
    APPROVE: Permission.RECORD,
    DISCARD: Permission.RECORD,
    # What a request is about is asked for when it is decided.
    CONFIRM: Permission.LOOK,
    REFUSE: Permission.LOOK,
}
FORMS: Mapping[FormKind, Permission] = {
    FormKind.SNOOZE: Permission.STEER,
    FormKind.HAND_OVER: Permission.STEER,
    FormKind.RESOLVE: Permission.STEER,
    FormKind.HOLD: Permission.STEER,
    FormKind.RESUME: Permission.STEER,
    FormKind.CALL: Permission.RECORD,
    FormKind.HANDOFF: Permission.RECORD,
    FormKind.TASK: Permission.RECORD,
    FormKind.CONFLICT: Permission.RECORD,
    FormKind.DECISION: Permission.RECORD,
    FormKind.PROFILE: Permission.RECORD,
    FormKind.BUY_IN: Permission.RECORD,
    FormKind.GOAL: Permission.RECORD,
    FormKind.GOAL_VALUE: Permission.RECORD,
    FormKind.RENEWAL: Permission.RECORD,
    FormKind.DRAFT: Permission.RECORD,
}
COMMANDS: Mapping[str, Permission] = {"away": Permission.STEER, "back": Permission.STEER}
"""The words of ``/first90`` that change something; all others only look."""


def of_press(press: Press) -> Permission:
    """Return what a button needs; one of another version needs the most, and is refused when it is carried out."""
    if press.form is not None:
        return of_form(press.form)
    return BUTTONS.get(press.action, Permission.OPERATE)


def of_form(kind: FormKind) -> Permission:
    """Return what a form needs; one without an entry needs the most."""
    return FORMS.get(kind, Permission.OPERATE)


def of_words(text: str) -> Permission:
    """Return what the words after ``/first90`` need."""
    return COMMANDS.get(" ".join(text.split()).partition(" ")[0].lower(), Permission.LOOK)
