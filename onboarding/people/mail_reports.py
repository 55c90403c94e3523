"""Reports of mail providers on addresses, in one form for all providers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReportKind(StrEnum):
    """What happened to an address."""

    BOUNCED = "bounced"
    """It permanently accepts no mail."""
    DELAYED = "delayed"
    """It temporarily accepted no mail: a full mailbox, a server that is down."""
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    RESUBSCRIBED = "resubscribed"
    REACTIVATED = "reactivated"
    """The provider sends to it again after a bounce."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailReport:
    """One event. ``event_id`` is the provider's own, so that a repeat is recognised."""

    source: str
    event_id: str
    kind: ReportKind
    address: str
    at: datetime
    """When it happened, by the provider (UTC)."""


SOFT_BOUNCES = 3
SOFT_BOUNCE_DAYS = 14
"""This many days with a temporary refusal within ``SOFT_BOUNCE_DAYS`` count as a permanent bounce. This project's
choice: providers give up on an address after three to fifteen of them."""
