"""Loads a folder of CSV files, as a CRM exports them, into the org; invalid records are left out and named."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.org.org import USER_ID, Org
from sandbox.schema.fields import Field, SObject
from sandbox.schema.refusals import RecordError, Refusal
from sandbox.schema.values import read_json

ORDER = (
    "User",
    "Account",
    "Contact",
    "Opportunity",
    "OpportunityContactRole",
    "Product2",
    "OpportunityLineItem",
    "Onboarding__c",
    "Onboarding_Milestone__c",
)
"""Parents before children."""
MADE = frozenset({"MasterRecordId", "CreatedById", "LastModifiedById"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """The number of records of each object, and what was left out, with place and reason."""

    counts: Mapping[str, int]
    left_out: tuple[str, ...]


def load_folder(org: Org, folder: Path) -> Loaded:
    """Load every file that is named after an object. A record keeps its Id and SystemModstamp.

    Columns that the org lacks are ignored, as an import does. Raises OSError and UnicodeDecodeError.
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
                except RecordError as problem:
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
        values[field.name] = _parent(org, field, cell) if field.master else _read(field, cell)
    if "Id" in values and not values["Id"].startswith(sobject.prefix):
        raise RecordError("MALFORMED_ID", f"Id: {values['Id']} is no id of {sobject.name}")
    needed = [one.name for one in sobject.fields.values() if one.required and not one.master]
    missing = [name for name in needed if values.get(name) is None]
    if missing:
        raise RecordError("REQUIRED_FIELD_MISSING", f"{', '.join(missing)} is empty")
    return values


def _read(field: Field, cell: str) -> Any:
    try:
        return read_json(field, cell)
    except Refusal:
        raise RecordError("INVALID_TYPE", f"{field.name} is no {field.type}: {cell[:40]}") from None


def _parent(org: Org, field: Field, cell: str) -> str | None:
    """Return the id of a master that the file names by our key or by id; None where it does not exist yet.

    first90's own folder can hold milestones that people ticked before it wrote the onboarding.
    """
    sobject = field.reference_to or ""
    row = org.records.get(sobject, cell)
    found = [row] if row is not None else org.records.find(sobject, "First90_Key__c", cell)
    return found[0].id if found else None
