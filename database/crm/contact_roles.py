"""Stores the contact roles of deals: who is in the stakeholder map, and since when."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from database.statements import chunks, replace_rows
from database.tables import StakeholderRow
from onboarding.model.crm_records import CrmContactRole
from onboarding.model.vocabulary import CustomerRole
from onboarding.newcomers.joining import earlier


def take_roles(
    conn: Connection,
    roles: Iterable[CrmContactRole],
    deal_ids: Collection[str],
    role_of: Callable[[CrmContactRole], CustomerRole | None],
    at: datetime,
) -> frozenset[str]:
    """Store all contact roles of these deals as read at ``at`` (UTC); return the deals whose stakeholder map changed.

    A role of one of ``deal_ids`` that is not among ``roles`` is gone: its row stays and is marked. Leave a deal out of
    ``deal_ids`` where one of its roles could not be read. Safe to repeat.
    """
    wanted = {
        (role.deal_id, role.contact_id, role.role): {
            "deal_id": role.deal_id,
            "person_id": role.contact_id,
            "spelling": role.role,
            "role": known.value if (known := role_of(role)) else None,
            "is_primary": role.primary,
            "source": "crm",
            "gone_at": None,
        }
        for role in roles
        if role.deal_id in deal_ids
    }
    stored: dict[tuple[str, str, str], dict[str, Any]] = {}
    seen: dict[tuple[str, str], datetime | None] = {}
    for part in chunks(sorted(deal_ids)):
        for row in conn.execute(select(StakeholderRow).where(StakeholderRow.deal_id.in_(part))):
            person = (row.deal_id, row.person_id)
            stored[*person, row.spelling] = dict(row._mapping)
            seen[person] = earlier(row.seen_at, seen.get(person, row.seen_at))
    fresh = [
        row | {"seen_at": seen.get(key[:2], at)}
        for key, row in wanted.items()
        if {name: value for name, value in stored.get(key, {}).items() if name != "seen_at"} != row
    ]
    gone = [row | {"gone_at": at} for key, row in stored.items() if key not in wanted and row["gone_at"] is None]
    for rows in chunks([*fresh, *gone]):
        replace_rows(conn, StakeholderRow, rows)
    return frozenset(row["deal_id"] for row in (*fresh, *gone))
