"""One read of the folder: every file as records, and what could not be read with its place and reason."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from config.mapping import KEY, CrmMapping
from integrations import crm_rates, crm_records
from integrations.crm_cells import CellError, Cells
from integrations.csv_crm.capitals import Capitals
from integrations.csv_crm.formats import BOM
from integrations.csv_crm.tables import Row, Table, header, look, parse
from integrations.ports import Unusable
from onboarding.currencies import Rates
from onboarding.identity import salesforce_id
from onboarding.records import CrmBatch, CrmContactRole, CrmOnboarding, MilestoneBatch, Problem

NEEDED = ("Opportunity.csv", "Account.csv", "OpportunityContactRole.csv", "Contact.csv", "User.csv")
"""Without one of them nobody can say what its records would have been: an export of none still has its header."""
COLUMNS = {
    "User.csv": ("Id", "Email"),
    "Account.csv": ("Id", "Name"),
    "Contact.csv": ("Id", "AccountId", "Email"),
    "Opportunity.csv": ("Id", "AccountId", "Name", "CloseDate"),
    "OpportunityContactRole.csv": ("OpportunityId", "ContactId", "Role"),
    "CurrencyType.csv": ("IsoCode", "ConversionRate", "IsCorporate"),
    "DatedConversionRate.csv": ("IsoCode", "StartDate", "ConversionRate"),
    "Onboarding__c.csv": (KEY,),
    "Onboarding_Milestone__c.csv": (KEY,),
}
"""The files that are read, each with the columns it cannot be read without."""
MILESTONES = "Onboarding_Milestone__c.csv"
HEADER = 1 << 16
"""How many bytes of a file are looked at for its header."""
RECORDS = tuple(name for name in COLUMNS if name != MILESTONES)
RATES = ("CurrencyType.csv", "DatedConversionRate.csv")
REFERENCES = ("AccountId", "ContactId", "OpportunityId", "OwnerId", "ManagerId")
READING = "4"
"""Part of the cursor: raise it when the same files would give other records than before."""


Record = TypeVar("Record")


def read_folder(folder: Path, mapping: CrmMapping, cursor: str | None) -> CrmBatch:
    """Everything in the folder, or ``unchanged`` where file contents and mapping are those of the cursor.

    Raises Unusable where nothing can be said: a file missing or of another kind, a needed column missing; Unreachable
    where the files cannot be read now.
    """
    files = look(folder, RECORDS)
    _check(folder, files, NEEDED)
    fresh = _cursor(files, mapping)
    if fresh == cursor:
        return CrmBatch(cursor=fresh, unchanged=True)
    reading = _Reading(mapping, files)
    users = reading.records("User.csv", crm_records.user, lambda found: found.id)
    accounts = reading.records("Account.csv", crm_records.account, lambda found: found.id)
    contacts = reading.records("Contact.csv", crm_records.contact, lambda found: found.id)
    roles = reading.records("OpportunityContactRole.csv", crm_records.role, _role_identity)
    deal = partial(crm_records.deal, rates=reading.rates())
    deals = reading.records("Opportunity.csv", deal, lambda found: found.id)
    onboardings = reading.onboardings()
    return CrmBatch(
        users=users,
        accounts=accounts,
        contacts=contacts,
        roles=roles,
        deals=deals,
        onboardings=onboardings,
        problems=tuple(reading.problems),
        unreadable=frozenset().union(*reading.unreadable.values()),
        complete=reading.complete,
        # Where a part could not be read, none may count as gone: look at the deals that show some.
        roles_of=None
        if reading.complete
        else frozenset({deal.id for deal in deals} & {part.deal_id for part in roles}),
        sources=RECORDS,
        cursor=fresh,
    )


def check_folder(folder: Path) -> None:
    """Look at what the files are, not at their rows. Raises as ``read_folder`` and ``read_milestones``, with all that
    is wrong in one message."""
    _check(folder, look(folder, tuple(COLUMNS)), NEEDED)


def _check(folder: Path, files: Mapping[str, bytes], needed: Sequence[str]) -> None:
    wrong: list[str] = []
    missing = [name for name in needed if name not in files]
    if missing:
        one = len(missing) == 1
        wrong.append(
            f"{', '.join(missing)} {'is' if one else 'are'} missing; export {'it' if one else 'them'} there, "
            "or correct FIRST90_CRM"
        )
    for name, content in files.items():
        try:
            if content.removeprefix(BOM).strip():
                _check_columns(header(name, content[:HEADER]))
            elif name in needed:
                wrong.append(f"{name} is empty; export it again with the field names first")
        except Unusable as error:
            wrong.append(str(error))
    if wrong:
        raise Unusable(f"CRM folder {folder}: {'. '.join(wrong)}")


def read_milestones(folder: Path, mapping: CrmMapping, cursor: str | None) -> MilestoneBatch:
    """All milestone rows, or ``unchanged`` where file and mapping are those of the cursor. Raises Unreachable."""
    files = look(folder, (MILESTONES,))
    fresh = _cursor(files, mapping)
    if fresh == cursor:
        return MilestoneBatch(cursor=fresh, unchanged=True)
    reading = _Reading(mapping, files)
    return MilestoneBatch(
        milestones=reading.records(MILESTONES, crm_records.milestone, lambda found: found.key),
        problems=tuple(reading.problems),
        sources=(MILESTONES,),
        cursor=fresh,
    )


def _cursor(files: dict[str, bytes], mapping: CrmMapping) -> str:
    digest = hashlib.sha256(f"{READING}\n{mapping.model_dump_json()}\n".encode())
    for name, content in sorted(files.items()):
        digest.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()


def _references(mapping: CrmMapping) -> tuple[str, ...]:
    """The columns that name a record."""
    account = mapping.written("Onboarding__c").get("Account__c")
    ours = [mapping.read.account.csm, (account.field or "Account__c") if account else None, KEY]
    return (*REFERENCES, *(name for name in ours if name))


def _role_identity(found: CrmContactRole) -> str:
    return f"{found.deal_id}:{found.contact_id}:{found.role.casefold()}:{found.primary}"


class _Reading:
    """What one read has found so far."""

    def __init__(self, mapping: CrmMapping, files: dict[str, bytes]) -> None:
        self.mapping = mapping
        self.tables = {
            name: parse(name, content) for name, content in files.items() if content.removeprefix(BOM).strip()
        }
        self.capitals = Capitals(_references(mapping))
        self.capitals.learn(self.tables.values())
        self.problems: list[Problem] = []
        self.unreadable: defaultdict[str, set[str]] = defaultdict(set)
        """By file: an onboarding's row has the id of its deal, and is none the worse for a broken deal."""
        self.complete = True

    def records(
        self,
        name: str,
        build: Callable[[Cells, CrmMapping], Record | None],
        identity: Callable[[Record], str],
    ) -> tuple[Record, ...]:
        """The records of one file. What cannot be read whole is noted and set aside; nothing is half-read.

        A file that is not there (or wholly empty) holds nothing. Two rows that say the same are one; two
        that differ under one id are both set aside, because nobody can say which of them is true.
        """
        table = self.tables.get(name)
        if table is None:
            return ()
        _check_columns(table)
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
        """What currencies are worth, by the mapping and by the CRM's own files where they are there."""
        fixed = self.records("CurrencyType.csv", crm_rates.currency, lambda found: found.code)
        dated = self.records("DatedConversionRate.csv", crm_rates.dated, lambda found: f"{found.code} {found.since}")
        return crm_rates.rates(self.mapping, fixed, dated)

    def onboardings(self) -> tuple[CrmOnboarding, ...]:
        """The rows of ``Onboarding__c``; one that cannot be read still says that there is an onboarding."""
        name = "Onboarding__c.csv"
        found = self.records(name, crm_records.onboarding, lambda record: record.key)
        return (*found, *(CrmOnboarding(key=key, fields={}) for key in sorted(self.unreadable[name])))

    def _record(self, table: Table, row: Row, build: Callable[[Cells, CrmMapping], Record | None]) -> Record | None:
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
            self._set_aside(table, row, error.field, error.problem)
            return None
        for field, problem in crm_records.notes(record, row.cells, self.mapping):
            self._note(table, row, field, problem)
        return record

    def _set_aside(self, table: Table, row: Row, field: str, problem: str) -> None:
        key = _key(table, row)
        if key is not None:
            self.unreadable[table.name].add(key)
        if table.name in RATES:
            return self._note(table, row, field, problem)
        if key is None or table.name == "OpportunityContactRole.csv":
            # It is there, but nobody can say which record it is: nothing may count as gone.
            self.complete = False
        self._note(table, row, field, problem)

    def _note(self, table: Table, row: Row, field: str, problem: str) -> None:
        record = _key(table, row) or f"line {row.line}"
        self.problems.append(Problem(source=table.name, record=record, field=field, problem=problem))


def _check_columns(table: Table) -> None:
    missing = [column for column in COLUMNS[table.name] if column.lower() not in table.columns]
    if missing:
        raise Unusable(f"{table.name} has no column {', '.join(missing)}: add it, or export the file again")


def _key(table: Table, row: Row) -> str | None:
    """The row's own id where it can be told."""
    column = KEY if KEY in COLUMNS[table.name] else "Id"
    if table.name in RATES:
        return None
    try:
        text, colon, name = row.cells.text(column, needed=True).partition(":")
        return salesforce_id(text) + colon + name
    except (CellError, ValueError):
        return None
