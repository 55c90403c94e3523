"""Due dates, hours, limits and the ladder as a playbook writes them; every number with its source."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import time
from typing import Annotated, Any, ClassVar, Literal

from onboarding.model.vocabulary import VendorRole
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """The format of a text field. pydantic calls the two methods when a file is checked; the rules themselves need no
    pydantic, so commands that only read do not import it."""

    pattern: str | None = None
    means: str | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Return the validation schema with the pattern, or a minimum length of 2."""
        return {**handler(source), **({"pattern": self.pattern} if self.pattern else {"min_length": 2})}

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        """Return the JSON schema with the description for editors."""
        return handler(schema) | ({"description": self.means} if self.means else {})


Name = Annotated[str, Text(pattern=r"^[a-z][a-z0-9_]{1,59}$")]

_MOMENTS = "signature|stage|kickoff|go_live|activation|target|check_ins|meeting|conflict|joined|missed_call|track"
ANCHORS = rf"^({_MOMENTS}|milestone:[a-z0-9_]+)$"
Source = Annotated[str, Text(means="An id of docs/requirements.md, or 'ours'.")]


class Written:
    """Base of everything that a person writes into a file: frozen, and an unknown field is an error.

    The limits of a field are in its metadata under pydantic's names; ``config.files.documents`` checks files by them.
    """

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset(Written):
    """A duration: elapsed days and hours, or working days of the country concerned."""

    days: int = field(default=0, metadata={"ge": -365, "le": 730})
    hours: int = field(default=0, metadata={"ge": -8760, "le": 17520})
    working_days: int = field(default=0, metadata={"ge": 0, "le": 365})

    def __post_init__(self) -> None:
        if self.working_days and (self.days or self.hours):
            raise ValueError("give either working_days or days and hours, not both")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due(Offset):
    """A date relative to an anchor: ``signature``, ``stage`` (entry of the milestone's or step's stage), ``kickoff``,
    ``go_live``, ``activation``, ``target``, ``check_ins`` (the playbook's check-in anchor), ``milestone:NAME``; of
    steps also ``meeting`` (a call's time), ``conflict`` (each one of priorities), ``joined`` (each newcomer),
    ``missed_call`` (each call that did not take place).
    """

    anchor: str = field(metadata={"alias": "from", "pattern": ANCHORS})
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration(Written):
    """The working days that a piece of work takes from its start, by the calendar of the account's country."""

    working_days: int = field(metadata={"ge": 0, "le": 365})
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Late(Written):
    """What happens to a message that is late: for how long it is still sent, and what comes after."""

    send_for_hours: int = field(metadata={"ge": 0, "le": 2160})
    then: Literal["skip", "merge", "ask_owner"]
    """``merge`` leaves its content to the next message for the same people, ``ask_owner`` puts it into the digest, and
    ``skip`` drops it."""
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(Written):
    """How long the draft of a mail is useful, and what happens to it if its owner has not decided by then."""

    wait_hours: int | None = field(default=None, metadata={"ge": 1, "le": 2160})
    """Elapsed hours from the moment at which it would have been sent; at most as long as a late mail is still sent
    (``late``), and just as long without it."""
    then: Literal["send", "drop", "task"] = "task"
    """``send`` sends it as it is, ``drop`` gives it up, ``task`` gives it up and tells the owner to write."""
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDrafts(Written):
    """The mails to the first customers of a tier are drafts."""

    customers: int = field(metadata={"ge": 1, "le": 1000})
    steps: tuple[Name, ...] = ()
    """Only the mails of these steps; empty for all."""
    draft: Draft
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence(Written):
    """The interval of a repeated step."""

    days: int = field(metadata={"ge": 1, "le": 365})
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Written):
    """A call whose time is agreed between people and then entered in their calendars."""

    meeting: Name
    """The milestone, or the step, under which its time is recorded (``kickoff_booked``, ``check_in_30``)."""
    title: str
    """The title in calendars; the customer's name is appended."""
    minutes: int = field(metadata={"ge": 5, "le": 480})
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours(Written):
    """A span of the working day in local time."""

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError("start must be before end")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace(Written):
    """The hours in which people may be written to, and how many mails a day they may get."""

    hours: tuple[Hours, ...] = field(metadata={"min_length": 1})
    mails_per_person_and_day: int = field(metadata={"ge": 1, "le": 20})
    """Over all onboardings, counted on the reader's local days; further mails wait for the next working day."""
    mails_per_account_and_day: int = field(default=25, metadata={"ge": 1, "le": 1000})
    """The same for all people of a customer. This project's choice: above any plan's need, it limits the damage of a
    mistake."""
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Written):
    """The time in which onboarding should end, in days from signature."""

    days: int = field(metadata={"ge": 1, "le": 400})
    source: Source


SPONSOR_CAUSES: tuple[Name, ...] = (
    "handoff_incomplete",
    "kickoff_not_booked",
    "stage_overdue",
    "no_activity",
    "no_activation",
    "silent_drop_off",
    "sponsor_missing",
    "champion_missing",
    "champion_left",
    "nobody_to_write_to",
    "owner_missing",
)
"""What a sponsor is bothered with where a playbook does not say: no single overdue milestone. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung(Written):
    """A rung of the ladder: the role that is told, and after how many of its working hours since the rung before."""

    to: VendorRole
    after_working_hours: int = field(metadata={"ge": 0, "le": 400})


MESSAGES_A_DAY = 12
"""The cap of messages that notify one of the vendor's people on one day, where no playbook says another. This project's
choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder(Written):
    """The escalation ladder of a tier. Its times are this project's choice; the last rung is the sponsor of DE-8."""

    rungs: tuple[Rung, ...] = field(metadata={"min_length": 1, "max_length": 3})
    remind_every_working_days: int = field(metadata={"ge": 1, "le": 30})
    ack_rests_working_days: int = field(metadata={"ge": 0, "le": 30})
    """For how long an acknowledged episode does not climb."""
    to_sponsor: tuple[Name, ...] = SPONSOR_CAUSES
    """The causes that may climb to the executive sponsor; any other ends at the rung before."""
    messages_a_day: int = field(default=MESSAGES_A_DAY, metadata={"ge": 3, "le": 100})
    """Messages that notify one of the vendor's people on one of their local days, over all onboardings; further news
    are gathered into the last one or wait for the next working day."""
    critical_may_wake: bool = False
    """Whether what is critical is told at once, outside the reader's working hours too."""
    source: Source

    def may_climb(self, kind: str, level: int) -> bool:
        """Return whether a cause of this kind may climb above ``level``."""
        if level >= len(self.rungs):
            return False
        return self.rungs[level].to is not VendorRole.EXECUTIVE_SPONSOR or kind in self.to_sponsor


@dataclass(frozen=True, slots=True, kw_only=True)
class Specialist(Written):
    """Until when an onboarding specialist is accountable (RO-3): first value between two days, else the last one."""

    not_before_days: int = field(default=60, metadata={"ge": 0, "le": 365})
    at_latest_days: int = field(default=90, metadata={"ge": 1, "le": 365})
    at_first_value: bool = True
    source: Source

    def __post_init__(self) -> None:
        if self.at_latest_days < self.not_before_days:
            raise ValueError(f"at_latest_days {self.at_latest_days} is before not_before_days {self.not_before_days}")


def check_order(after: Mapping[str, Sequence[str]]) -> None:
    """Raise ValueError for a milestone that waits for an unknown one or, by way of others, for itself.

    ``after`` has for each milestone those that it waits for.
    """
    for name, waits_for in after.items():
        for other in waits_for:
            if other not in after:
                raise ValueError(f"milestone {name}: after names an unknown milestone: {other}")
    for name in after:
        before, ahead = set[str](), list(after[name])
        while ahead:
            one = ahead.pop()
            if one not in before:
                before.add(one)
                ahead += after[one]
        if name in before:
            raise ValueError(f"milestone {name} waits for itself by its after: {', '.join(after[name])}")
