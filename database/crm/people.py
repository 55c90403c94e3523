"""The customers' people: the contacts of the accounts, and the other contacts that deals name."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from config.company.countries import zone_of
from database.crm.unreadable import reasons
from database.tables import AccountRow, PersonRow, StakeholderRow, UnreadableRow
from onboarding.model.parties import Account, Person, ProfileItem, Salutation, Stakeholder
from onboarding.values import dataclass

NOT_THERE = "the CRM shows no contact with this id"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPeople:
    """The people of a batch of onboardings."""

    at: Mapping[str, tuple[Person, ...]]
    """By account id."""
    by_id: Mapping[str, Person]

    without_account: frozenset[str]
    """Ids of people whose own account is unknown."""

    def of(
        self, account: Account, parts: Sequence[Stakeholder], former: Sequence[Stakeholder] = ()
    ) -> tuple[Person, ...]:
        """Return the account's people and all who have a role, whatever their account (a parent, a partner): in a CRM
        a deal can name any contact. Also who had one and is gone since, like the account's own contacts that are gone:
        a new record with their address is of the same person."""
        own = {person.id: person for person in self.at.get(account.id, ())}
        gone = [part for part in former if (one := self.by_id.get(part.person_id)) and one.left_on is not None]
        named = {part.person_id: self._located(self.by_id[part.person_id], account) for part in (*gone, *parts)}
        return tuple(person for _, person in sorted((named | own).items()))

    def _located(self, person: Person, account: Account) -> Person:
        """Return the person with the zone and country of the customer where neither is known of them."""
        if person.id not in self.without_account or person.country is not None:
            return person
        return replace(person, zone=account.zone or person.zone, country=account.country)


def read_people(
    conn: Connection, accounts: Mapping[str, Account], parts: Mapping[str, Sequence[Stakeholder]]
) -> BatchPeople:
    """Return the people of these accounts and of these roles (by deal id). A contact that a deal names and the CRM does
    not show, or not readably, is included as unreadable."""
    named = {part.person_id for found in parts.values() for part in found}
    invited = select(StakeholderRow.person_id).where(StakeholderRow.deal_id.in_(sorted(parts)))
    query = select(PersonRow, UnreadableRow.because).outerjoin(UnreadableRow, UnreadableRow.id == PersonRow.id)
    query = query.where(PersonRow.account_id.in_(sorted(accounts)) | PersonRow.id.in_(invited))
    rows = conn.execute(query.order_by(PersonRow.id)).all()
    homes = {**_homes(conn, {row.account_id for row in rows}.difference(accounts)), **accounts}
    at: defaultdict[str, list[Person]] = defaultdict(list)
    by_id: dict[str, Person] = {}
    for row in rows:
        by_id[row.id] = _person(row, homes.get(row.account_id), row.because or "", named=row.id in named)
        if row.account_id in accounts:
            at[row.account_id].append(by_id[row.id])
    missing = named.difference(by_id)
    hidden = reasons(conn, missing)
    for person_id in sorted(missing):
        why = hidden.get(person_id, NOT_THERE)
        by_id[person_id] = Person(id=person_id, name=f"Contact {person_id}", unreadable=why)
    unknown = frozenset(by_id).difference(row.id for row in rows if row.account_id in homes)
    return BatchPeople(at={name: tuple(people) for name, people in at.items()}, by_id=by_id, without_account=unknown)


def located(conn: Connection, person_id: str) -> tuple[Person, Account] | None:
    """Return a contact with their account, as far as languages and countries go; None if they are not known."""
    row = conn.execute(select(PersonRow).where(PersonRow.id == person_id)).first()
    if row is None:
        return None
    home = _homes(conn, {row.account_id}).get(row.account_id)
    return _person(row, home, "", named=True), home or Account(id=row.account_id, name="")


def _person(row: Row[Any], home: Account | None, hidden: str, *, named: bool) -> Person:
    gone_at: datetime | None = row.gone_at
    return Person(
        id=row.id,
        name=row.name,
        called=row.called,
        family_name=row.family_name,
        salutation=Salutation(row.salutation) if row.salutation else None,
        language=row.language,
        profile={ProfileItem(name): text for name, text in row.profile.items() if name in set(ProfileItem)},
        email=row.email,
        zone=_zone(row, home),
        country=row.country or (home.country if home else None),
        opted_out=row.opted_out,
        # A contact that vanished from the CRM has left and is never written to again. One that a deal still names
        # is only hidden from us: that says nothing of the person, and no other contact replaces them.
        left_on=row.left_on or (gone_at.date() if gone_at and not named else None),
        buyer=row.buyer,
        unreadable=hidden or (NOT_THERE if gone_at and named else ""),
    )


def _homes(conn: Connection, account_ids: Collection[str]) -> Mapping[str, Account]:
    """Return these accounts with country and zone: those of people whom other accounts' deals name."""
    if not account_ids:
        return {}
    query = select(AccountRow.id, AccountRow.name, AccountRow.country, AccountRow.zone, AccountRow.language)
    rows = conn.execute(query.where(AccountRow.id.in_(sorted(account_ids))))
    return {
        row.id: Account(id=row.id, name=row.name, country=row.country, zone=row.zone, language=row.language)
        for row in rows
    }


def _zone(row: Row[Any], home: Account | None) -> str:
    """Return a person's zone: their own, else their account's, else (in another country) that country's, else UTC.

    The account's goes before the country's, because a country can have several zones: a person at a company in Denver
    must not get mails at seven in the morning because most of the country lives by New York's time.
    """
    if row.zone:
        return str(row.zone)
    abroad = row.country is not None and (home is None or row.country != home.country)
    return (zone_of(row.country) if abroad else None) or (home.zone if home else None) or "UTC"
