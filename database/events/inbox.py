"""Events of mail providers, each taken in once, however often and in whatever order it arrives."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from database.privacy.pseudonyms import hashes
from database.statements import insert_new
from database.tables import InboxRow
from onboarding.people.mail_reports import MailReport, ReportKind


def take(conn: Connection, reports: Sequence[MailReport], at: datetime) -> list[MailReport]:
    """Store these events; return the new ones in the order in which they happened.

    Of the address only a keyed hash is stored. One by one, because one request may hold the same event twice.
    """
    known = hashes(conn, {report.address for report in reports}, at)
    fresh = []
    for report in sorted(reports, key=lambda one: (one.at, one.event_id)):
        row = {
            "source": report.source,
            "event_id": report.event_id,
            "kind": report.kind.value,
            "mark": known[report.address],
            "at": report.at,
            "received_at": at,
        }
        if insert_new(conn, InboxRow, [row]):
            fresh.append(report)
    return fresh


def days_with(conn: Connection, address: str, kind: ReportKind, until: datetime, days: int) -> int:
    """Return on how many days (UTC) of the last ``days`` this was reported of the address."""
    mark = hashes(conn, [address], until)[address]
    query = select(InboxRow.at).where(InboxRow.mark == mark, InboxRow.kind == kind.value)
    query = query.where(InboxRow.at > until - timedelta(days=days), InboxRow.at <= until)
    return len({at.date() for at in conn.execute(query).scalars()})
