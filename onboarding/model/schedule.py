"""Due dates, hours and limits as a playbook writes them; every number with its source."""

from dataclasses import dataclass, field
from datetime import time
from typing import Annotated, Any, ClassVar, Literal


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

ANCHORS = r"^(signature|stage|kickoff|go_live|activation|target|check_ins|meeting|milestone:[a-z0-9_]+)$"

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
    """A date relative to an anchor.

    Anchors: ``signature``, ``stage`` (entry of the milestone's or step's stage), ``kickoff``, ``go_live``,
    ``activation``, ``target``, ``check_ins`` (the playbook's check-in anchor), ``milestone:NAME``, or ``meeting`` (for
    a step with ``calendar``: the moment at which the call's time was agreed or changed).
    """

    anchor: str = field(metadata={"alias": "from", "pattern": ANCHORS})
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
