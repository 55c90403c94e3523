"""A form as a neutral value: its fields, the choices, and what is known already. The Slack integration draws it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from onboarding.model.vocabulary import LIVE, Status


class FormKind(StrEnum):
    """What a form asks for."""

    SNOOZE = "snooze"
    HAND_OVER = "hand_over"
    RESOLVE = "resolve"
    HOLD = "hold"
    RESUME = "resume"
    CALL = "call"
    HANDOFF = "handoff"
    TASK = "task"
    CONFLICT = "conflict"
    DECISION = "decision"
    PROFILE = "profile"
    BUY_IN = "buy_in"
    GOAL = "goal"
    GOAL_VALUE = "goal_value"
    RENEWAL = "renewal"
    DRAFT = "draft"


OF_A_STALL = frozenset({FormKind.SNOOZE, FormKind.RESOLVE})
"""Forms about the stall itself: pointless once it is over."""


def statuses_for(kind: FormKind) -> frozenset[Status]:
    """Return the statuses of an onboarding in which a form makes sense; tracks go on after completion, and a renewal
    is asked then."""
    return _STATUSES.get(kind, LIVE)


_STATUSES: Mapping[FormKind, frozenset[Status]] = {
    FormKind.HOLD: frozenset({Status.ACTIVE, Status.COMPLETED}),
    FormKind.RESUME: frozenset({Status.ON_HOLD, Status.COMPLETED}),
    FormKind.HAND_OVER: frozenset({*LIVE, Status.COMPLETED}),
    FormKind.RENEWAL: frozenset({*LIVE, Status.COMPLETED}),
    FormKind.DRAFT: frozenset({*LIVE, Status.COMPLETED}),
}


class FieldKind(StrEnum):
    """How a field is filled in."""

    LINE = "line"
    LINES = "lines"
    NUMBER = "number"
    DAY = "day"
    TIME = "time"
    CHOICE = "choice"
    PERSON = "person"
    """A user of the workspace; the answer is the user's id."""


class Option(NamedTuple):
    """One choice: the value that is answered, its words, and the heading that it stands under."""

    value: str
    words: str
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One question of a form."""

    name: str
    label: str
    kind: FieldKind
    initial: str = ""
    """The answer that is filled in; a day is ISO 8601, a time ``09:30``, a choice an option's value."""
    hint: str = ""
    required: bool = True
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form of at least one field. Texts are plain; cutting them to Slack's limits is up to the integration."""

    kind: FormKind
    title: str
    """At most 24 characters."""
    submit: str
    fields: tuple[FormField, ...]
    intro: tuple[str, ...] = ()
    """What is known, in lines above the fields."""


Answers = Mapping[str, str]
"""The answers by field name; a field that was left empty is missing."""
