"""Changes in an org since a cursor: a few queries, whatever the size of the org, and the details of what they name."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from config.company.mapping import KEY
from integrations.crm.line_items import LINE_ITEM
from integrations.salesforce.api import soql
from integrations.salesforce.cursor import Cursor
from integrations.salesforce.findings import Findings, Row, unread_contact
from integrations.salesforce.reading import Questions, ReadRecords
from integrations.salesforce.rows import record_id
from integrations.salesforce.schema import ONBOARDING
from onboarding.model.crm_records import CrmBatch
from onboarding.model.identity import salesforce_id

ORDER = "SystemModstamp, Id"


@dataclass(slots=True)
class Delta:
    """One read of changes. Raises RequestRefused; the cursor only moves if the whole read came to its end."""

    ask: Questions
    cursor: Cursor
    gone: set[str] = field(default_factory=set)
    merged: dict[str, str] = field(default_factory=dict)

    def read(self) -> CrmBatch:
        """Return everything that changed, with what a whole read would return of it."""
        since = [soql.since("SystemModstamp", self.cursor.since)] if self.cursor.since else []
        touched = list(self._with_deleted("Opportunity", *since))
        self.cursor.begin(touched)
        deals = {record_id(row) for row in self.cursor.fresh(touched)}
        parts = self.cursor.fresh(self._with_deleted("OpportunityContactRole", *since))
        items = self.cursor.fresh(self._with_deleted(LINE_ITEM, *since) if LINE_ITEM in self.ask.fields else ())
        deals |= {salesforce_id(row["OpportunityId"]) for row in (*parts, *items)}
        binned = list(self._ids("Account", soql.equals("IsDeleted", True), *since))
        accounts = self.cursor.fresh(self._ours("Account", "Id", *since))
        self._record_gone(binned)
        all_people = list(self._ids("Contact", *since))
        people = {record_id(row): row for row in self._ours("Contact", "AccountId", *since)}
        people |= {record_id(row): row for row in self.ask.all("Contact", *since, self._with_a_role(), order=ORDER)}
        contacts = self.cursor.fresh(people.values())
        # Queried first: a contact that is not among the customers' afterwards was deleted, or moved to another account.
        self._record_gone(row for row in all_people if record_id(row) not in people)
        deals |= self._of_merged()
        users = self.cursor.fresh(self.ask.users(*since))
        rows = self.cursor.fresh(self._with_deleted(ONBOARDING, *since) if ONBOARDING in self.ask.fields else ())
        if not any((deals, accounts, contacts, users, rows, self.gone)):
            return CrmBatch(cursor=self.cursor.text(), unchanged=True)
        return self._batch(deals, parts, accounts, contacts, users, rows)

    def _batch(
        self,
        deals: set[str],
        parts: Sequence[Row],
        accounts: Sequence[Row],
        contacts: Sequence[Row],
        users: Sequence[Row],
        rows: Sequence[Row],
    ) -> CrmBatch:
        found = Findings(self.ask.mapping)
        portfolio = ReadRecords(self.ask, found)
        portfolio.add_users(users)
        portfolio.add_accounts(accounts)
        portfolio.add_contacts(contacts)
        there = self.ask.deals(deals)
        self.cursor.fresh(portfolio.add_deals(there))
        portfolio.add_onboardings(row for row in rows if not row.get("IsDeleted"))
        self.gone |= deals.difference(map(record_id, there))
        found.looked_at |= self.gone | {record_id(row) for row in (*parts, *rows)}
        found.looked_at |= {unread_contact(record_id(row)) for row in parts}
        return replace(
            portfolio.batch(self.cursor.text()),
            complete=False,
            gone=frozenset(self.gone.difference(portfolio.accounts, portfolio.contacts)),
            gone_rows=frozenset(str(row[KEY]) for row in rows if row.get("IsDeleted") and row[KEY]),
            merged=dict(self.merged),
            looked_at=frozenset(found.looked_at),
        )

    def _with_deleted(self, sobject: str, *since: str) -> Iterator[dict[str, Any]]:
        """Yield the changed records of an object, deleted ones included, with all fields, by which the cursor knows a
        version."""
        query = soql.select((*self.ask.fields[sobject], "IsDeleted"), sobject, *since, order=ORDER)
        return self.ask.session.query_all(query, include_deleted=True)

    def _ours(self, sobject: str, name: str, *since: str) -> Iterator[Row]:
        """Yield the changed records of the accounts with deals, or of their contacts."""
        ours = soql.within(name, soql.select(("AccountId",), "Opportunity", *self.ask.won()))
        return self.ask.all(sobject, *since, ours, order=ORDER)

    def _ids(self, sobject: str, *conditions: str) -> Iterator[Row]:
        """Yield ids and stamps, of deleted records too, and for merged records the id of the surviving one."""
        winner = ("MasterRecordId",) if "MasterRecordId" in self.ask.fields[sobject] else ()
        query = soql.select(("Id", "SystemModstamp", "IsDeleted", *winner), sobject, *conditions, order=ORDER)
        return self.ask.session.query_all(query, include_deleted=True)

    def _record_gone(self, rows: Iterable[Row]) -> None:
        """Record rows as gone, and merged ones with the surviving record."""
        for row in self.cursor.fresh(rows):
            self.gone.add(record_id(row))
            if row.get("MasterRecordId"):
                self.merged[record_id(row)] = salesforce_id(row["MasterRecordId"])

    def _with_a_role(self) -> str:
        """Return the condition for contacts with a role in a won deal, whatever their account."""
        query = soql.select(("ContactId",), "OpportunityContactRole", *self.ask.won("Opportunity."))
        return soql.within("Id", query)

    def _of_merged(self) -> set[str]:
        """Return the deals of the surviving records of merges, because not every org stamps what a merge moved."""
        if not self.merged:
            return set()
        winners = set(self.merged.values())
        deals = {record_id(row) for row in self.ask.by_id("Opportunity", "AccountId", winners, *self.ask.won())}
        parts = self.ask.by_id("OpportunityContactRole", "ContactId", winners)
        return deals | {salesforce_id(row["OpportunityId"]) for row in parts}
