"""The one idea: facts in, decisions and effects out. Pure, and the same for live runs, dry runs and
simulation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from onboarding.model.case import Episode, Progress, Stall, Touchpoint
from onboarding.model.effect import PlannedEffect
from onboarding.model.state import Criterion, Milestone, OnboardingState
from onboarding.model.vocabulary import Concern, EffectState


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One line of the journal: what was decided, about what, and why, in words a CSM understands."""

    kind: str
    about: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectChange:
    """A new fate for an effect that has not been leased yet."""

    key: str
    state: EffectState
    because: str
    due_at: datetime | None = None
    expires_at: datetime | None = None
    """A new latest useful moment; None leaves the old one."""
    recipient: str | None = None
    """A new address of the same person; None leaves the old one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """A touchpoint that lies ahead, as far as dates are known today."""

    step: str
    occurrence: str
    title: str
    due_at: datetime
    to: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something only a person of ours can do, told in the owner's digest."""

    role: str
    text: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Everything that follows from a case at a moment."""

    case_key: str
    version: int
    standing: OnboardingState
    progress: Progress
    criteria: tuple[Criterion, ...]
    """Exit criteria of the stage it is in now."""
    stage_due_at: datetime | None = None
    """When that stage should be left."""
    stalls: tuple[Stall, ...] = ()
    """What keeps it from moving, most severe first, resolved or not."""
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
    """When time alone could next change anything, for each concern."""
