"""Splits what was read of the CRM into parts that are stored one by one, so that no transaction grows with the CRM."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from onboarding.model.crm_records import CrmAccount, CrmBatch, CrmContact, CrmContactRole, CrmDeal, CrmOnboarding

T = TypeVar("T")
MOST_ROWS = 1000
"""The most records of a part, unless one account has more. Our choice: some 0.06 s of an idle machine."""
_NOTHING_GONE = CrmBatch(complete=False, roles_of=frozenset(), looked_at=frozenset())


class Absent(NamedTuple):
    """What is stored and a whole reading lacks: ids of records of any type, and keys of rows of ``Onboarding__c``."""

    records: Collection[str] = ()
    rows: Collection[str] = ()


def is_large(batch: CrmBatch) -> bool:
    """Return whether a batch has more records than one part may have."""
    records = (batch.users, batch.accounts, batch.contacts, batch.roles, batch.deals, batch.onboardings)
    return sum(map(len, records)) > MOST_ROWS


def parts(batch: CrmBatch, absent: Absent) -> Iterator[CrmBatch]:
    """Yield a batch in parts: the users, then some accounts at a time with their people, deals, the roles in these
    and their onboardings, then what is gone. The last part has the problems.

    An account is never divided, and the person of a role comes with its deal. No part says that it is a whole reading:
    ``absent`` is what a whole one lacks.
    """
    for users in _pieces(batch.users):
        yield replace(_NOTHING_GONE, users=tuple(users))
    groups = _Groups(batch)
    for accounts in groups.in_parts():
        yield groups.part(accounts)
    gone = [*sorted(batch.gone), *sorted(absent.records)]
    for some in _pieces(gone):
        yield replace(_NOTHING_GONE, gone=frozenset(some))
    yield replace(
        batch,
        users=(),
        accounts=(),
        contacts=(),
        deals=(),
        roles=tuple(role for role in batch.roles if role.broken),
        onboardings=tuple(groups.onboardings[""]),
        complete=False,
        roles_of=frozenset(),
        gone=frozenset(),
        gone_rows=batch.gone_rows.union(absent.rows),
    )


def _pieces(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[start : start + MOST_ROWS] for start in range(0, len(values), MOST_ROWS))


class _Groups:
    """The records of a batch by account; the key of those without one is empty."""

    def __init__(self, batch: CrmBatch) -> None:
        self._roles_of = batch.roles_of
        self._people = {one.id: one for one in batch.contacts}
        self._accounts = {one.id: one for one in batch.accounts}
        self._contacts: defaultdict[str, list[CrmContact]] = defaultdict(list)
        for contact in batch.contacts:
            self._contacts[contact.account_id or ""].append(contact)
        self._deals: defaultdict[str, list[CrmDeal]] = defaultdict(list)
        for deal in batch.deals:
            self._deals[deal.account_id].append(deal)
        self._roles: defaultdict[str, list[CrmContactRole]] = defaultdict(list)
        for role in batch.roles:
            self._roles[role.deal_id].append(role)
        self.onboardings: defaultdict[str, list[CrmOnboarding]] = defaultdict(list)
        account_of = {deal.id: deal.account_id for deal in batch.deals}
        for row in batch.onboardings:
            self.onboardings[row.account_id or account_of.get(row.key, "")].append(row)

    def in_parts(self) -> Iterator[list[str]]:
        """Yield account ids, so many at a time as make a part."""
        accounts, rows = list[str](), 0
        for account in sorted({*self._accounts, *self._contacts, *self._deals, *self.onboardings} - {""}):
            size = self._size(account)
            if accounts and rows + size > MOST_ROWS:
                yield accounts
                accounts, rows = [], 0
            accounts.append(account)
            rows += size
        if accounts:
            yield accounts
        if self._contacts[""] or self._deals[""]:
            yield [""]

    def part(self, ids: Sequence[str]) -> CrmBatch:
        """Return the part of these accounts, but for onboardings without one."""
        deals = tuple(deal for one in ids for deal in self._deals.get(one, ()))
        roles = tuple(role for deal in deals for role in self._roles.get(deal.id, ()))
        contacts = {contact.id: contact for one in ids for contact in self._contacts.get(one, ())}
        named = {role.contact_id for role in roles}.intersection(self._people)
        contacts |= {one: self._people[one] for one in sorted(named.difference(contacts))}
        readable = None if self._roles_of is None else self._roles_of.intersection(deal.id for deal in deals)
        return replace(
            _NOTHING_GONE,
            accounts=tuple(self._known(ids)),
            contacts=tuple(contacts.values()),
            deals=deals,
            roles=roles,
            roles_of=readable,
            onboardings=tuple(row for one in ids if one for row in self.onboardings.get(one, ())),
        )

    def _known(self, ids: Iterable[str]) -> Iterator[CrmAccount]:
        return (self._accounts[one] for one in ids if one in self._accounts)

    def _size(self, account: str) -> int:
        held: tuple[Mapping[str, Sequence[object]], ...] = (self._contacts, self._deals, self.onboardings)
        roles = sum(len(self._roles.get(deal.id, ())) for deal in self._deals.get(account, ()))
        return 1 + roles + sum(len(one.get(account, ())) for one in held)
