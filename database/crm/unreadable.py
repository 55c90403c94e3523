"""CRM records that exist but cannot be read now, and why: they count as present, never as missing."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, delete, select

from database.statements import chunks, replace_rows
from database.tables import UnreadableRow


def take_unreadable(
    conn: Connection, found: Mapping[str, str], looked_at: Collection[str] | None = None
) -> frozenset[str]:
    """Store the records that a reading could not read, each with the reason; return those for which that changed.

    Any other record that was ``looked_at`` (None: all records, a whole reading) can be read, or is gone. Safe to
    repeat.
    """
    known = {row.id: row.because for row in conn.execute(select(UnreadableRow.id, UnreadableRow.because))}
    mended = {one for one in known if one not in found and (looked_at is None or one in looked_at)}
    fresh = {one for one, because in found.items() if known.get(one) != because}
    for part in chunks(sorted(mended)):
        conn.execute(delete(UnreadableRow).where(UnreadableRow.id.in_(part)))
    for some in chunks(sorted(fresh)):
        replace_rows(conn, UnreadableRow, [{"id": one, "because": found[one]} for one in some])
    return frozenset(mended | fresh)


def reasons(conn: Connection, ids: Collection[str]) -> Mapping[str, str]:
    """Return the reason for each of these ids that cannot be read."""
    found: dict[str, str] = {}
    for part in chunks(sorted(ids)):
        query = select(UnreadableRow.id, UnreadableRow.because).where(UnreadableRow.id.in_(part))
        found.update((row.id, row.because) for row in conn.execute(query))
    return found
