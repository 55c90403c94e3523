"""Which records of the CRM are there but cannot be read now, and why: they count as named, never as absent."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, delete, select

from database.statements import chunks, replace_rows
from database.tables import UnreadableRow


def take_unreadable(
    conn: Connection, found: Mapping[str, str], looked_at: Collection[str] | None = None
) -> frozenset[str]:
    """Keep the records that a read could not make out, each with the reason; answers those for which that is news.

    Of the records that were ``looked_at`` (None: a whole read, of all) the others can be read, or are gone. Safe to
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
    """Why these cannot be read, as far as they cannot."""
    found: dict[str, str] = {}
    for part in chunks(sorted(ids)):
        query = select(UnreadableRow.id, UnreadableRow.because).where(UnreadableRow.id.in_(part))
        found.update((row.id, row.because) for row in conn.execute(query))
    return found
