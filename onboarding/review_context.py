"""The values that all rules of one review share, built once in ``review`` after the stage machine has run."""

from datetime import datetime

from onboarding.model.case import Case, Progress
from onboarding.model.parties import Unheld
from onboarding.model.playbook import Playbook
from onboarding.model.state import Criterion, OnboardingState
from onboarding.model.vocabulary import Concern
from onboarding.values import dataclass

ALL_CONCERNS = frozenset(Concern)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewContext:
    """One case at one moment: its folded state, its progress, its playbook, and what may be planned."""

    case: Case
    state: OnboardingState
    progress: Progress
    """As the stage machine has just computed it; ``case.progress`` is what was saved."""
    playbook: Playbook
    """With the tasks that this account has besides."""
    now: datetime
    """In UTC."""
    concerns: frozenset[Concern] = ALL_CONCERNS
    """Which new touchpoints and escalations may be planned."""
    criteria: tuple[Criterion, ...] = ()
    """Exit criteria of the current stage."""
    lost: tuple[Criterion, ...] = ()
    """Exit criteria of stages already left that no longer hold."""
    unheld: tuple[Unheld, ...] = ()
    """Roles that open work needs and that nobody holds."""
    stage_due_at: datetime | None = None
    """When the current stage should be left."""
