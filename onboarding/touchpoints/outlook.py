"""Occurrences of a step, and the outlook: which of them are due, missed or ahead."""

from dataclasses import dataclass
from datetime import datetime

from onboarding.model.playbook import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One occurrence of a step at the date of the playbook, not yet moved into working hours."""

    step: Step
    number: str
    due_at: datetime
    because: str
    until: datetime | None = None
    """The end of its use, whatever the step's rule for lateness: the start of the call that it is about."""
    withdraws: bool = False
    """Whether it cancels an invitation; it is then sent to those who have one, even after the end of the onboarding."""

    @property
    def about(self) -> str:
        """Return its name in the journal: the step, with its number if it repeats."""
        return f"{self.step.name} {self.number}" if self.step.every else self.step.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The occurrence of a step that is due and not settled, those missed before it, and the next one."""

    due: Occurrence | None = None
    missed: tuple[Occurrence, ...] = ()
    ahead: Occurrence | None = None
