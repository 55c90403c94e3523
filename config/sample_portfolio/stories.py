"""The stories of the sample portfolio, written as YAML in ``config/sample``.

Dates are relative to the sample's own today: ``now``, ``-90min``, ``-26h``, ``-3d`` (to the second), ``-3d 14:00`` UTC;
a ``{+60d}`` inside a text becomes the date of that day.
"""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from config.settings.locations import BUNDLED

FOLDER = BUNDLED / "sample"
_MOMENT = re.compile(r"(?P<sign>[+-])(?P<count>\d+)(?P<unit>min|h|d)(?: (?P<clock>\d\d:\d\d))?")
_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}

Moment = Annotated[str, Field(pattern=rf"^(now|{_MOMENT.pattern})$")]
FullName = tuple[str, str]


class _StoryModel(BaseModel):
    """Base of the stories: frozen, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OurPerson(_StoryModel):
    """One of the vendor's people: a row of ``User.csv``."""

    handle: str
    name: FullName
    title: str
    country: str
    zone: str
    manager: str | None = None
    active: bool = True


class Customer(_StoryModel):
    """The account. ``owner`` and ``csm`` are handles of the vendor's people."""

    name: str
    country: str
    zone: str
    domain: str
    industry: str
    owner: str
    csm: str | None = None
    language: str = ""
    churned: Moment | None = None


class Sale(_StoryModel):
    """A deal. With ``signed`` the CRM knows the moment of the signature, with ``closed`` only its day."""

    name: str
    signed: Moment | None = None
    closed: Moment | None = None
    won: bool = True
    phase: str = "Closed Won"
    seller: str
    amount: float
    seats: int
    product: str = ""
    goals: str = ""
    metrics: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    """Where the metrics stand: ``metric | value | {-20d}``."""
    worth: tuple[str, ...] = ()
    """Of what kind they are and what a unit is worth: ``metric | kind | worth | currency``."""
    commitments: str = ""
    technical: str = ""
    timeline: str = ""
    kickoff: Moment | None = None
    go_live: Moment | None = None
    ends: Moment | None = None
    """The last day that was bought."""
    raw: dict[str, str] = {}
    """Columns with their literal text, for a row that is wrong on purpose."""


class TheirPerson(_StoryModel):
    """A contact. Without ``email`` the address is derived from the name; an empty one stays empty."""

    name: FullName
    title: str
    roles: tuple[str, ...]
    email: str | None = None
    opted_out: bool = False
    left: Moment | None = None


class Ticked(_StoryModel):
    """Milestones as the CRM has them. ``at``: when they were done, or are due if ``Open``."""

    at: Moment
    by: str
    what: tuple[str, ...]
    status: str = "Done"
    reason: str = ""


class Used(_StoryModel):
    """Product usage: each of the users at each of the moments."""

    signal: str
    users: tuple[str, ...]
    """One that begins the address of a person of the story is told by that address; any other is the product's id."""
    at: tuple[Moment, ...]
    count: int = 1
    """How often, or minutes of a signal that tells time spent."""
    by_domain: bool = False
    """Whether the product identifies the customer by domain rather than by account id."""


class Story(_StoryModel):
    """One customer of the sample, and what should become of it."""

    number: int = Field(ge=1, le=999)
    story: str
    says: str
    awake: bool = False
    """Whether it must be working time where the people are at the sample's moment."""
    account: Customer
    deals: tuple[Sale, ...] = Field(min_length=1)
    people: tuple[TheirPerson, ...]
    done: tuple[Ticked, ...] = ()
    signals: tuple[Used, ...] = ()


@lru_cache
def our_people(folder: Path = FOLDER) -> tuple[OurPerson, ...]:
    """Return the vendor's people of the sample, in the order of the file."""
    return TypeAdapter(tuple[OurPerson, ...]).validate_python(_read(folder / "people.yaml"))


@lru_cache
def stories(folder: Path = FOLDER) -> tuple[Story, ...]:
    """Return all stories by number. Raise pydantic's ValidationError for a story of another shape."""
    told = [story for path in sorted(folder.glob("[0-9]*.yaml")) for story in _read(path)]
    return tuple(sorted(TypeAdapter(list[Story]).validate_python(told), key=lambda story: story.number))


def moment(text: str, as_of: datetime) -> datetime:
    """Return the moment that a story's text means, relative to ``as_of`` (aware, UTC). Raise ValueError for others."""
    if text == "now":
        return as_of
    told = _MOMENT.fullmatch(text)
    if told is None:
        raise ValueError(f"not a moment of a story: {text!r}; write now, -90min, -26h, -3d or -3d 14:00")
    distance = int(told["count"]) * _UNITS[told["unit"]]
    at = as_of + (distance if told["sign"] == "+" else -distance)
    if told["clock"]:
        at = datetime.combine(at.date(), time.fromisoformat(told["clock"]), tzinfo=at.tzinfo)
    return at


def day(text: str, as_of: datetime) -> date:
    """Return the UTC day of a moment."""
    return moment(text, as_of).date()


def words(text: str, as_of: datetime) -> str:
    """Return a text with its ``{+60d}`` replaced by dates."""
    return re.sub(r"\{([+-]\d+d)\}", lambda found: day(found[1], as_of).isoformat(), text)


def _read(path: Path) -> Any:
    # The loader in C, where it was built, is ten times as fast for the same values.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
