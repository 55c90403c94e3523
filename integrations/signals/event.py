"""One event of product usage, as a function of the operator's own yields it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalEvent:
    """One event: the columns of the CSV file. It is checked where first90 takes it in, as a line of that file is.

    Give ``account_id`` (the id in the CRM, 15 or 18 characters) or ``domain``. ``at`` is when it happened; without a
    zone it is UTC.
    """

    signal: str
    at: datetime | str | float
    account_id: str = ""
    domain: str = ""
    user: str = ""
    """The person's address, or the product's id of the person; empty if unknown."""
    role: str = ""
    """The person's role: one of first90's, such as ``end_user``, or a word of the product's."""
    count: int = 1
    id: str = ""
    """The event's own id. Without one, equal events of one read stay as many as they are."""
