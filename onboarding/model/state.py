"""The folded facts of a case: milestones, goals, people and dates, independent of the order in which they came in."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from typing import Literal, NamedTuple

from onboarding.model.parties import Advocate, Cover, ItemSaid, Owner, Person, Position, ProfileItem, Transfer
from onboarding.model.phrases import change_words, day_words
from onboarding.model.vocabulary import (
    CustomerRole,
    GoalKind,
    HandoffItem,
    PromiseState,
    Side,
    Stage,
    SurveyKind,
    Tier,
    VendorRole,
)
from onboarding.values import dataclass


class Milestone(NamedTuple):
    """The state of one milestone. ``done_at`` is when it happened, not when it was learned.

    A named tuple: a review makes eighty of them, and one takes a fifth of the time of a frozen dataclass.
    """

    name: str
    title: str
    stage: Stage
    side: Side
    owner_role: str
    exit: bool
    """Whether the stage cannot be left without it."""
    status: Literal["open", "done", "not_applicable"] = "open"
    due_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str | None = None
    reason: str | None = None
    """Why it is not applicable, or a note on its completion."""
    waived_at: datetime | None = None
    """When a person declared it not applicable."""

    @property
    def met(self) -> bool:
        """Return whether it is done, or not applicable with a reason."""
        return self.status == "done" or (self.status == "not_applicable" and bool(self.reason))


class GoalValue(NamedTuple):
    """The value of a goal at a moment, its source, and its day in the account's zone, as texts name it."""

    at: datetime
    value: float
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A measurable goal: a metric, from a baseline to a target by a date (GO-1)."""

    metric: str
    baseline: float
    target: float
    unit: str
    due: date
    at: datetime
    """When the metric first had a measurable goal."""
    by: str = ""
    kind: GoalKind | None = None
    money: float | None = None
    """The worth of one unit of the metric to the customer, in ``currency``; None if not stated."""
    currency: str = ""
    signal: str = ""
    """The product signal whose events are the value; empty if people report it."""
    confirmed_at: datetime | None = None
    """When the customer's side confirmed these figures; None while they are the seller's assumption."""
    confirmed_by: str = ""
    values: tuple[GoalValue, ...] = ()
    """Every reported value, in order of time."""

    @property
    def value(self) -> float | None:
        """Return the value last reported; None if there was no report."""
        return self.values[-1].value if self.values else None

    @property
    def value_at(self) -> datetime | None:
        """Return the time of that report."""
        return self.values[-1].at if self.values else None

    @property
    def confirmed(self) -> bool:
        """Return whether the customer's side confirmed the goal; until then it is assumed."""
        return self.confirmed_at is not None

    @property
    def progress(self) -> float | None:
        """Return the progress from baseline to target: 1 at the target, negative if it got worse."""
        return None if self.value is None else (self.value - self.baseline) / (self.target - self.baseline)

    @property
    def reached(self) -> bool:
        """Return whether the value last reported is at or beyond the target."""
        rising, value = self.target > self.baseline, self.value
        return value is not None and (value >= self.target if rising else value <= self.target)

    def __str__(self) -> str:
        return f"{self.metric}: {change_words(self.baseline, self.target, self.unit)} by {day_words(self.due)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VagueGoal:
    """A goal that cannot be measured as written, and what it lacks."""

    text: str
    lacks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A promise to the customer during the sale or after it, and its outcome (SX-4)."""

    id: str
    text: str
    source: Literal["sales", "team"]
    """``sales``: the handoff's commitments; ``team``: recorded by a person."""
    at: datetime
    """Since when it is known."""
    by: str = ""
    due: date | None = None
    state: PromiseState = PromiseState.OPEN
    settled_at: datetime | None = None
    settled_by: str = ""


class SurveyAnswer(NamedTuple):
    """One answer to one question, on the scale of its kind; a higher score is always the better one."""

    kind: SurveyKind
    at: datetime
    score: float
    low: float
    high: float
    person: str = ""
    """The id of the person who answered; empty if unknown."""
    comment: str = ""

    @property
    def share(self) -> float:
        """Return the score as a share of its scale, 0 to 1."""
        return (self.score - self.low) / (self.high - self.low)


class Ticket(NamedTuple):
    """A support ticket that was opened by the customer's people."""

    id: str
    topic: str
    at: datetime
    sentiment: float | None = None
    """From -1 (angry) to 1 (pleased); None if unknown."""


class Reply(NamedTuple):
    """A reply by one of the customer's people."""

    at: datetime
    person: str
    by: str = ""


class Lesson(NamedTuple):
    """What an onboarding taught, for the authors of the playbooks (CT-5)."""

    at: datetime
    text: str
    stage: Stage | None
    """The stage that it is about; None for all of it."""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One exit criterion of a stage in words, and since when it is met."""

    name: str
    text: str
    met: bool
    at: datetime | None
    """When it was met, by the time of the facts."""
    side: Side
    owner_role: str


class Meeting(NamedTuple):
    """A call: its start as now agreed, and when that time was agreed; both in UTC."""

    at: datetime
    agreed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OnboardingState:
    """All facts of a case folded into one value."""

    tier: Tier
    tier_because: str
    milestones: Mapping[str, Milestone]
    goals: tuple[Goal, ...]
    vague_goals: tuple[VagueGoal, ...]
    handoff: Mapping[HandoffItem, str]
    handoff_at: Mapping[HandoffItem, datetime]
    holders: Mapping[CustomerRole, tuple[Person, ...]]
    """The people who hold each role now, without those who left."""
    left: tuple[tuple[Person, CustomerRole], ...]  # people who left, with the role they had
    unreadable: tuple[tuple[Person, CustomerRole | None], ...] = field(default=(), kw_only=True)
    """People whose record cannot be read now, with the role they are named for (None: unknown); none replaces them."""
    team: Mapping[VendorRole, Owner]
    """The person who acts in each vendor role: its holder, or while away their cover; never an inactive owner."""
    owner: Owner | None
    """The accountable owner (RO-1): the CSM, before a transfer the specialist; or while away the cover."""
    covers: Mapping[VendorRole, Cover] = field(default_factory=dict, kw_only=True)
    transfer: Transfer | None = field(default=None, kw_only=True)
    stood_in: frozenset[VendorRole] = field(default=frozenset(), kw_only=True)  # roles given to nobody: the CSM's work
    target_at: datetime
    kickoff_at: datetime | None
    """When the kickoff was held, else its agreed time."""
    kickoff_booked_at: datetime | None
    go_live_at: datetime | None
    """When the customer went live, else the date planned in the CRM."""
    activated_at: datetime | None
    check_in_anchor_at: datetime | None
    first_activity_at: datetime | None
    last_activity_at: datetime | None
    meetings: Mapping[str, Meeting] = field(default_factory=dict)  # calls with an agreed time, by recorded name
    profiles: Mapping[str, Mapping[ProfileItem, ItemSaid]] = field(default_factory=dict)  # by the person's id
    positions: Mapping[str, Position] = field(default_factory=dict)  # likewise; who is missing is unknown
    promises: tuple[Promise, ...] = ()  # the open ones first, by due date
    surveys: tuple[SurveyAnswer, ...] = ()
    """Every answer, in order of time; so are tickets and replies."""
    tickets: tuple[Ticket, ...] = ()
    replies: tuple[Reply, ...] = ()
    advocates: tuple[Advocate, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    effort_score: float | None = None
    """The last answer to an effort or satisfaction survey, rescaled to 0 to 10."""
