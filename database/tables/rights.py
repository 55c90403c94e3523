"""Tables of suppressions, of providers' events on addresses, and of the hashes of erased people."""

from datetime import datetime

from sqlalchemy import Index

from database.tables.columns import Stored, TableRow, instant, string


class SuppressionRow(TableRow, table=True):
    """An address or person that gets no messages on a channel for a purpose, and why."""

    __tablename__ = "suppression"

    # A mail address in lower case, or a person's id: no id has an @.
    subject: Stored[str] = string(primary_key=True)
    channel: Stored[str] = string(primary_key=True)
    purpose: Stored[str] = string(primary_key=True)
    reason: Stored[str] = string(primary_key=True)
    note: Stored[str] = string()
    by: Stored[str] = string()
    at: Stored[datetime] = instant()
    # In force where this is empty or before ``at``, so that reports may come in any order.
    lifted_at: Stored[datetime | None] = instant()


class InboxRow(TableRow, table=True):
    """An event of a provider or of Slack that was taken in."""

    __tablename__ = "inbox"
    __table_args__ = (Index(None, "mark", "kind"),)

    source: Stored[str] = string(primary_key=True)
    event_id: Stored[str] = string(primary_key=True)
    kind: Stored[str] = string()
    # The keyed hash of the address that it is about: enough to count events of one address.
    mark: Stored[str] = string()
    at: Stored[datetime] = instant()
    received_at: Stored[datetime] = instant()


class ForgottenRow(TableRow, table=True):
    """One identifier of a person whose data was erased."""

    __tablename__ = "forgotten"

    # A keyed hash of an address, an id or a name: recognised when the CRM shows it, and not to be turned back.
    mark: Stored[str] = string(primary_key=True)
    by: Stored[str] = string()
    at: Stored[datetime] = instant()
