"""The files of a CRM folder: which are required, and checks of each file before its rows are read."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from config.company.mapping import KEY
from integrations.csv_crm.formats import BOM
from integrations.csv_crm.tables import CsvTable, header, read_files
from integrations.ports import UnusableSource

COLUMNS = {
    "User.csv": ("Id", "Email"),
    "Account.csv": ("Id", "Name"),
    "Contact.csv": ("Id", "AccountId", "Email"),
    "Opportunity.csv": ("Id", "AccountId", "Name", "CloseDate"),
    "OpportunityContactRole.csv": ("OpportunityId", "ContactId", "Role"),
    "OpportunityLineItem.csv": ("OpportunityId",),
    "Product2.csv": ("Id",),
    "CurrencyType.csv": ("IsoCode", "ConversionRate", "IsCorporate"),
    "DatedConversionRate.csv": ("IsoCode", "StartDate", "ConversionRate"),
    "Onboarding__c.csv": (KEY,),
    "Onboarding_Milestone__c.csv": (KEY,),
}
"""The files that are read, each with its required columns."""
NEEDED = ("Opportunity.csv", "Account.csv", "OpportunityContactRole.csv", "Contact.csv", "User.csv")
"""Required files: even an export without records has a header, so a missing file is an error."""
HEADER = 1 << 16
"""How many bytes of a file are read for its header."""


def check_folder(folder: Path) -> None:
    """Check the files without reading their rows. Raise UnusableSource, and Unreachable if they cannot be read now."""
    check_files(folder, read_files(folder, tuple(COLUMNS)), NEEDED)


def check_files(folder: Path, files: Mapping[str, bytes], needed: Sequence[str] = ()) -> None:
    """Raise UnusableSource, with all problems in one message, if a file is missing or of another kind."""
    wrong: list[str] = []
    missing = [name for name in needed if name not in files]
    if missing:
        verb, them = ("is", "it") if len(missing) == 1 else ("are", "them")
        wrong.append(f"{', '.join(missing)} {verb} missing; export {them} there, or correct FIRST90_CRM")
    for name, content in files.items():
        try:
            if content.removeprefix(BOM).strip():
                check_columns(header(name, content[:HEADER]))
            elif name in needed:
                wrong.append(f"{name} is empty; export it again with the field names first")
        except UnusableSource as error:
            wrong.append(str(error))
    if wrong:
        raise UnusableSource(f"CRM folder {folder}: {'. '.join(wrong)}")


def check_columns(table: CsvTable) -> None:
    """Raise UnusableSource if a required column is missing."""
    missing = [column for column in COLUMNS[table.name] if column.lower() not in table.columns]
    if missing:
        raise UnusableSource(f"{table.name} has no column {', '.join(missing)}: add it, or export the file again")
