"""Read a CRM folder: the records of every file, and what could not be read with its place and reason."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from config.company.mapping import KEY, CrmMapping
from integrations.crm import rates as crm_rates
from integrations.crm import records as crm_records
from integrations.crm.cells import CellError, Cells
from integrations.crm.milestones import milestone_or_added
from integrations.csv_crm.capitals import Capitals
from integrations.csv_crm.files import COLUMNS, NEEDED, check_columns, check_files
from integrations.csv_crm.formats import BOM
from integrations.csv_crm.line_items import sold
from integrations.csv_crm.tables import CsvRow, CsvTable, parse, read_files
from onboarding.facts.currencies import Rates
from onboarding.model.crm_records import CrmBatch, CrmContactRole, CrmOnboarding, HalfDeal, MilestoneBatch, Problem
from onboarding.model.identity import salesforce_id

DEALS = "Opportunity.csv"
ROLES = "OpportunityContactRole.csv"
MILESTONES = "Onboarding_Milestone__c.csv"
RECORDS = tuple(name for name in COLUMNS if name != MILESTONES)
RATES = ("CurrencyType.csv", "DatedConversionRate.csv")
REFERENCES = ("AccountId", "ContactId", "OpportunityId", "OwnerId", "ManagerId")
READING = "9"
"""Part of the cursor: increase it when the same files would give other records than before."""

Record = TypeVar("Record")


def read_folder(folder: Path, mapping: CrmMapping, cursor: str | None) -> CrmBatch:
    """Return everything in the folder, or ``unchanged`` if file contents and mapping are those of the cursor.

    Raise UnusableSource if a file is missing or of another kind, or a required column is missing; Unreachable if the
    files cannot be read now.
    """
    files = read_files(folder, RECORDS)
    check_files(folder, files, NEEDED)
    fresh = cursor_of(folder, files, mapping)
    if fresh == cursor:
        return CrmBatch(cursor=fresh, unchanged=True)
    reading = _FolderRead(mapping, files)
    users = reading.records("User.csv", crm_records.user, lambda found: found.id)
    accounts = reading.records("Account.csv", crm_records.account, lambda found: found.id)
    deal = partial(crm_records.deal, rates=reading.rates())
    deals = reading.records(DEALS, deal, lambda found: found.id)
    bought = sold(deals, reading.tables, mapping)
    roles = reading.roles({deal.id for deal in deals} | reading.unreadable[DEALS])
    named = {part.contact_id for part in roles}
    contacts = reading.records("Contact.csv", crm_records.contact, lambda found: found.id)
    onboardings = reading.onboardings()
    return CrmBatch(
        users=users,
        accounts=accounts,
        # A contact without an account counts only if a deal names it.
        contacts=tuple(one for one in contacts if one.account_id or one.id in named),
        roles=roles,
        deals=bought.deals,
        onboardings=onboardings,
        problems=(*reading.problems, *bought.problems),
        unreadable=bought.unreadable.union(*reading.unreadable.values()),
        half_read=tuple(reading.half_read),
        complete=reading.complete,
        # If a role could not be read, none may count as gone, except in deals with readable roles.
        roles_of=None
        if reading.complete
        else frozenset({deal.id for deal in deals} & {part.deal_id for part in roles}),
        sources=RECORDS,
        cursor=fresh,
    )


def read_milestones(folder: Path, mapping: CrmMapping, cursor: str | None) -> MilestoneBatch:
    """Return all milestone rows, or ``unchanged`` if file and mapping are those of the cursor. Raise Unreachable."""
    files = read_files(folder, (MILESTONES,))
    fresh = cursor_of(folder, files, mapping)
    if fresh == cursor:
        return MilestoneBatch(cursor=fresh, unchanged=True)
    reading = _FolderRead(mapping, files)
    return MilestoneBatch(
        milestones=reading.records(MILESTONES, milestone_or_added, lambda found: found.key),
        problems=tuple(reading.problems),
        sources=(MILESTONES,),
        cursor=fresh,
    )


def cursor_of(folder: Path, files: Mapping[str, bytes], mapping: CrmMapping) -> str:
    """Return the cursor of files with this content. It includes the folder, because another folder may lack first90's
    rows whatever it holds."""
    digest = hashlib.sha256(f"{READING}\n{folder}\n{mapping.fingerprint}\n".encode())
    for name, content in sorted(files.items()):
        digest.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()


def _references(mapping: CrmMapping) -> tuple[str, ...]:
    """Return the columns that refer to a record."""
    account = mapping.written("Onboarding__c").get("Account__c")
    ours = [mapping.read.account.csm, (account.field or "Account__c") if account else None, KEY]
    return (*REFERENCES, *(name for name in ours if name))


def _role_identity(found: CrmContactRole) -> str:
    return f"{found.deal_id}:{found.contact_id}:{found.role.casefold()}:{found.primary}"


class _FolderRead:
    """The state of one read."""

    def __init__(self, mapping: CrmMapping, files: dict[str, bytes]) -> None:
        self.mapping = mapping
        self.tables = {
            name: parse(name, content) for name, content in files.items() if content.removeprefix(BOM).strip()
        }
        self.capitals = Capitals(_references(mapping))
        self.capitals.learn(self.tables.values())
        self.problems: list[Problem] = []
        self.unreadable: defaultdict[str, set[str]] = defaultdict(set)
        """By file, because an onboarding's row has the id of its deal and is valid even if the deal is not."""
        self.complete = True
        self.broken_parts: list[tuple[CsvTable, CsvRow, str]] = []
        self.half_read: list[HalfDeal] = []

    def records(
        self,
        name: str,
        build: Callable[[Cells, CrmMapping], Record | None],
        identity: Callable[[Record], str],
    ) -> tuple[Record, ...]:
        """Return the records of one file. A row that cannot be read completely is reported and set aside.

        A missing (or wholly empty) file has no records. Two equal rows are one; two different rows with one id are both
        set aside, because it is unknown which is true.
        """
        table = self.tables.get(name)
        if table is None:
            return ()
        check_columns(table)
        found: dict[str, Record] = {}
        for row in table.rows:
            record = self._record(table, row, build)
            if record is None:
                continue
            key = identity(record)
            if key in self.unreadable[name] or found.get(key, record) != record:
                found.pop(key, None)
                self._set_aside(table, row, COLUMNS[name][0], "stands here more than once with different content")
            else:
                found[key] = record
        return tuple(found.values())

    def rates(self) -> Rates:
        """Return the conversion rates, by the mapping and by the CRM's own files if they exist."""
        fixed = self.records("CurrencyType.csv", crm_rates.currency, lambda found: found.code)
        dated = self.records("DatedConversionRate.csv", crm_rates.dated, lambda found: f"{found.code} {found.since}")
        return crm_rates.rates(self.mapping, fixed, dated)

    def onboardings(self) -> tuple[CrmOnboarding, ...]:
        """Return the rows of ``Onboarding__c``; an unreadable row still counts as an onboarding."""
        name = "Onboarding__c.csv"
        found = self.records(name, crm_records.onboarding, lambda record: record.key)
        return (*found, *(CrmOnboarding(key=key, fields={}) for key in sorted(self.unreadable[name])))

    def roles(self, deals: Collection[str]) -> tuple[CrmContactRole, ...]:
        """Return the contact roles of deals; an unreadable row still counts as a person with a role."""
        found = self.records(ROLES, crm_records.role, _role_identity)
        broken = []
        for table, row, because in self.broken_parts:
            deal_id = next((one for one in map(_id, row.raw) if one in deals), None)
            if deal_id is not None:
                place = f"of {_place(table, row)} in {ROLES}"
                role = "" if row.broken else row.cells.values.get("role", "").strip()
                broken.append(CrmContactRole(deal_id=deal_id, contact_id=place, role=role, broken=because))
        return (*found, *broken)

    def _record(
        self, table: CsvTable, row: CsvRow, build: Callable[[Cells, CrmMapping], Record | None]
    ) -> Record | None:
        if row.broken:
            self.complete = self.complete and row.whole
            self._set_aside(table, row, "", row.broken)
            return None
        try:
            if row.cells.flag("IsDeleted"):
                return None
            self.capitals.check(row)
            record = build(row.cells, self.mapping)
        except CellError as error:
            if not self._is_lost(table, row):
                self._set_aside(table, row, error.field, error.problem)
            return None
        for field, problem in crm_records.notes(record, row.cells, self.mapping):
            self._note(table, row, field, problem)
        return record

    def _is_lost(self, table: CsvTable, row: CsvRow) -> bool:
        """Return whether it is a deal that is certainly not won, whose other cells do not matter. The readable parts of
        other deals are kept."""
        if table.name != DEALS:
            return False
        half = crm_records.half_deal(_place(table, row), row.cells, self.mapping)
        if half.won is not False:
            self.half_read.append(half)
        return half.won is False

    def _set_aside(self, table: CsvTable, row: CsvRow, field: str, problem: str) -> None:
        key = _key(table, row)
        if table.name == ROLES:
            self.broken_parts.append((table, row, f"{field} {problem}".strip()))
        if key is not None:
            self.unreadable[table.name].add(key)
        if table.name in RATES:
            return self._note(table, row, field, problem)
        if key is None or table.name == ROLES:
            # The row exists but its record is unknown, so no record may count as gone.
            self.complete = False
        self._note(table, row, field, problem)

    def _note(self, table: CsvTable, row: CsvRow, field: str, problem: str) -> None:
        self.problems.append(Problem(source=table.name, record=_place(table, row), field=field, problem=problem))


def _id(text: str) -> str | None:
    try:
        return salesforce_id(text)
    except ValueError:
        return None


def _place(table: CsvTable, row: CsvRow) -> str:
    return _key(table, row) or f"line {row.line}"


def _key(table: CsvTable, row: CsvRow) -> str | None:
    """Return the row's own id, or None if it cannot be read."""
    column = KEY if KEY in COLUMNS[table.name] else "Id"
    if table.name in RATES:
        return None
    try:
        text, colon, name = row.cells.text(column, needed=True).partition(":")
        return salesforce_id(text) + colon + name
    except (CellError, ValueError):
        return None
