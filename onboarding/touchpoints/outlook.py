"""One time that a step comes round, and what of a step is to be looked at now."""

from dataclasses import dataclass
from datetime import datetime

from onboarding.model.playbook import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One time that a step comes round, with the date its playbook means: not yet moved into working
    hours."""

    step: Step
    number: str
    due_at: datetime
    because: str
    until: datetime | None = None
    """When it loses all use, whatever the step says of lateness: the beginning of the call that it speaks of."""
    withdraws: bool = False
    """It takes an invitation back: for those who hold one, even after the end of the onboarding."""

    @property
    def about(self) -> str:
        """How the journal calls it: the step, with its number where it repeats."""
        return f"{self.step.name} {self.number}" if self.step.every else self.step.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What of a step is due now and not settled, what was missed before that, and what comes next."""

    due: Occurrence | None = None
    missed: tuple[Occurrence, ...] = ()
    ahead: Occurrence | None = None
