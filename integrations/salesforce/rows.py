"""Records of an API response as cells, for the readers shared by all CRMs."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from integrations.crm.cells import Cells
from onboarding.crm.projection import instant_text
from onboarding.model.identity import salesforce_id

QUEUE = "00G"
"""The prefix of a queue's id. A queue may own a record, but is not a person."""
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})")


def cells(record: Mapping[str, Any]) -> Cells:
    """Return the fields of a record by lower-case names; those of a parent are prefixed with its name and a dot."""
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
    """Return a JSON value as text: null is empty, numbers are written out, a lone surrogate is a question mark."""
    if value is None or isinstance(value, list):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value).encode("utf-8", errors="replace").decode("utf-8")


def as_written(value: Any) -> str:
    """Return a value in the format in which first90 writes it: instants to the second in UTC, with a Z."""
    text = as_text(value).strip()
    if not _INSTANT.fullmatch(text):
        return text
    try:
        return instant_text(datetime.fromisoformat(text)) or ""
    except (ValueError, OverflowError):
        return text


def record_id(record: Mapping[str, Any]) -> str:
    """Return a record's own id with 18 characters."""
    return salesforce_id(str(record["Id"]))


def stamp(record: Mapping[str, Any]) -> datetime:
    """Return when the org last changed a record, by the org's clock, in UTC."""
    return datetime.fromisoformat(str(record["SystemModstamp"])).astimezone(UTC)
