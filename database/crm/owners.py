"""The vendor's people, read from their rows, and their absences."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, update

from database.tables import OwnerRow
from onboarding.model.parties import Absence, Owner
from onboarding.model.vocabulary import AbsenceSource

NOT_THERE = "the CRM shows no user with this id"


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


def keep_absences(conn: Connection, owner_id: str, backup_id: str | None, absences: Sequence[Absence]) -> None:
    """Store who covers for a person, and when that person is away, in place of what was stored. Safe to repeat."""
    kept = [_stored(one) for one in absences] or None
    conn.execute(update(OwnerRow).where(OwnerRow.id == owner_id).values(backup_id=backup_id, absences=kept))


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
