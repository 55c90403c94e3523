"""When a cause counts as a stall, as a playbook writes it."""

from dataclasses import field

from onboarding.model.conditions.written import When
from onboarding.model.schedule import Offset, Source, Written
from onboarding.model.vocabulary import Severity
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StallRule(Written):
    """When a cause counts as a stall, its severity, and the next step."""

    after: Offset = field(default_factory=Offset)
    severity: Severity
    critical_after: Offset | None = None
    """The time after which the stall turns critical; None for never."""
    next_step: str
    when: When | None = None
    """For which customers it is watched; without it for all."""
    source: Source
