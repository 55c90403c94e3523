"""Our memory of the rows we write to the CRM: what we last wrote or read, for the comparison three ways."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from database.tables import CRM_ROW
from database.writes import chunks, replace_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmRow:
    """One row of ``Onboarding__c`` or ``Onboarding_Milestone__c`` as we know it."""

    key: str
    onboarding_key: str
    values: Mapping[str, str]
    """Field to text, as last written by us or last read from there."""
    conflict: Mapping[str, str] | None = None
    """Fields in which both sides changed, with their text; shown until settled."""


def known_rows(conn: Connection, keys: Collection[str]) -> dict[str, CrmRow]:
    """What we remember of these rows, by key."""
    found: dict[str, CrmRow] = {}
    for part in chunks(sorted(keys)):
        for row in conn.execute(select(CRM_ROW).where(CRM_ROW.c.key.in_(part))):
            found[row.key] = CrmRow(
                key=row.key, onboarding_key=row.onboarding_key, values=row.values, conflict=row.conflict
            )
    return found


def remember_rows(conn: Connection, rows: Iterable[CrmRow], at: datetime) -> None:
    """Remember these rows. Safe to repeat."""
    for part in chunks(rows):
        replace_rows(
            conn,
            CRM_ROW,
            [
                {
                    "key": row.key,
                    "onboarding_key": row.onboarding_key,
                    "values": dict(row.values),
                    "conflict": dict(row.conflict) if row.conflict else None,
                    "at": at,
                }
                for row in part
            ],
        )
