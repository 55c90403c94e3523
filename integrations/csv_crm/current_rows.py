"""The rows of first90's two CSV files, for comparison with what first90 would write."""

from pathlib import Path

from config.company.mapping import KEY, CrmMapping
from integrations.crm.cells import CellError
from integrations.csv_crm.sheet import row_key
from integrations.csv_crm.tables import parse, read_files
from integrations.ports import Unreachable
from onboarding.crm.current_rows import HeldRow


def held_rows(folder: Path, mapping: CrmMapping, crm_object: str) -> list[HeldRow]:
    """Return every row of the file of one of first90's objects, duplicates included; none if there is no file.

    Raise Unreachable if a row cannot be parsed, because a comparison must not skip rows.
    """
    name = f"{crm_object}.csv"
    content = read_files(folder, (name,)).get(name, b"")
    if not content.strip():
        return []
    columns = {ours: field.field or ours for ours, field in mapping.written(crm_object).items()}
    found = []
    for row in parse(name, content).rows:
        if row.broken:
            raise Unreachable(f"{name}, line {row.line} {row.broken}")
        try:
            fields = {ours: row.cells.ours(column) for ours, column in columns.items()}
            key = row_key(row.cells.text(KEY))
        except CellError as error:
            raise Unreachable(f"{name}, line {row.line}: {error}") from None
        found.append(HeldRow(object=crm_object, key=key, place=f"{name}, line {row.line}", fields=fields))
    return found
