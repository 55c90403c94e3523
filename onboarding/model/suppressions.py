"""Suppressions: requests of recipients and the condition of their addresses that keep mail from them."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from onboarding.model.identity import one_spelling
from onboarding.model.message_policy import Purpose
from onboarding.values import dataclass


class SuppressionScope(StrEnum):
    """The mails that a suppression covers."""

    ALL = "all"
    PROMOTIONAL = "promotional"
    """Only those that are not service mail."""


class Suppressed(StrEnum):
    """The reason of a suppression."""

    BOUNCED = "bounced"
    """The address does not accept mail. Permanent until it is lifted or the person has another address."""
    COMPLAINED = "complained"
    """The recipient reported a mail as spam."""
    UNSUBSCRIBED = "unsubscribed"
    """By the unsubscribe link: only mail that the onboarding itself needs."""
    HELD = "held"
    """Ordered by a person of the vendor for a while; the note says why."""


SCOPES: Mapping[Suppressed, SuppressionScope] = {
    Suppressed.BOUNCED: SuppressionScope.ALL,
    Suppressed.COMPLAINED: SuppressionScope.ALL,
    Suppressed.UNSUBSCRIBED: SuppressionScope.PROMOTIONAL,
    Suppressed.HELD: SuppressionScope.ALL,
}
ENDS_AT_ONCE = frozenset({Suppressed.UNSUBSCRIBED, Suppressed.HELD})
"""Reasons that a person can take back: mail that they stop is withheld, not cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """A reason for which a person or an address gets less or no mail."""

    subject: str
    """A mail address in lower case, or a person's id."""
    scope: SuppressionScope
    reason: str
    note: str = ""
    at: datetime | None = None
    """When it began."""

    @property
    def for_good(self) -> bool:
        """Return whether the address gets no mail at all and the person cannot lift that."""
        return self.scope is SuppressionScope.ALL and self.reason not in ENDS_AT_ONCE

    def covers(self, purpose: Purpose) -> bool:
        """Return whether it keeps mail of this purpose away."""
        return self.scope is SuppressionScope.ALL or purpose is Purpose.PROMOTIONAL

    def words(self) -> str:
        """Return the reason in words, to follow the person's name."""
        match self.reason:
            case Suppressed.COMPLAINED:
                return "reported one of our mails as spam"
            case Suppressed.UNSUBSCRIBED:
                return "has unsubscribed from what is not service mail"
            case Suppressed.HELD:
                return f"is on hold: {self.note}"
        return "has an address that bounced"


def suppression_for(
    suppressions: tuple[Suppression, ...], person_id: str, address: str, purpose: Purpose
) -> Suppression | None:
    """Return the suppression that keeps a mail of this purpose from a person, permanent ones first; None if none
    does."""
    if not suppressions:
        return None
    subjects = {person_id, one_spelling(address)}
    found = [one for one in suppressions if one.subject in subjects and one.covers(purpose)]
    return min(found, key=lambda one: (one.reason in ENDS_AT_ONCE, one.reason), default=None)
