"""The customers' people: those of the accounts, and whomever a deal names beside them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from config.company.countries import zone_of
from database.crm.unreadable import reasons
from database.tables import AccountRow, PersonRow, StakeholderRow
from onboarding.model.parties import Account, Person, Stakeholder

NOT_THERE = "the CRM shows no contact with this id"


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Read once for a batch of onboardings."""

    at: Mapping[str, tuple[Person, ...]]
    """By account."""
    by_id: Mapping[str, Person]

    homeless: frozenset[str]
    """Those whose own company we know nothing of."""

    def of(self, account: Account, parts: Sequence[Stakeholder]) -> tuple[Person, ...]:
        """The account's people and all who have a part, wherever they belong (a parent, a partner): a CRM lets a deal
        name anybody."""
        mine = {person.id: person for person in self.at.get(account.id, ())}
        named = {part.person_id: self._guest(self.by_id[part.person_id], account) for part in parts}
        return tuple(person for _, person in sorted((named | mine).items()))

    def _guest(self, person: Person, account: Account) -> Person:
        """Where nothing says where they are, they are where the customer is."""
        if person.id not in self.homeless or person.country is not None:
            return person
        return replace(person, zone=account.zone or person.zone, country=account.country)


def read_people(
    conn: Connection, accounts: Mapping[str, Account], parts: Mapping[str, Sequence[Stakeholder]]
) -> People:
    """The people of these accounts and of these parts (by deal). Whom a deal names and the CRM does not show, or not
    legibly, is here too, as somebody who cannot be read."""
    named = {part.person_id for found in parts.values() for part in found}
    invited = select(StakeholderRow.person_id).where(StakeholderRow.deal_id.in_(sorted(parts)))
    query = select(PersonRow).where(PersonRow.account_id.in_(sorted(accounts)) | PersonRow.id.in_(invited))
    rows = conn.execute(query.order_by(PersonRow.id)).all()
    homes = {**_homes(conn, {row.account_id for row in rows}.difference(accounts)), **accounts}
    hidden = reasons(conn, named | {row.id for row in rows})
    at: defaultdict[str, list[Person]] = defaultdict(list)
    by_id: dict[str, Person] = {}
    for row in rows:
        by_id[row.id] = _person(row, homes.get(row.account_id), hidden.get(row.id, ""), named=row.id in named)
        if row.account_id in accounts:
            at[row.account_id].append(by_id[row.id])
    for person_id in sorted(named.difference(by_id)):
        why = hidden.get(person_id, NOT_THERE)
        by_id[person_id] = Person(id=person_id, name=f"Contact {person_id}", unreadable=why)
    homeless = frozenset(by_id).difference(row.id for row in rows if row.account_id in homes)
    return People(at={name: tuple(people) for name, people in at.items()}, by_id=by_id, homeless=homeless)


def _person(row: Row[Any], home: Account | None, hidden: str, *, named: bool) -> Person:
    gone_at: datetime | None = row.gone_at
    return Person(
        id=row.id,
        name=row.name,
        called=row.called,
        email=row.email,
        zone=_zone(row, home),
        country=row.country or (home.country if home else None),
        opted_out=row.opted_out,
        # A contact that vanished from the CRM has left: they are never written to again. One whom a deal
        # still names is no longer shown to us: that says nothing of the person, and nobody takes their place.
        left_on=row.left_on or (gone_at.date() if gone_at and not named else None),
        unreadable=hidden or (NOT_THERE if gone_at and named else ""),
    )


def _homes(conn: Connection, account_ids: Collection[str]) -> Mapping[str, Account]:
    """Country and zone of the accounts at which people of other accounts' deals work."""
    if not account_ids:
        return {}
    query = select(AccountRow.id, AccountRow.name, AccountRow.country, AccountRow.zone)
    rows = conn.execute(query.where(AccountRow.id.in_(sorted(account_ids))))
    return {row.id: Account(id=row.id, name=row.name, country=row.country, zone=row.zone) for row in rows}


def _zone(row: Row[Any], home: Account | None) -> str:
    """A person lives in the zone of their own record, else with their account, unless in another country than it.

    A country with several zones says little: who works for a company in Denver is not written to at seven in the
    morning because most of the country's people live in New York.
    """
    if row.zone:
        return str(row.zone)
    abroad = row.country is not None and (home is None or row.country != home.country)
    return (zone_of(row.country) if abroad else None) or (home.zone if home else None) or "UTC"
