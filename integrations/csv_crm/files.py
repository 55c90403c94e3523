"""The files of a CRM folder: which there must be, and whether each is what its name says, before its rows are read."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from config.company.mapping import KEY
from integrations.csv_crm.formats import BOM
from integrations.csv_crm.tables import Table, header, look
from integrations.ports import Unusable

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
NEEDED = ("Opportunity.csv", "Account.csv", "OpportunityContactRole.csv", "Contact.csv", "User.csv")
"""Without one of them nobody can say what its records would have been: an export of none still has its header."""
HEADER = 1 << 16
"""How many bytes of a file are looked at for its header."""


def check_folder(folder: Path) -> None:
    """Look at what the files are, not at their rows. Raises Unusable, and Unreachable where they cannot be read now."""
    check_files(folder, look(folder, tuple(COLUMNS)), NEEDED)


def check_files(folder: Path, files: Mapping[str, bytes], needed: Sequence[str] = ()) -> None:
    """Raise Unusable, with all that is wrong in one message, where one of them is missing or is of another kind."""
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
        except Unusable as error:
            wrong.append(str(error))
    if wrong:
        raise Unusable(f"CRM folder {folder}: {'. '.join(wrong)}")


def check_columns(table: Table) -> None:
    """Raise Unusable where a column is missing that the file cannot be read without."""
    missing = [column for column in COLUMNS[table.name] if column.lower() not in table.columns]
    if missing:
        raise Unusable(f"{table.name} has no column {', '.join(missing)}: add it, or export the file again")
