"""What the tasks answer: counts and problems as frozen values, never rows, so that Prefect has nothing to store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from onboarding.model.crm_records import Problem
from onboarding.model.vocabulary import Channel, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One onboarding or source that a task could not deal with; the rest went on."""

    where: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to an onboarding, for whoever wants to react. Ids and words of ours, no names."""

    name: str
    about: str
    """The onboarding's key."""
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """A message or CRM row of a dry run: it would be sent now, or planned for ``due_at`` (UTC)."""

    channel: Channel
    step: str
    account: str
    """The customer's name; empty for what is about no single one, such as a digest."""
    role: str
    due_at: datetime
    now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeReport:
    """What one look at the CRM brought."""

    seen: int = 0
    """Won deals that the CRM shows."""
    opened: int = 0
    adopted: int = 0
    extended: int = 0
    blocked: int = 0
    changed: int = 0
    """Onboardings to which something new was learned."""
    unchanged: bool = False
    set_aside: tuple[Problem, ...] = ()
    """Everything that cannot be read at present, not only what is new."""
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalReport:
    """What one look at the product's signals brought."""

    new: int = 0
    unmatched: int = 0
    """Signals of accounts that we do not know: counted, not an error."""
    set_aside: tuple[Problem, ...] = ()
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReport:
    """What one pass over the due onboardings did."""

    reviewed: int = 0
    left: int = 0
    """How many left the stage that the task is about."""
    planned: int = 0
    stage: Stage | None = None
    happened: tuple[Event, ...] = ()
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What one channel carried out."""

    channel: Channel
    sent: int = 0
    failed: int = 0
    """Refused for now (they come back on schedule) or for good (dead letters)."""
    unknown: int = 0
    moved: int = 0
    """Put off to the next working hour, withheld or cancelled at the last look before sending."""
    dead: tuple[Failure, ...] = ()
    """Effects that became dead letters in this run."""
    doubtful: tuple[Failure, ...] = ()
    """Effects of which nobody knows whether they arrived, and which wait for a person from this run on."""
    held_up: tuple[Failure, ...] = ()
    """Why others wait to be tried or asked about again: each cause once, with how many."""
    happened: tuple[Event, ...] = ()
    """What followed at once from what was sent."""
    down: Failure | None = None
    """The channel, where its breaker shut in this run."""
