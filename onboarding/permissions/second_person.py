"""Four eyes: what one person asks and another one confirms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from onboarding.acts import Act
from onboarding.model.identity import one_spelling
from onboarding.permissions.identity import Identity
from onboarding.permissions.table import Permission
from onboarding.sentences.sentence import sentence

VALID = timedelta(hours=72)
"""How long a request waits: over a weekend. This project's choice."""

NEEDED: Mapping[Act, Permission] = {
    Act.SKIP_STAGE: Permission.OVERRIDE_GATE,
    Act.NOT_APPLICABLE: Permission.OVERRIDE_GATE,
    Act.CLOSE: Permission.DECIDE,
    Act.ADOPT_PLAYBOOK: Permission.CHANGE_PLAYBOOK,
    Act.RETIER: Permission.DECIDE,
    Act.STOP: Permission.STOP,
    Act.START: Permission.STOP,
    Act.FORGET: Permission.ERASE,
}
"""What whoever asks and whoever confirms must be allowed to."""


class ApprovalState(StrEnum):
    """What became of a request."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    """A second person agreed, and the act is under way: an act of several transactions."""
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A request for a second person. Moments are aware and in UTC."""

    id: str
    act: Act
    onboarding_key: str | None
    """None where it is about all."""
    words: Mapping[str, str] = field(default_factory=dict)
    """The arguments of the act."""
    said: str
    """What is asked, in words."""
    reason: str
    asked_by: str
    asked_known: str
    """How whoever asked was known."""
    asked_at: datetime
    expires_at: datetime
    state: ApprovalState = ApprovalState.ASKED
    decided_by: str = ""
    decided_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Return whether it still waits for a second person."""
        return self.state is ApprovalState.ASKED and now < self.expires_at

    def has_expired(self, now: datetime) -> bool:
        """Return whether nobody has decided it in time."""
        return self.state is ApprovalState.ASKED and now >= self.expires_at

    def why_not(self, person: Identity, now: datetime) -> str | None:
        """Return why this person cannot confirm it; None where they can. Their role is another question."""
        own = self.state is ApprovalState.CONFIRMED and one_spelling(self.decided_by) == one_spelling(person.name)
        if self.state is not ApprovalState.ASKED and not own:
            return f"request {self.id} was {self.state} already by {self.decided_by}"
        if now >= self.expires_at:
            return f"request {self.id} expired at {self.expires_at:%Y-%m-%d %H:%M}Z; ask for it again"
        if own:
            return None  # what they confirmed was interrupted, and goes on
        if one_spelling(self.asked_by) == one_spelling(person.name):
            return sentence("replies.request_own", person=person.name)
        return None
