"""What the facts of a case add up to: milestones, goals, people and dates, whatever order they were learned in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple

from onboarding.model.parties import Owner, Person
from onboarding.model.vocabulary import CustomerRole, HandoffItem, Side, Stage, Tier, VendorRole


class Milestone(NamedTuple):
    """One piece of work as it stands. ``done_at`` is when it happened, not when we heard of it.

    A named tuple because every review makes eighty of them, and one takes a fifth of the time of a frozen dataclass.
    """

    name: str
    title: str
    stage: Stage
    side: Side
    owner_role: str
    exit: bool
    """True where the stage cannot be left without it."""
    status: Literal["open", "done", "not_applicable"] = "open"
    due_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str | None = None
    reason: str | None = None
    """Why it is not applicable, or a note with its completion."""
    waived_at: datetime | None = None
    """When a person said that it is not applicable."""

    @property
    def met(self) -> bool:
        """Done, or not applicable with a reason."""
        return self.status == "done" or (self.status == "not_applicable" and bool(self.reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A measurable goal: metric from baseline to target by a date (GO-1)."""

    metric: str
    baseline: float
    target: float
    unit: str
    due: date
    at: datetime
    by: str = ""
    value: float | None = None
    """Where it stands, as last reported; None where nobody said."""
    value_at: datetime | None = None

    @property
    def reached(self) -> bool:
        """Whether the value last reported is at the target or beyond it."""
        if self.value is None:
            return False
        return self.value >= self.target if self.target > self.baseline else self.value <= self.target

    def __str__(self) -> str:
        return f"{self.metric}: from {self.baseline:g} to {self.target:g} {self.unit} by {self.due.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VagueGoal:
    """A goal as somebody wrote it that cannot be measured, and what it lacks."""

    text: str
    lacks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One exit criterion of a stage, met since a moment or not, in words."""

    name: str
    text: str
    met: bool
    at: datetime | None
    """When it came true, by the time of the facts."""
    side: Side
    owner_role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A call as it is agreed now."""

    at: datetime
    """When it begins, in UTC."""
    agreed_at: datetime
    """When it was agreed that it is to be then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnboardingState:
    """The case summed up."""

    tier: Tier
    tier_because: str
    milestones: Mapping[str, Milestone]
    goals: tuple[Goal, ...]
    vague_goals: tuple[VagueGoal, ...]
    handoff: Mapping[HandoffItem, str]
    handoff_at: Mapping[HandoffItem, datetime]
    holders: Mapping[CustomerRole, tuple[Person, ...]]
    """Who holds which role now: people that left are gone from here."""
    left: tuple[tuple[Person, CustomerRole], ...]
    """People that left, with the role they had."""
    unreadable: tuple[tuple[Person, CustomerRole | None], ...] = field(default=(), kw_only=True)
    """Who is named for a role (None: for one we do not know) and whose record cannot be read now. They are no
    holders, and nobody else takes their place."""
    team: Mapping[VendorRole, Owner]
    """Who plays which of our roles; an inactive owner is never in here."""
    owner: Owner | None
    """The one accountable person (RO-1)."""
    target_at: datetime
    kickoff_at: datetime | None
    """When the kickoff was held, else the time agreed for it."""
    kickoff_booked_at: datetime | None
    go_live_at: datetime | None
    """When it went live, else the date planned in the CRM."""
    activated_at: datetime | None
    check_in_anchor_at: datetime | None
    first_activity_at: datetime | None
    last_activity_at: datetime | None
    meetings: Mapping[str, Meeting] = field(default_factory=dict)
    """Calls whose time is agreed, by the name under which it is recorded."""
    effort_score: float | None = None
    """The last answer to an effort or satisfaction survey, 0 to 10."""
