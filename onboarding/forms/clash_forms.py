"""The forms about conflicts of priorities: to raise one, and to record what was decided."""

from onboarding.clashes.clash import open_clashes
from onboarding.clashes.request import LONGEST_SIDE
from onboarding.clashes.words import sides_words
from onboarding.forms.asked import Asked
from onboarding.forms.form import FieldKind, Form, FormField, FormKind, Option

_HINT = f"The customer's executive sponsor reads it; at most {LONGEST_SIDE} characters."


def conflict(asked: Asked) -> Form:
    """Return the form for two priorities that clash."""
    return Form(
        kind=FormKind.CONFLICT,
        title="Conflict of priorities",
        submit="Ask for a decision",
        intro=(f"{asked.case.account.name}: their executive sponsor gets one mail that asks which goes first.",),
        fields=(
            FormField(name="this", label="This", kind=FieldKind.LINE, hint=_HINT),
            FormField(name="with", label="clashes with", kind=FieldKind.LINE, hint=_HINT),
        ),
    )


def decision(asked: Asked) -> Form | None:
    """Return the form for a decision; None while no conflict is open."""
    options = tuple(Option(one.id, sides_words(one)) for one in open_clashes(asked.case.facts, asked.now))
    if not options:
        return None
    return Form(
        kind=FormKind.DECISION,
        title="Record a decision",
        submit="Record it",
        intro=(asked.case.account.name,),
        fields=(
            FormField(
                name="conflict", label="Conflict", kind=FieldKind.CHOICE, initial=options[0].value, options=options
            ),
            FormField(name="decision", label="What goes first, and who said so", kind=FieldKind.LINES),
        ),
    )
