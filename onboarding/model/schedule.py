"""When things are due and when they may be done, as a playbook says it; every number with its source."""

from dataclasses import dataclass, field
from datetime import time
from typing import Annotated, Any, ClassVar, Literal


@dataclass(frozen=True, slots=True)
class Text:
    """How a text in a file must be written. Whoever checks the file asks by these two methods (they are pydantic's);
    the rules themselves need no library, and a command that only looks loads none."""

    pattern: str | None = None
    means: str | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """The check."""
        return {**handler(source), **({"pattern": self.pattern} if self.pattern else {"min_length": 2})}

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        """What editors show."""
        return handler(schema) | ({"description": self.means} if self.means else {})


Name = Annotated[str, Text(pattern=r"^[a-z][a-z0-9_]{1,59}$")]

ANCHORS = r"^(signature|stage|kickoff|go_live|activation|target|check_ins|meeting|milestone:[a-z0-9_]+)$"

Source = Annotated[str, Text(means="An id of docs/requirements.md, or 'ours'.")]


class Written:
    """Something that a person writes into a file: frozen, and an unknown field is a mistake, never ignored.

    The limits of a field stand in its metadata, in pydantic's words; ``config.files.documents`` holds files to them.
    """

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset(Written):
    """A distance in time: elapsed days and hours, or working days of the country concerned."""

    days: int = field(default=0, metadata={"ge": -365, "le": 730})
    hours: int = field(default=0, metadata={"ge": -8760, "le": 17520})
    working_days: int = field(default=0, metadata={"ge": 0, "le": 365})

    def __post_init__(self) -> None:
        if self.working_days and (self.days or self.hours):
            raise ValueError("give either working_days or days and hours, not both")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due(Offset):
    """A date told from an anchor.

    Anchors: ``signature``, ``stage`` (entry of the milestone's or step's stage), ``kickoff``, ``go_live``,
    ``activation``, ``target``, ``check_ins`` (the playbook's check-in anchor), ``milestone:NAME``, or ``meeting`` (for
    a step with ``calendar``: the moment at which the call's time was agreed or changed).
    """

    anchor: str = field(metadata={"alias": "from", "pattern": ANCHORS})
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Late(Written):
    """What becomes of a message found late: sent until, and then."""

    send_for_hours: int = field(metadata={"ge": 0, "le": 2160})
    then: Literal["skip", "merge", "ask_owner"]
    """``merge`` leaves its content to the next message for the same people; ``ask_owner`` puts it in the digest."""
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence(Written):
    """A step that repeats."""

    days: int = field(metadata={"ge": 1, "le": 365})
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Written):
    """A call whose time is agreed between people, and that stands in their calendars from then on."""

    meeting: Name
    """The milestone, or the step, under which its time is recorded (``kickoff_booked``, ``check_in_30``)."""
    title: str
    """As calendars show it; the customer's name follows."""
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
    """When people may be written to and how often."""

    hours: tuple[Hours, ...] = field(metadata={"min_length": 1})
    mails_per_person_and_day: int = field(metadata={"ge": 1, "le": 20})
    """Over all onboardings, counted on the reader's own days; what is above waits for the next working day."""
    mails_per_account_and_day: int = field(default=25, metadata={"ge": 1, "le": 1000})
    """The same for a whole customer. Ours: more than any plan needs, so that a slip floods nobody."""
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Written):
    """The window in which onboarding should end, in days from signature."""

    days: int = field(metadata={"ge": 1, "le": 400})
    source: Source
