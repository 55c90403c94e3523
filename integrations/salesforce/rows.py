"""A record of an answer as the cells that the readings of every CRM work on."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from integrations.crm.cells import Cells
from onboarding.crm.projection import instant_text
from onboarding.model.identity import salesforce_id

QUEUE = "00G"
"""How the id of a queue begins, which may own a record and is nobody."""
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})")


def cells(record: Mapping[str, Any]) -> Cells:
    """The fields of a record by lower-case names; those of a parent follow its name and a dot."""
    found: dict[str, str] = {}
    for name, value in record.items():
        if name == "attributes":
            continue
        if isinstance(value, Mapping):
            found |= {f"{name.lower()}.{inner}": text for inner, text in cells(value).values.items()}
        else:
            found[name.lower()] = as_text(value)
    if found.get("ownerid", "").startswith(QUEUE):
        found["ownerid"] = ""
    return Cells(found)


def as_text(value: Any) -> str:
    """A JSON value as text: nothing is empty, a number is written out, half a surrogate pair is a question mark."""
    if value is None or isinstance(value, list):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value).encode("utf-8", errors="replace").decode("utf-8")


def as_written(value: Any) -> str:
    """A value spelt as we would write it: instants to the second in UTC, with a Z."""
    text = as_text(value).strip()
    if not _INSTANT.fullmatch(text):
        return text
    try:
        return instant_text(datetime.fromisoformat(text)) or ""
    except (ValueError, OverflowError):
        return text


def record_id(record: Mapping[str, Any]) -> str:
    """A record's own id, 18 characters."""
    return salesforce_id(str(record["Id"]))


def stamp(record: Mapping[str, Any]) -> datetime:
    """When the org last touched a record, by its own clock."""
    return datetime.fromisoformat(str(record["SystemModstamp"])).astimezone(UTC)
