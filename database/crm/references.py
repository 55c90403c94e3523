"""References between CRM records that lead nowhere, as far as they concern an onboarding.

Searched in the stored records, not in one reading: a reading of changes can hold a deal without its owner, and a
reference can be mended by a change of the other record alone.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, SQLColumnExpression, Subquery, and_, or_, select, union

from database.tables import AccountRow, DealRow, OnboardingRow, OwnerRow, PersonRow, StakeholderRow, UnreadableRow
from onboarding.model.vocabulary import LIVE

_LIVE = sorted(status.value for status in LIVE)
ACCOUNT_OF, SELLER, KEEPER, CSM, CONTACT, MANAGER = "account", "seller", "keeper", "csm", "contact", "manager"
SPECIALIST = "specialist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """One reference that leads nowhere: the record that holds it, its kind, and the id of the missing record."""

    kind: str
    """``account``, ``seller``, ``contact`` (of a deal), ``keeper``, ``csm``, ``specialist`` (of an account),
    ``manager`` (of a user)."""
    record: str
    target: str
    said: str = ""
    """The role of a contact, as the CRM spells it."""


def loose(conn: Connection, since: datetime, only_accounts: Collection[str] | None) -> tuple[Loose, ...]:
    """Return all of them, for won deals that may open an onboarding or belong to a live one.

    A record that exists but cannot be read is reported as such, not here.
    """
    deals = _mattering(since, only_accounts).subquery()
    found = [
        Loose(kind=ACCOUNT_OF, record=row.id, target=row.account_id) for row in conn.execute(_without_account(deals))
    ]
    found += _people_of_ours(conn, deals)
    named = (
        select(StakeholderRow.deal_id, StakeholderRow.person_id, StakeholderRow.spelling)
        .join(deals, deals.c.id == StakeholderRow.deal_id)
        .outerjoin(PersonRow, and_(PersonRow.id == StakeholderRow.person_id, PersonRow.gone_at.is_(None)))
        .where(PersonRow.id.is_(None), StakeholderRow.source == "crm", StakeholderRow.gone_at.is_(None))
        .where(_legible(StakeholderRow.person_id))
    )
    found += [
        Loose(kind=CONTACT, record=row.deal_id, target=row.person_id, said=row.spelling) for row in conn.execute(named)
    ]
    return tuple(sorted(set(found), key=lambda one: (one.kind, one.record, one.target, one.said)))


def _mattering(since: datetime, only_accounts: Collection[str] | None) -> Select[Any]:
    """Select won deals in the pilot that wait and are recent enough, or belong to a live onboarding."""
    live = select(OnboardingRow.key).where(OnboardingRow.status.in_(_LIVE))
    waits = and_(DealRow.onboarding_key.is_(None), DealRow.signed_at >= since)
    query = select(DealRow.id, DealRow.account_id, DealRow.seller_id)
    query = query.where(DealRow.won, DealRow.removed_at.is_(None), or_(waits, DealRow.onboarding_key.in_(live)))
    return query if only_accounts is None else query.where(DealRow.account_id.in_(sorted(only_accounts)))


def _without_account(deals: Subquery) -> Select[Any]:
    return (
        select(deals.c.id, deals.c.account_id)
        .outerjoin(AccountRow, and_(AccountRow.id == deals.c.account_id, AccountRow.gone_at.is_(None)))
        .where(AccountRow.id.is_(None), _legible(deals.c.account_id))
    )


def _people_of_ours(conn: Connection, deals: Subquery) -> list[Loose]:
    """Return loose references to users: seller, account owner, CSM, and their managers."""
    customers = select(AccountRow).where(AccountRow.id.in_(select(deals.c.account_id)), AccountRow.gone_at.is_(None))
    kept = customers.subquery()
    named = {
        SELLER: select(deals.c.id, deals.c.seller_id.label("target")),
        KEEPER: select(kept.c.id, kept.c.owner_id.label("target")),
        CSM: select(kept.c.id, kept.c.csm_id.label("target")),
        SPECIALIST: select(kept.c.id, kept.c.specialist_id.label("target")),
    }
    ours = union(*(select(query.subquery().c.target) for query in named.values())).subquery()
    line = union(select(ours.c.target), select(OwnerRow.manager_id).where(OwnerRow.id.in_(select(ours.c.target))))
    reporting = select(OwnerRow.id, OwnerRow.manager_id.label("target"))
    named[MANAGER] = reporting.where(OwnerRow.gone_at.is_(None), OwnerRow.id.in_(select(line.subquery().c[0])))
    found = []
    for kind, query in named.items():
        said = query.subquery()
        there = and_(OwnerRow.id == said.c.target, OwnerRow.gone_at.is_(None))
        missing = select(said.c.id, said.c.target).outerjoin(OwnerRow, there)
        missing = missing.where(said.c.target.is_not(None), OwnerRow.id.is_(None), _legible(said.c.target))
        found += [Loose(kind=kind, record=row.id, target=row.target) for row in conn.execute(missing)]
    return found


def _legible(target: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    return target.not_in(select(UnreadableRow.id))
