"""Whole records of an org, read by id or all at once: what cannot be read completely is set aside."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial

from config.company.mapping import KEY, CrmMapping
from integrations.crm import rates, records
from integrations.crm.line_items import LINE_ITEM, PRODUCT, line_item, with_products
from integrations.salesforce.api import soql
from integrations.salesforce.api.session import Session
from integrations.salesforce.findings import ROLE, Findings, Row
from integrations.salesforce.rows import record_id
from integrations.salesforce.schema import ONBOARDING, RATES, SOURCES
from onboarding.facts.currencies import Rates
from onboarding.model.crm_records import (
    CrmAccount,
    CrmBatch,
    CrmContact,
    CrmContactRole,
    CrmDeal,
    CrmOnboarding,
    CrmUser,
)
from onboarding.model.identity import one_line, salesforce_id

DEAL = "006"
"""The prefix of an opportunity's id."""
EARLIER = ("Id", "AccountId", "Name", "CloseDate")
"""The fields of an earlier deal that only shows that its account is an existing customer."""
SIGNED_LATER = timedelta(days=31)
"""How much later than its close date a deal may be signed and still be found by that date. This project's choice."""
MOST_MERGES = 8
"""How often what was merged is followed to what that was merged into: each time reaches twice as far. Our choice."""
Fields = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Questions:
    """The queries for whole records. All methods with queries raise Refused."""

    session: Session
    mapping: CrmMapping
    fields: Fields
    first_day: date | None

    def won(self, prefix: str = "") -> list[str]:
        """Return the conditions for a won and recent deal, on the deal or on an object with it as parent."""
        return [*self._won(prefix), *self._recent(prefix)]

    def all_deals(self, onboarded: Iterable[str]) -> list[Row]:
        """Return the followed deals: won and recent, or won and among the keys of existing onboardings."""
        found = list(self.all("Opportunity", *self.won()))
        older = {key for key in onboarded if key.startswith(DEAL)}.difference(map(record_id, found))
        return found + list(self.by_id("Opportunity", "Id", older, *self._won("")))

    def deals(self, ids: Collection[str]) -> list[Row]:
        """Return those of these deals that are followed."""
        found = list(self.by_id("Opportunity", "Id", ids, *self.won()))
        left = set(ids).difference(map(record_id, found)) if self.first_day else ()
        older = {str(row[KEY]) for row in self.by_id(ONBOARDING, KEY, left)}
        return found + list(self.by_id("Opportunity", "Id", older, *self._won("")))

    def earlier(self, accounts: Collection[str]) -> Iterator[Row]:
        """Yield the won deals of these accounts from before the recent ones, with few fields: an account with one is an
        existing customer."""
        if self.first_day is None or not self.mapping.existing.earlier_deals:
            return
        conditions = (*self._won(""), soql.before_day("CloseDate", self.first_day - SIGNED_LATER))

        def build(part: Sequence[str]) -> str:
            return soql.select(EARLIER, "Opportunity", soql.among("AccountId", part), *conditions)

        for query in soql.in_parts(sorted(accounts), build):
            yield from self.session.query_all(query)

    def users(self, *conditions: str) -> Iterator[Row]:
        """Yield the users who work in the org, without those of customers and partners."""
        standard = [soql.equals("UserType", "Standard")] if "UserType" in self.fields["User"] else []
        return self.all("User", *standard, *conditions)

    def all(self, sobject: str, *conditions: str, order: str = "") -> Iterator[Row]:
        """Yield every record of an object that meets the conditions; none if the org lacks the object."""
        if sobject not in self.fields:
            return iter(())
        return self.session.query_all(soql.select(self.fields[sobject], sobject, *conditions, order=order))

    def by_id(self, sobject: str, name: str, ids: Collection[str], *conditions: str) -> Iterator[Row]:
        """Yield the records whose field ``name`` is one of ``ids``."""
        if sobject not in self.fields:
            return

        def build(part: Sequence[str]) -> str:
            return soql.select(self.fields[sobject], sobject, soql.among(name, part), *conditions)

        for query in soql.in_parts(sorted(ids), build):
            yield from self.session.query_all(query)

    def merged(self) -> dict[str, str]:
        """Return the accounts in the bin that were merged into others, each with the one that is left in the end."""
        if "MasterRecordId" not in self.fields["Account"]:
            return {}
        binned = (soql.equals("IsDeleted", True), soql.is_set("MasterRecordId"))
        query = soql.select(("Id", "MasterRecordId"), "Account", *binned)
        rows = self.session.query_all(query, include_deleted=True)
        found = {record_id(row): salesforce_id(row["MasterRecordId"]) for row in rows}
        for _ in range(MOST_MERGES):
            found = {one: found.get(winner, winner) for one, winner in found.items()}
        return found

    def _won(self, prefix: str) -> list[str]:
        return [
            soql.among(prefix + name, given) if isinstance(given, tuple) else soql.equals(prefix + name, given)
            for name, given in self.mapping.won.items()
        ]

    def _recent(self, prefix: str) -> list[str]:
        return [soql.from_day(f"{prefix}CloseDate", self.first_day - SIGNED_LATER)] if self.first_day else []


@dataclass(slots=True)
class ReadRecords:
    """The records of one read, each once, with what belongs to them: a deal brings its account, that account's
    contacts, its roles and the users who own them."""

    ask: Questions
    found: Findings
    users: dict[str, CrmUser] = field(default_factory=dict)
    accounts: dict[str, CrmAccount] = field(default_factory=dict)
    contacts: dict[str, CrmContact] = field(default_factory=dict)
    deals: dict[str, CrmDeal] = field(default_factory=dict)
    roles: tuple[CrmContactRole, ...] = ()
    onboardings: tuple[CrmOnboarding, ...] = ()

    def batch(self, cursor: str) -> CrmBatch:
        """Return all of it as the batch of a whole read."""
        return CrmBatch(
            users=tuple(self.users.values()),
            accounts=tuple(self.accounts.values()),
            contacts=tuple(self.contacts.values()),
            roles=self.roles,
            deals=tuple(self.deals.values()),
            onboardings=self.onboardings,
            problems=tuple(self.found.problems),
            unreadable=frozenset(self.found.unreadable),
            roles_of=frozenset(self.deals),
            sources=(*SOURCES, *RATES, LINE_ITEM, PRODUCT),
            cursor=cursor,
        )

    def _mark_known(self, ids: Collection[str], earlier: Iterable[Row]) -> None:
        """Mark deals of accounts with an earlier deal as those of existing customers; the earlier deal itself is not
        read."""
        latest: dict[str, tuple[str, str]] = {}
        for row in earlier:
            one = (str(row["CloseDate"]), one_line(str(row["Name"])))
            latest[row["AccountId"]] = max(one, latest.get(row["AccountId"], one))
        for deal in [self.deals[key] for key in ids if key in self.deals]:
            day, name = latest.get(deal.account_id, ("", ""))
            if day and day < deal.close_on.isoformat() and deal.existing is None:
                self.deals[deal.id] = replace(deal, existing=f"{name!r} was signed on {day}")

    def add_users(self, rows: Iterable[Row]) -> None:
        """Add users."""
        self.users |= {one.id: one for one in self.found.take("User", rows, records.user)}

    def add_accounts(self, rows: Iterable[Row]) -> None:
        """Add accounts."""
        self.accounts |= {one.id: one for one in self.found.take("Account", rows, records.account)}

    def add_contacts(self, rows: Iterable[Row]) -> None:
        """Add contacts."""
        self.contacts |= {one.id: one for one in self.found.take("Contact", rows, records.contact)}

    def add_onboardings(self, rows: Iterable[Row]) -> None:
        """Add rows of ``Onboarding__c``."""
        self.onboardings += self.found.take(ONBOARDING, rows, records.onboarding)

    def add_deals(self, rows: Sequence[Row]) -> list[Row]:
        """Add deals with all that belongs to them; return every row that was read."""
        ids = {record_id(row) for row in rows}
        deal = partial(records.deal, rates=self._rates()) if rows else records.deal
        items = list(self.ask.by_id(LINE_ITEM, "OpportunityId", ids))
        read = self.found.take("Opportunity", rows, deal)
        if LINE_ITEM in self.ask.fields or not self.ask.mapping.read.line_item.products:
            read = with_products(read, self.found.take(LINE_ITEM, items, line_item))
        self.deals |= {one.id: one for one in read}
        parts = list(self.ask.by_id(ROLE, "OpportunityId", ids))
        self.roles += self.found.take_roles(parts)
        customers = {str(row["AccountId"]) for row in rows if row["AccountId"]}
        self._mark_known(ids, self.ask.earlier(customers))
        accounts = list(self.ask.by_id("Account", "Id", customers.difference(self.accounts)))
        people = list(self.ask.by_id("Contact", "AccountId", customers))
        named = {part.contact_id for part in self.roles if not part.broken}
        elsewhere = named.difference(map(record_id, people), self.contacts)
        people += self.ask.by_id("Contact", "Id", elsewhere)
        self.add_accounts(accounts)
        self.add_contacts(people)
        owners = {deal.owner_id for deal in self.deals.values()}
        owners |= {owner for one in self.accounts.values() for owner in (one.owner_id, one.csm_id, one.specialist_id)}
        ours = self._read_users(owners)
        ours += self._read_users({one.manager_id for one in self.users.values()})
        return [*rows, *items, *parts, *accounts, *people, *ours]

    def _rates(self) -> Rates:
        """Return the conversion rates. Only an org with several currencies has any."""
        fixed, dated = (list(self.ask.all(name)) for name in RATES)
        return rates.rates(
            self.found.mapping,
            self.found.take(RATES[0], fixed, rates.currency),
            self.found.take(RATES[1], dated, rates.dated),
        )

    def _read_users(self, ids: Collection[str | None]) -> list[Row]:
        """Read those of these users who are not there yet, and return their rows."""
        unknown = {one for one in ids if one}.difference(self.users, self.found.unreadable)
        rows = list(self.ask.by_id("User", "Id", unknown))
        self.add_users(rows)
        return rows
