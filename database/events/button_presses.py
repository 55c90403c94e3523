"""Button presses in Slack, each stored once however often Slack reports it."""

from datetime import datetime

from sqlalchemy import Connection, select

from database.statements import insert_new
from database.tables import InboxRow

SOURCE = "slack"


def take(conn: Connection, event_id: str, kind: str, at: datetime) -> bool:
    """Store this press; return False where it was stored before."""
    row = {"source": SOURCE, "event_id": event_id, "kind": kind, "mark": "", "at": at, "received_at": at}
    return bool(insert_new(conn, InboxRow, [row]))


def taken(conn: Connection, event_id: str) -> bool:
    """Return whether this press is stored."""
    query = select(InboxRow.event_id).where(InboxRow.source == SOURCE, InboxRow.event_id == event_id)
    return conn.execute(query).first() is not None
