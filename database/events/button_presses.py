"""Buttons that were pressed, each heard once however often it is told."""

from datetime import datetime

from sqlalchemy import Connection

from database.statements import insert_new
from database.tables import InboxRow

SOURCE = "slack"


def take(conn: Connection, event_id: str, kind: str, at: datetime) -> bool:
    """Keep that this press came; False where it was kept before."""
    row = {"source": SOURCE, "event_id": event_id, "kind": kind, "mark": "", "at": at, "received_at": at}
    return bool(insert_new(conn, InboxRow, [row]))
