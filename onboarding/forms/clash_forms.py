"""The forms about conflicts of priorities: to raise one, and to record what was decided."""

from onboarding.clashes.asking import asks_by_mail
from onboarding.clashes.clash import open_clashes
from onboarding.clashes.request import LONGEST_SIDE
from onboarding.clashes.words import choice_words, sides_words
from onboarding.forms.asked import Asked
from onboarding.forms.form import FieldKind, Form, FormField, FormKind, Option

_LONGEST = f"at most {LONGEST_SIDE} characters."


def conflict(asked: Asked) -> Form:
    """Return the form for two priorities that clash. It says who asks: a mail, or one of the vendor's people."""
    by_mail, whose = asks_by_mail(asked.playbook, asked.case, asked.state), asked.case.account.name
    intro = (
        f"{whose}: their executive sponsor gets one mail that asks which goes first."
        if by_mail
        else f"{whose}: no mail asks which goes first; it becomes a task of the owner to put it to them."
    )
    reader = "The customer's executive sponsor reads it" if by_mail else "The customer's people read it on their plan"
    hint = f"{reader}; {_LONGEST}"
    return Form(
        kind=FormKind.CONFLICT,
        title="Conflict of priorities",
        submit="Ask for a decision",
        intro=(intro,),
        fields=(
            FormField(name="this", label="This", kind=FieldKind.LINE, hint=hint),
            FormField(name="with", label="clashes with", kind=FieldKind.LINE, hint=hint),
        ),
    )


def decision(asked: Asked) -> Form | None:
    """Return the form for a decision; None while no conflict is open."""
    waiting = open_clashes(asked.case.facts, asked.now)
    options = tuple(Option(one.id, choice_words(one)) for one in waiting)
    if not options:
        return None
    return Form(
        kind=FormKind.DECISION,
        title="Record a decision",
        submit="Record it",
        intro=(asked.case.account.name, *(f"{one.id}: {sides_words(one)}" for one in waiting)),
        fields=(
            FormField(
                name="conflict", label="Conflict", kind=FieldKind.CHOICE, initial=options[0].value, options=options
            ),
            FormField(name="decision", label="What goes first, and who said so", kind=FieldKind.LINES),
        ),
    )
