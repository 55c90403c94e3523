"""What a person orders or reports, as the journal keeps it: who, when and why."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Who ordered something, at which moment (UTC) it counts, and why."""

    by: str
    now: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactReport(Order):
    """Who reports something that happened, and when it did."""

    at: datetime | None = None
    """When it happened; None: at the moment of the report."""

    @property
    def happened_at(self) -> datetime:
        """The moment at which it happened."""
        return self.at or self.now
