"""What a reader of the plan page may answer, each as a form of its own: which fields, and what is known already."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from onboarding.forms.form import FieldKind, FormField, Option
from onboarding.messages.letters import PARTS
from onboarding.model.vocabulary import LIVE, CustomerRole
from onboarding.plan_page.context import PageContext

LONGEST_NAME, LONGEST_ADDRESS, LONGEST_LINE = 80, 254, 500
"""Characters that an answer may have."""


class AnswerKind(StrEnum):
    """What is answered."""

    WHO = "who"
    """The reader is another person."""


class NothingToAnswer(Exception):
    """There is no such form for this reader now; the message says why, to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanForm:
    """One form, which is also the confirmation of what it does. Texts are plain."""

    kind: AnswerKind
    title: str
    submit: str
    about: str = ""
    """The milestone or goal that it is about."""
    intro: tuple[str, ...] = ()
    fields: tuple[FormField, ...] = ()
    known: str = ""
    """What it takes for granted: another text means that it was changed since."""
    thanks: str = "It is kept, and your contact on our side is told."

    @property
    def mark(self) -> str:
        """Return a short mark of what it takes for granted."""
        return sha256(self.known.encode()).hexdigest()[:12]


def form_for(kind: AnswerKind, about: str, page: PageContext) -> PlanForm:
    """Return the form as it stands for this reader. Raises NothingToAnswer."""
    if page.review.progress.status not in LIVE:
        raise NothingToAnswer("The onboarding is completed, so nothing is to be answered any more.")
    return FORMS[kind](about, page)


def person_fields(*, own: bool = False, role: CustomerRole = CustomerRole.END_USER) -> tuple[FormField, ...]:
    """Return the fields that ask for a person: for another one, or for the reader themselves (``own``)."""
    whose = "Your" if own else "Their"
    return (
        FormField(name="name", label=f"{whose} name", kind=FieldKind.LINE),
        FormField(name="email", label=f"{whose} work mail address", kind=FieldKind.LINE),
        FormField(
            name="role",
            label=f"{whose} part in this",
            kind=FieldKind.CHOICE,
            initial=role.value,
            options=tuple(Option(one.value, words[:1].upper() + words[1:]) for one, words in PARTS.items()),
        ),
    )


def line_field(label: str, *, required: bool = False) -> FormField:
    """Return the field for a line in the reader's own words."""
    return FormField(name="comment", label=label, kind=FieldKind.LINES, required=required)


def _who(about: str, page: PageContext) -> PlanForm:
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


FORMS: Mapping[AnswerKind, Callable[[str, PageContext], PlanForm]] = {AnswerKind.WHO: _who}
