"""The order or report of a person, as the journal stores it: who, when and why."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order: by whom, the moment (UTC) at which it counts, and why."""

    by: str
    now: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactReport(Order):
    """A report of something that happened: by whom, and when it happened."""

    at: datetime | None = None
    """When it happened; None: at the moment of the report."""

    @property
    def happened_at(self) -> datetime:
        """Return the moment at which it happened."""
        return self.at or self.now
