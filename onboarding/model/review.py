"""The result of a review: decisions and effects that follow from the facts. Pure values, the same for live runs, dry
runs and simulations."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from onboarding.model.case import Episode, Progress, Stall, Touchpoint
from onboarding.model.effect import PlannedEffect
from onboarding.model.parties import Unheld
from onboarding.model.state import Criterion, Milestone, OnboardingState
from onboarding.model.vocabulary import Concern, EffectState
from onboarding.model.written.track import Phase
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A journal line: what was decided, about what, and why, in words that a CSM understands."""

    kind: str
    about: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectChange:
    """A change to an effect that has not been leased yet."""

    key: str
    state: EffectState
    because: str
    due_at: datetime | None = None
    expires_at: datetime | None = None
    """A new expiry; None keeps the old one."""
    recipient: str | None = None
    """A new address of the same person; None keeps the old one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """A future touchpoint, as far as its date is known now."""

    step: str
    occurrence: str
    title: str
    due_at: datetime
    to: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Work that only a person of the vendor can do, listed in the owner's digest."""

    role: str
    about: str
    """The piece of work, by its cause and object: the same whatever the text says of it by now. Never in a message."""
    text: str
    due_at: datetime | None = None
    is_overdue: bool = False
    """Whether it is late: a digest tells the same work again when it becomes so."""
    until: datetime | None = None
    """From when it is no longer told, whatever else happens; None: while the state stays as it is."""
    command: str = ""
    """The command that settles it: for those at the command line alone, so no message has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Everything that follows from a case at one moment."""

    case_key: str
    version: int
    state: OnboardingState
    progress: Progress
    criteria: tuple[Criterion, ...]
    """Exit criteria of the current stage."""
    unheld: tuple[Unheld, ...] = ()
    """Roles that open work needs and that nobody holds."""
    stage_due_at: datetime | None = None
    """When the current stage should be left."""
    phase: Phase = Phase.PRIMARY
    tracks: tuple[str, ...] = ()
    """A sentence for each track that runs or is ahead."""
    stalls: tuple[Stall, ...] = ()
    """The stalls that hold now, most severe first."""
    decisions: tuple[Decision, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    touchpoints: tuple[Touchpoint, ...] = ()
    effects: tuple[PlannedEffect, ...] = ()
    changes: tuple[EffectChange, ...] = ()
    episodes: tuple[Episode, ...] = ()
    """Episodes that are new or changed."""
    upcoming: tuple[Upcoming, ...] = ()
    tasks: tuple[Task, ...] = ()
    next_at: Mapping[Concern, datetime | None] = field(default_factory=dict)
    """When the passing of time alone may next change anything, for each concern."""
