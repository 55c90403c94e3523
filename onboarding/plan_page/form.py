"""A form of the plan page as a neutral value: what is asked, and what is known already."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from onboarding.forms.form import FieldKind, FormField, Option
from onboarding.languages.language import Language
from onboarding.model.vocabulary import CustomerRole

LONGEST_NAME, LONGEST_ADDRESS, LONGEST_LINE = 80, 254, 500
"""Characters that an answer may have."""


class AnswerKind(StrEnum):
    """What is answered."""

    DONE = "done"
    DATE = "date"
    BLOCKED = "blocked"
    PERSON = "person"
    """Somebody else does this piece of work."""
    GOAL = "goal"
    """The figures of a goal are right."""
    CORRECT = "correct"
    NEW_GOAL = "new_goal"
    """A goal is stated."""
    VALUE = "value"
    """Where a goal stands."""
    MOOD = "mood"
    PACE = "pace"
    COLLEAGUE = "colleague"
    WHO = "who"
    """The reader is another person."""
    CLASH = "clash"
    """Two priorities clash."""
    DECIDE = "decide"
    """What goes first of two that clash."""
    PROFILE = "profile"
    """What matters to the reader."""
    CALL = "call"
    """The time of a call: to book it, or to move it."""
    TASK = "task"
    """Work of their side that the plan does not have."""
    OFF = "off"
    """A call is cancelled."""
    TIME = "time"
    """Another time for a call is proposed."""
    HELD = "held"
    """A call whose time is over took place."""


CHANGES_A_CALL = frozenset({AnswerKind.CALL, AnswerKind.OFF})
ABOUT_CALLS = CHANGES_A_CALL | {AnswerKind.TIME, AnswerKind.HELD}
"""What is answered about the time of a call."""


class NothingToAnswer(Exception):
    """There is no such form for this reader now; the message says why, to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanForm:
    """One form, which is also the confirmation of what it does. Texts are plain."""

    kind: AnswerKind
    title: str
    submit: str
    about: str = ""
    """The milestone, or the number of the goal, that it is about."""
    intro: tuple[str, ...] = ()
    fields: tuple[FormField, ...] = ()
    known: str = ""
    """What it takes for granted: another text means that it was changed since."""
    thanks: str
    others: tuple[AnswerKind, ...] = ()
    """What may be answered instead about the same work."""
    evidence: bool = False
    """Whether what it says counts only once there is evidence."""

    @property
    def mark(self) -> str:
        """Return a short mark of what it takes for granted."""
        return sha256(self.known.encode()).hexdigest()[:12]


def person_fields(
    language: Language, *, own: bool = False, role: CustomerRole = CustomerRole.END_USER
) -> tuple[FormField, ...]:
    """Return the fields that ask for a person: for another one, or for the reader themselves (``own``)."""
    said, roles = language.words.answers, language.words.roles
    return (
        FormField(name="name", label=said.own_name if own else said.their_name, kind=FieldKind.LINE),
        FormField(name="email", label=said.own_address if own else said.their_address, kind=FieldKind.LINE),
        FormField(
            name="role",
            label=said.own_part if own else said.their_part,
            kind=FieldKind.CHOICE,
            initial=role.value,
            options=tuple(Option(one.value, language.begun(words)) for one, words in roles.items()),
        ),
    )


def line_field(label: str, *, required: bool = False) -> FormField:
    """Return the field for a line in the reader's own words."""
    return FormField(name="comment", label=label, kind=FieldKind.LINES, required=required)
