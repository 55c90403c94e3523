"""Occurrences of a step, and the outlook: which of them are due, missed or ahead."""

from datetime import datetime

from onboarding.clashes.clash import ANCHOR
from onboarding.model.playbook import Step
from onboarding.newcomers.newcomers import ANCHOR as JOINED
from onboarding.shared_plan.passed_calls import ANCHOR as MISSED
from onboarding.values import dataclass


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
        """Return its name in the journal: the step, with its number if it may be sent more than once."""
        several = self.step.every is not None or self.step.due.anchor in (ANCHOR, JOINED, MISSED)
        return f"{self.step.name} {self.number}" if several else self.step.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The occurrence of a step that is due and not settled, those missed before it, and the next one."""

    due: Occurrence | None = None
    missed: tuple[Occurrence, ...] = ()
    ahead: Occurrence | None = None
    beside: tuple[Occurrence, ...] = ()
    """More that are due at the same time, each a message of its own."""
    further: tuple[Occurrence, ...] = ()
    """More that are ahead, each a message of its own."""

    @property
    def all_due(self) -> tuple[Occurrence, ...]:
        """Return everything that is due."""
        return (*([self.due] if self.due else []), *self.beside)

    @property
    def all_ahead(self) -> tuple[Occurrence, ...]:
        """Return everything that is ahead."""
        return (*([self.ahead] if self.ahead else []), *self.further)
