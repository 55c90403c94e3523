"""The folded facts of a case: milestones, goals, people and dates, independent of the order in which they came in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple

from onboarding.model.parties import Owner, Person
from onboarding.model.vocabulary import CustomerRole, HandoffItem, Side, Stage, Tier, VendorRole


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A measurable goal: a metric, from a baseline to a target by a date (GO-1)."""

    metric: str
    baseline: float
    target: float
    unit: str
    due: date
    at: datetime
    by: str = ""
    value: float | None = None
    """The value last reported; None if there was no report."""
    value_at: datetime | None = None

    @property
    def reached(self) -> bool:
        """Return whether the value last reported is at or beyond the target."""
        if self.value is None:
            return False
        return self.value >= self.target if self.target > self.baseline else self.value <= self.target

    def __str__(self) -> str:
        return f"{self.metric}: from {self.baseline:g} to {self.target:g} {self.unit} by {self.due.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VagueGoal:
    """A goal that cannot be measured as written, and what it lacks."""

    text: str
    lacks: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A call at its currently agreed time."""

    at: datetime
    """Its start, in UTC."""
    agreed_at: datetime
    """When that time was agreed, in UTC."""


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
    left: tuple[tuple[Person, CustomerRole], ...]
    """People who left, with the role they had."""
    unreadable: tuple[tuple[Person, CustomerRole | None], ...] = field(default=(), kw_only=True)
    """People whose record cannot be read now, with the role they are named for (None: a role unknown here). They are
    not holders, and no other person takes their place."""
    team: Mapping[VendorRole, Owner]
    """The person in each vendor role; never an inactive owner."""
    owner: Owner | None
    """The accountable owner (RO-1)."""
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
    meetings: Mapping[str, Meeting] = field(default_factory=dict)
    """Calls with an agreed time, by the name under which it is recorded."""
    effort_score: float | None = None
    """The last answer to an effort or satisfaction survey, 0 to 10."""
