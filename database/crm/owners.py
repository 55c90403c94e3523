"""The vendor's people, read from their rows, and their absences."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, literal, select, update

from database.crm.unreadable import reasons
from database.tables import OwnerRow
from onboarding.model.parties import Absence, AbsenceSource, Owner
from onboarding.people.absences import backups_of

NOT_THERE = "the CRM shows no user with this id"
MANAGERS = 2
"""How many levels of managers a case holds: the manager and the manager's manager."""


def read_owner(row: Row[Any], hidden: str = "") -> Owner:
    """Return one of the vendor's people; ``hidden`` says why the record cannot be read now.

    A user who is gone from the CRM or cannot be read is not active.
    """
    gone = row.gone_at is not None
    return Owner(
        id=row.id,
        name=row.name,
        called=row.called,
        email=row.email,
        active=row.active and not hidden and not gone,
        zone=row.zone,
        country=row.country,
        manager_id=row.manager_id,
        booking_url=row.booking_url,
        backup_id=row.backup_id,
        absences=tuple(_absence(one) for one in row.absences or ()),
        unreadable=hidden or (NOT_THERE if gone else ""),
    )


def unknown_owner(owner_id: str, hidden: str = "") -> Owner:
    """Return a placeholder for a user id that the CRM names without a readable user record."""
    return Owner(id=owner_id, name=f"User {owner_id}", email="", active=False, unreadable=hidden or NOT_THERE)


def in_line(owners: Iterable[Owner], known: Mapping[str, Owner]) -> dict[str, Owner]:
    """Return who covers for these people, or takes over from them, and who does so for those in turn, as far as
    known."""
    found: dict[str, Owner] = {}
    waiting = list(owners)
    while waiting:
        for backup_id in backups_of(waiting.pop()):
            backup = known.get(backup_id)
            if backup is not None and backup_id not in found:
                found[backup_id] = backup
                waiting.append(backup)
    return found


def read_owners(conn: Connection, named: set[str]) -> Mapping[str, Owner]:
    """Return these owners, their managers and their backups by id: one statement, and one more for
    each link in a line of backups that names a person who is not there yet."""
    found, missing = _with_managers(conn, named), named
    while missing := {one for owner in found.values() for one in backups_of(owner)}.difference(found):
        found |= _with_managers(conn, missing)
    return found


def _with_managers(conn: Connection, named: set[str]) -> dict[str, Owner]:
    line = (
        select(OwnerRow.id, OwnerRow.manager_id, literal(0).label("height"))
        .where(OwnerRow.id.in_(sorted(named)))
        .cte("line", recursive=True)
    )
    above = select(OwnerRow.id, OwnerRow.manager_id, line.c.height + 1).where(
        OwnerRow.id == line.c.manager_id, line.c.height < MANAGERS
    )
    line = line.union(above)
    query = select(OwnerRow).where(OwnerRow.id.in_(select(line.c.id)))
    rows = conn.execute(query).all()
    hidden = reasons(conn, named | {row.id for row in rows})
    found = {row.id: read_owner(row, hidden.get(row.id, "")) for row in rows}
    return found | {one: unknown_owner(one, hidden.get(one, "")) for one in sorted(named.difference(found))}


def keep_absences(conn: Connection, owner_id: str, backup_id: str | None, absences: Sequence[Absence]) -> None:
    """Store who covers for a person, and when that person is away, in place of what was stored. Safe to repeat."""
    kept = [_stored(one) for one in absences] or None
    conn.execute(update(OwnerRow).where(OwnerRow.id == owner_id).values(backup_id=backup_id, absences=kept))


def keep_booking_page(conn: Connection, owner_id: str, url: str | None) -> None:
    """Store where calls with a person are booked; None for nowhere. Safe to repeat."""
    conn.execute(update(OwnerRow).where(OwnerRow.id == owner_id).values(booking_url=url))


def _stored(one: Absence) -> dict[str, str]:
    return {
        "since": one.since.isoformat(),
        "back": one.back.isoformat(),
        "source": one.source.value,
        "backup_id": one.backup_id or "",
        "by": one.by,
    }


def _absence(kept: Mapping[str, str]) -> Absence:
    return Absence(
        since=date.fromisoformat(kept["since"]),
        back=date.fromisoformat(kept["back"]),
        source=AbsenceSource(kept["source"]),
        backup_id=kept["backup_id"] or None,
        by=kept["by"],
    )
