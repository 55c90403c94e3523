"""Query locators: positions in long results, which expire."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sandbox.schema.refusals import Refusal

LIFE = timedelta(minutes=15)
"""How long a locator is kept without use (Salesforce, SOAP API ``queryMore``)."""


@dataclass(slots=True)
class _Place:
    rows: list[dict[str, Any]]
    used: datetime


@dataclass(slots=True)
class Locators:
    """The results that are fetched page by page."""

    clock: Callable[[], datetime]
    _places: dict[str, _Place] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def keep(self, rows: list[dict[str, Any]]) -> str:
        """Store a result; return its locator."""
        name = f"01g5fQw{next(self._numbers):08d}AAA"
        self._places[name] = _Place(rows, self.clock())
        return name

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return the whole result. Raises INVALID_QUERY_LOCATOR where it has expired."""
        place, now = self._places.get(name), self.clock()
        if place is None or now - place.used > LIFE:
            raise Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        place.used = now
        return place.rows

    def lose(self) -> None:
        """Let all locators expire."""
        self._places.clear()
