"""Stores CRM records in sets; a record that did not change costs no write.

Each ``take_`` function returns the ids that are new or changed. A record that is missing in a whole reading is gone:
its row stays and is marked, because history refers to it.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.orm import InstrumentedAttribute

from database.statements import chunks, replace_rows
from database.tables import AccountRow, DealRow, OwnerRow, PersonRow, dump
from onboarding.model.crm_records import CrmAccount, CrmContact, CrmDeal, CrmUser
from onboarding.model.identity import one_spelling
from onboarding.model.vocabulary import HandoffItem

ZoneOf = Callable[[str | None], str | None]
"""A function that returns the time zone of a country, where one zone stands for it."""
CrmTable = type[OwnerRow] | type[AccountRow] | type[PersonRow] | type[DealRow]
Moment = InstrumentedAttribute[datetime | None]


def take_users(
    conn: Connection,
    users: Iterable[CrmUser],
    zone_of: ZoneOf,
    booking_page: Callable[[str], str | None] = lambda email: None,
) -> frozenset[str]:
    """Store the vendor's users, addresses in canonical spelling; ``booking_page`` returns where calls with the user of
    an address are booked."""
    rows = {
        user.id: {
            "id": user.id,
            "name": user.name,
            "called": user.called,
            "email": one_spelling(user.email),
            "active": user.active,
            "zone": user.zone or zone_of(user.country) or "UTC",
            "country": user.country,
            "manager_id": user.manager_id,
            "booking_url": booking_page(user.email),
        }
        for user in users
    }
    return _take(conn, OwnerRow, OwnerRow.gone_at, rows)


def take_accounts(conn: Connection, accounts: Iterable[CrmAccount], zone_of: ZoneOf) -> frozenset[str]:
    """Store the customers' accounts."""
    rows = {
        account.id: {
            "id": account.id,
            "name": account.name,
            "country": account.country,
            "zone": account.zone or zone_of(account.country),
            "domain": account.domain.lower() if account.domain else None,
            "industry": account.industry,
            "tier": account.tier,
            "unknown_tier": account.unknown_tier,
            "csm_id": account.csm_id,
            "specialist_id": account.specialist_id,
            "owner_id": account.owner_id,
            "churned_on": account.churned_on,
            "language": account.language,
            "fields": dict(account.fields),
        }
        for account in accounts
    }
    return _take(conn, AccountRow, AccountRow.gone_at, rows)


def take_contacts(conn: Connection, contacts: Iterable[CrmContact]) -> frozenset[str]:
    """Store the customers' people; the zone only where their own record names one."""
    rows = {
        contact.id: {
            "id": contact.id,
            "account_id": contact.account_id or "",
            "name": contact.name,
            "called": contact.called,
            "family_name": contact.family_name,
            "salutation": contact.salutation.value if contact.salutation else None,
            "language": contact.language,
            "email": contact.email,
            "title": contact.title,
            "zone": contact.zone,
            "country": contact.country,
            "opted_out": contact.opted_out,
            "left_on": contact.left_on,
            "profile": dict(contact.profile),
            "buyer": contact.buyer,
        }
        for contact in contacts
    }
    return _take(conn, PersonRow, PersonRow.gone_at, rows)


def newly_left(conn: Connection, contacts: Iterable[CrmContact]) -> dict[str, date]:
    """Return who left their company since they were last stored, and when. Call it before ``take_contacts``."""
    left = {contact.id: contact.left_on for contact in contacts if contact.left_on is not None}
    still_there: set[str] = set()
    for part in chunks(sorted(left)):
        query = select(PersonRow.id).where(PersonRow.id.in_(part), PersonRow.left_on.is_(None))
        still_there.update(conn.execute(query).scalars())
    return {person: day for person, day in left.items() if person in still_there}


def take_deals(conn: Connection, deals: Iterable[CrmDeal], at: datetime) -> frozenset[str]:
    """Store the deals. A handoff or kickoff date in the first reading counts as there since the signature; products
    that are not known now stay those of the last reading."""
    wanted = {deal.id: deal for deal in deals}
    kept = (DealRow.handoff_seen_at, DealRow.kickoff_seen_at, DealRow.products)
    stored = _stored(conn, DealRow, DealRow.removed_at, wanted, *kept)
    rows = {deal.id: _deal(deal, stored.get(deal.id), at) for deal in wanted.values()}
    return _write(conn, DealRow, DealRow.removed_at, rows, stored)


def mark_missing(conn: Connection, kind: type[Any], present: Collection[str], at: datetime) -> frozenset[str]:
    """Mark the records of a type (``CrmDeal`` and so on) that a whole reading lacked as gone; return their ids.

    ``present`` holds all ids of the reading, unreadable records included.
    """
    return mark_gone(conn, kind, missing(conn, kind, present), at)


def missing(conn: Connection, kind: type[Any], present: Collection[str]) -> set[str]:
    """Return the ids of stored records of a type that are not marked as gone and not ``present``."""
    table, column = _GONE[kind]
    known = conn.execute(select(table.id).where(column.is_(None))).scalars()
    return {one for one in known if one not in present}


def mark_gone(conn: Connection, kind: type[Any], ids: Collection[str], at: datetime) -> frozenset[str]:
    """Mark those of ``ids`` as gone that are records of this type and not marked yet; return them. Safe to repeat."""
    table, column = _GONE[kind]
    gone: set[str] = set()
    for part in chunks(sorted(ids)):
        statement = update(table).where(table.id.in_(part), column.is_(None)).values({column: at})
        gone.update(conn.execute(statement.returning(table.id)).scalars())
    return frozenset(gone)


_GONE: Mapping[type[Any], tuple[CrmTable, Moment]] = {
    CrmUser: (OwnerRow, OwnerRow.gone_at),
    CrmAccount: (AccountRow, AccountRow.gone_at),
    CrmContact: (PersonRow, PersonRow.gone_at),
    CrmDeal: (DealRow, DealRow.removed_at),
}


def _take(conn: Connection, table: CrmTable, gone: Moment, rows: Mapping[str, dict[str, Any]]) -> frozenset[str]:
    return _write(conn, table, gone, rows, _stored(conn, table, gone, rows))


def _stored(
    conn: Connection, table: CrmTable, gone: Moment, ids: Iterable[str], *more: InstrumentedAttribute[Any]
) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for part in chunks(ids):
        query = select(table.id, table.digest, gone.label("gone"), *more)
        found |= {row.id: row for row in conn.execute(query.where(table.id.in_(part)))}
    return found


def _write(
    conn: Connection,
    table: CrmTable,
    gone: Moment,
    rows: Mapping[str, dict[str, Any]],
    stored: Mapping[str, Row[Any]],
) -> frozenset[str]:
    changed = []
    for key, row in rows.items():
        digest = hashlib.sha256(dump(row).encode()).hexdigest()[:32]
        known = stored.get(key)
        if known is None or known.digest != digest or known.gone is not None:
            changed.append(row | {"digest": digest, gone.key: None})
    for part in chunks(changed):
        replace_rows(conn, table, part)
    return frozenset(row["id"] for row in changed)


ALIKE = (
    *("id", "account_id", "name", "won", "stage_name", "signed_at", "close_on", "amount", "price", "existing", "seats"),
    *("product", "goal_values", "kickoff_at", "go_live_on"),
)
"""What a stored deal and the CRM's record of it have under the same name."""


def _deal(deal: CrmDeal, known: Row[Any] | None, at: datetime) -> dict[str, Any]:
    first_seen = deal.signed_at if known is None else at
    whole = all(deal.handoff.get(item, "").strip() for item in HandoffItem)
    handoff_seen_at = (known.handoff_seen_at if known else None) or (first_seen if whole else None)
    kickoff_seen_at = (known.kickoff_seen_at if known else None) or first_seen
    products: Iterable[str] = known.products if deal.products is None and known else deal.products or ()
    return {
        **{name: getattr(deal, name) for name in ALIKE},
        "seller_id": deal.owner_id,
        "products": list(products),
        "fields": dict(deal.fields),
        "handoff": {item.value: said for item, said in deal.handoff.items()},
        "handoff_seen_at": handoff_seen_at,
        "kickoff_seen_at": kickoff_seen_at if deal.kickoff_at else None,
    }


def read_record(row: Row[Any]) -> CrmDeal:
    """Return a stored deal as the CRM's record."""
    return CrmDeal(
        **{name: getattr(row, name) for name in ALIKE},
        owner_id=row.seller_id,
        products=tuple(row.products),
        fields=row.fields,
        handoff={HandoffItem(item): said for item, said in row.handoff.items()},
    )
