"""What people asked of us, what providers reported of their addresses, and the marks of who is forgotten."""

from sqlalchemy import Index, Table

from database.tables.columns import metadata, moment, words

SUPPRESSION = Table(
    "suppression",
    metadata,
    # A mail address in lower case, or a person's id: no id has an @.
    words("subject", primary_key=True),
    words("channel", primary_key=True),
    words("purpose", primary_key=True),
    words("reason", primary_key=True),
    words("note"),
    words("by"),
    moment("at", optional=False),
    # Taken back at this moment; it holds where this is empty or before ``at``. So reports may come in any order.
    moment("lifted_at"),
)

INBOX = Table(
    "inbox",
    metadata,
    words("source", primary_key=True),
    words("event_id", primary_key=True),
    words("kind"),
    # Whose address it is about, as a keyed hash: enough to count, and nothing to read.
    words("mark"),
    moment("at", optional=False),
    moment("received_at", optional=False),
    Index(None, "mark", "kind"),
)

FORGOTTEN = Table(
    "forgotten",
    metadata,
    # A keyed hash of an address or an id: known again when the CRM shows it, and not to be read back.
    words("mark", primary_key=True),
    words("by"),
    moment("at", optional=False),
)
