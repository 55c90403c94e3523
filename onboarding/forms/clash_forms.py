"""The forms about conflicts of priorities: to raise one, and to record what was decided."""

from onboarding.clashes.asking import asks_by_mail
from onboarding.clashes.clash import open_clashes
from onboarding.clashes.request import LONGEST_SIDE
from onboarding.clashes.words import choice_words, sides_words
from onboarding.forms.asked import Asked
from onboarding.forms.form import FieldKind, Form, FormField, FormKind, Option
from onboarding.sentences.sentence import pattern, sentence


def conflict(asked: Asked) -> Form:
    """Return the form for two priorities that clash. It says who asks: a mail, or one of the vendor's people."""
    by_mail, whose = asks_by_mail(asked.playbook, asked.case, asked.state), asked.case.account.name
    intro = sentence("forms.conflict_by_mail" if by_mail else "forms.conflict_by_us", account=whose)
    hint = sentence("forms.conflict_hint_mail" if by_mail else "forms.conflict_hint_plan", most=LONGEST_SIDE)
    return Form(
        kind=FormKind.CONFLICT,
        title=sentence("forms.conflict"),
        submit=sentence("forms.conflict_submit"),
        intro=(intro,),
        fields=(
            FormField(name="this", label=sentence("forms.conflict_this"), kind=FieldKind.LINE, hint=hint),
            FormField(name="with", label=sentence("forms.conflict_with"), kind=FieldKind.LINE, hint=hint),
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
        title=sentence("forms.decision"),
        submit=sentence("forms.decision_submit"),
        intro=(
            asked.case.account.name,
            *(pattern("{id}: {clash}", id=one.id, clash=sides_words(one)) for one in waiting),
        ),
        fields=(
            FormField(
                name="conflict",
                label=sentence("forms.decision_conflict"),
                kind=FieldKind.CHOICE,
                initial=options[0].value,
                options=options,
            ),
            FormField(name="decision", label=sentence("forms.decision_what"), kind=FieldKind.LINES),
        ),
    )
