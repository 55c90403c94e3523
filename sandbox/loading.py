"""A folder of CSV files as a CRM exports them, put into the org; what no Salesforce could hold is left out, named."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.org import USER_ID, Org
from sandbox.refusals import RecordError, Refusal
from sandbox.schema import SObject
from sandbox.values import read_id, read_json

ORDER = (
    "User",
    "Account",
    "Contact",
    "Opportunity",
    "OpportunityContactRole",
    "Onboarding__c",
    "Onboarding_Milestone__c",
)
"""Parents before children."""
MADE = frozenset({"MasterRecordId", "CreatedById", "LastModifiedById"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many records of each object came in, and what was left out, with place and reason."""

    counts: Mapping[str, int]
    left_out: tuple[str, ...]


def load_folder(org: Org, folder: Path) -> Loaded:
    """Read every file that is named after an object. A record keeps its Id and SystemModstamp.

    Columns that the org has not are left out, as an import does. Raises OSError and UnicodeDecodeError.
    """
    counts: dict[str, int] = {}
    left_out: list[str] = []
    with org.lock:
        for name in ORDER:
            path = folder / f"{name}.csv"
            if not path.is_file():
                continue
            sobject = org.object(name)
            for place, row in _rows(path):
                try:
                    values = _values(org, sobject, row)
                except (RecordError, Refusal) as problem:
                    left_out.append(f"{path.name}:{place}: {problem}")
                    continue
                org.records.put(name, values, by=USER_ID)
                counts[name] = counts.get(name, 0) + 1
    return Loaded(counts, tuple(left_out))


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            yield reader.line_num, {name: cell or "" for name, cell in row.items() if name}


def _values(org: Org, sobject: SObject, row: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {
        one.name: one.default == "true" for one in sobject.fields.values() if one.type == "boolean"
    }
    for name, cell in row.items():
        field = sobject.field(name)
        if field is None or field.name in MADE or not cell.strip():
            continue
        if field.master and read_id(cell) is None:
            cell = _parent(org, field.reference_to or "", cell)
        values[field.name] = read_json(field, cell)
    if "Id" in values and not values["Id"].startswith(sobject.prefix):
        raise RecordError("MALFORMED_ID", f"Id: {values['Id']} is no id of {sobject.name}")
    missing = [one.name for one in sobject.fields.values() if one.required and values.get(one.name) is None]
    if missing:
        raise RecordError("REQUIRED_FIELD_MISSING", f"{', '.join(missing)} is empty")
    return values


def _parent(org: Org, sobject: str, key: str) -> str:
    """A parent that the file names by our key, as a folder of first90 does."""
    found = org.records.find(sobject, "First90_Key__c", key)
    if not found:
        raise RecordError("INVALID_CROSS_REFERENCE_KEY", f"there is no {sobject} {key}")
    return found[0].id
