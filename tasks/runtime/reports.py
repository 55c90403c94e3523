"""What tasks return: counts and problems as frozen values, never rows, so that Prefect has nothing to store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from onboarding.model.crm_records import Problem
from onboarding.model.vocabulary import Channel, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One onboarding or source that a task could not process; the rest went on."""

    where: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnboardingEvent:
    """A change of an onboarding, emitted as a Prefect event for automations. It holds ids, no names."""

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
    """The customer's name; empty for a message about several, such as a digest."""
    role: str
    due_at: datetime
    now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeReport:
    """What one reading of the CRM brought."""

    seen: int = 0
    """Won deals in the CRM."""
    opened: int = 0
    adopted: int = 0
    extended: int = 0
    blocked: int = 0
    changed: int = 0
    """Onboardings of which something new was learned."""
    unchanged: bool = False
    set_aside: tuple[Problem, ...] = ()
    """All records that cannot be read at present, not only the new ones."""
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalReport:
    """What one reading of the product's signals, and of tickets and surveys, brought."""

    new: int = 0
    tickets: int = 0
    """Tickets that were not known."""
    answers: int = 0
    """Answers to surveys that were not known."""
    unmatched: int = 0
    """Signals of unknown accounts: counted, not an error."""
    set_aside: tuple[Problem, ...] = ()
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReport:
    """What one review of the due onboardings did."""

    reviewed: int = 0
    left: int = 0
    """How many left ``stage``."""
    planned: int = 0
    stage: Stage | None = None
    happened: tuple[OnboardingEvent, ...] = ()
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What was delivered on one channel."""

    channel: Channel
    sent: int = 0
    failed: int = 0
    """Refused for now (tried again on schedule) or for good (dead letters)."""
    unknown: int = 0
    moved: int = 0
    """Put off to the next working hour, withheld or cancelled by the recheck before sending."""
    dead: tuple[Failure, ...] = ()
    """Effects that became dead letters in this run."""
    doubtful: tuple[Failure, ...] = ()
    """Effects of which it is unknown whether they arrived, and which wait for a person from this run on."""
    held_up: tuple[Failure, ...] = ()
    """Why others wait to be tried or looked up again: each cause once, with how many."""
    happened: tuple[OnboardingEvent, ...] = ()
    """Events that followed from what was sent."""
    down: Failure | None = None
    """The channel, where its breaker shut it in this run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsReport:
    """What one report of the metrics says, in words, and to how many people it goes."""

    name: str
    """Such as ``weekly-2026-W48``."""
    onboardings: int = 0
    figures: tuple[tuple[str, str, str, str], ...] = ()
    """Metric, value, interval, what it was counted from."""
    stalls: tuple[tuple[str, ...], ...] = ()
    """Cause, whose move, how often, days, what they cost, of how many accounts that is; the total last."""
    stalls_defined: str = ""
    """What the cost counts."""
    moved: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    mails: int = 0
    """Mails to leaders that are new."""
    link: str = ""
    """Where the page is, for who may open the board; empty where no public address is set."""
    failures: tuple[Failure, ...] = ()
