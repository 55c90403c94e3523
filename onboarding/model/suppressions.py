"""What recipients asked for and what became of their addresses: who must not get which mail, and why in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from onboarding.model.identity import one_spelling

Scope = Literal["all", "promotional"]
"""Which mails a silence is about: every one, or what is not service mail."""


class Suppressed(StrEnum):
    """Why somebody gets less."""

    BOUNCED = "bounced"
    """The address takes no mail. For good, until it is lifted or the person has another address."""
    COMPLAINED = "complained"
    """A mail of ours was called spam."""
    UNSUBSCRIBED = "unsubscribed"
    """By our link: no mail but what the onboarding itself needs."""
    HELD = "held"
    """One of ours said so, for a while; the note says why."""


SCOPES: Mapping[Suppressed, Scope] = {
    Suppressed.BOUNCED: "all",
    Suppressed.COMPLAINED: "all",
    Suppressed.UNSUBSCRIBED: "promotional",
    Suppressed.HELD: "all",
}
ENDS_AT_ONCE = frozenset({Suppressed.UNSUBSCRIBED, Suppressed.HELD})
"""A word of a person, who can take it back: what it keeps back is withheld, not given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """One reason for which a person or an address gets less mail, as it holds now."""

    subject: str
    """A mail address in lower case, or a person's id."""
    scope: Scope
    reason: str
    note: str = ""
    at: datetime | None = None
    """Since when."""

    @property
    def for_good(self) -> bool:
        """Whether no mail goes there any more, and no word of the person would change that."""
        return self.scope == "all" and self.reason not in ENDS_AT_ONCE

    def words(self) -> str:
        """What it says of the person, after the name."""
        match self.reason:
            case Suppressed.COMPLAINED:
                return "has called a mail of ours spam"
            case Suppressed.UNSUBSCRIBED:
                return "has unsubscribed from what is not service mail"
            case Suppressed.HELD:
                return f"is on hold: {self.note}"
        return "has an address that bounced"


def silence_for(
    silences: tuple[Suppression, ...], person_id: str, address: str, purpose: Literal["service", "promotional"]
) -> Suppression | None:
    """What keeps a mail of this purpose from a person; what lasts goes before what a word can end."""
    if not silences:
        return None
    subjects = {person_id, one_spelling(address)}
    found = [one for one in silences if one.subject in subjects and one.scope in ("all", purpose)]
    return min(found, key=lambda one: (one.reason in ENDS_AT_ONCE, one.reason), default=None)
