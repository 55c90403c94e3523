"""What people asked of us, what providers reported of their addresses, and the hashes of who is forgotten."""

from datetime import datetime

from sqlalchemy import Index

from database.tables.columns import Stored, TableRow, instant, string


class SuppressionRow(TableRow, table=True):
    """Whom we may not write to, on which channel and for which purpose."""

    __tablename__ = "suppression"

    # A mail address in lower case, or a person's id: no id has an @.
    subject: Stored[str] = string(primary_key=True)
    channel: Stored[str] = string(primary_key=True)
    purpose: Stored[str] = string(primary_key=True)
    reason: Stored[str] = string(primary_key=True)
    note: Stored[str] = string()
    by: Stored[str] = string()
    at: Stored[datetime] = instant()
    # Taken back at this moment; it holds where this is empty or before ``at``. So reports may come in any order.
    lifted_at: Stored[datetime | None] = instant()


class InboxRow(TableRow, table=True):
    """An event from outside that was taken."""

    __tablename__ = "inbox"
    __table_args__ = (Index(None, "mark", "kind"),)

    source: Stored[str] = string(primary_key=True)
    event_id: Stored[str] = string(primary_key=True)
    kind: Stored[str] = string()
    # Whose address it is about, as a keyed hash: enough to count, and nothing to read.
    mark: Stored[str] = string()
    at: Stored[datetime] = instant()
    received_at: Stored[datetime] = instant()


class ForgottenRow(TableRow, table=True):
    """Somebody whose data was erased."""

    __tablename__ = "forgotten"

    # A keyed hash of an address or an id: known again when the CRM shows it, and not to be read back.
    mark: Stored[str] = string(primary_key=True)
    by: Stored[str] = string()
    at: Stored[datetime] = instant()
