"""The times that one message offers, as they are stored with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from onboarding.booking.diary import SLOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Times (UTC) for a call with one of the vendor's people, held while they are offered."""

    by: str
    """The person's id."""
    at: tuple[datetime, ...]
    by_hand: bool = False
    """A person wrote them into a draft."""

    @property
    def until(self) -> datetime:
        """Return when the last of them is over, and nothing of it is held any more."""
        return max(self.at) + SLOT

    def stored(self) -> dict[str, Any]:
        """Return the offer as JSON can hold it."""
        written = {"by_hand": True} if self.by_hand else {}
        return {"by": self.by, "at": [one.isoformat() for one in self.at]} | written


def read_offer(stored: Mapping[str, Any] | None) -> Offer | None:
    """Return the offer of a stored value; None where nothing is offered."""
    if not stored:
        return None
    at = tuple(datetime.fromisoformat(one) for one in stored["at"])
    return Offer(by=str(stored["by"]), at=at, by_hand=bool(stored.get("by_hand")))
