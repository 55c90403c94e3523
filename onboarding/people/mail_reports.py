"""What a mail provider reports afterwards of an address, whichever provider it is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReportKind(StrEnum):
    """What became of an address."""

    BOUNCED = "bounced"
    """It takes no mail, for good."""
    DELAYED = "delayed"
    """It took none this time: a full mailbox, a server that is down."""
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    RESUBSCRIBED = "resubscribed"
    REACTIVATED = "reactivated"
    """The provider writes to it again, after a bounce."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailReport:
    """One event. ``event_id`` is the provider's own, so that a repeat is known as one."""

    source: str
    event_id: str
    kind: ReportKind
    address: str
    at: datetime
    """When it happened, as the provider says (UTC)."""


SOFT_BOUNCES = 3
SOFT_BOUNCE_DAYS = 14
"""So many days with a temporary refusal within so long count as a bounce for good. Ours: providers give up on an
address after three to fifteen of them."""
