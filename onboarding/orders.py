"""The order or report of a person, as the journal stores it: who, when and why."""

from collections.abc import Callable
from dataclasses import field
from datetime import datetime
from typing import Any

from onboarding.values import dataclass


def unguarded(conn: Any, onboarding_key: str) -> None:
    """Check nothing: the guard of an order from the command line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order: by whom, the moment (UTC) at which it counts, and why."""

    by: str
    now: datetime
    reason: str = ""
    guard: Callable[[Any, str], None] = field(default=unguarded, repr=False, compare=False)
    """A check in the transaction of the order, by its connection and the onboarding's key, before anything is changed;
    it raises where the order no longer applies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactReport(Order):
    """A report of something that happened: by whom, and when it happened."""

    at: datetime | None = None
    """When it happened; None: at the moment of the report."""

    @property
    def happened_at(self) -> datetime:
        """Return the moment at which it happened."""
        return self.at or self.now
