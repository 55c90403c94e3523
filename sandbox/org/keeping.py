"""Saves the org to a file at an orderly stop and restores it at the next start."""

import json
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sandbox.org.org import Org
from sandbox.schema.fields import Field
from sandbox.schema.values import write_json

FORMAT = 1


def save(org: Org, file: Path) -> None:
    """Write all records, the clock and the day's calls; the old file stays until the new one is complete."""
    with org.lock:
        content = {
            "format": FORMAT,
            "clock": org.clock().isoformat(),
            "used": org.used,
            "records": {
                name: [
                    {
                        key: write_json(sobject.fields[key], value)
                        for key, value in row.values.items()
                        if key in sobject.fields
                    }
                    for row in org.records.all(name)
                ]
                for name, sobject in org.schema.objects.items()
            },
        }
    scratch = file.with_suffix(".new")
    scratch.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
    os.replace(scratch, file)


def saved_clock(file: Path) -> datetime:
    """Return the org's clock when it was saved. Raises ValueError for a file of another format."""
    return datetime.fromisoformat(_content(file)["clock"])


def restore(org: Org, file: Path) -> None:
    """Fill the org with the saved records; fields that the package no longer has are left out. Raises ValueError."""
    content = _content(file)
    with org.lock:
        org.used = int(content["used"])
        for name, rows in content["records"].items():
            fields = org.schema.objects[name].fields if name in org.schema.objects else {}
            for row in rows:
                values = {key: _kept(fields[key], value) for key, value in row.items() if key in fields}
                org.records.put(name, values, by=None)


def _content(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text("utf-8"))
        if content["format"] == FORMAT:
            return dict(content)
    except (ValueError, KeyError, TypeError):
        pass
    raise ValueError(f"{file} is not what this sandbox saves; remove it to begin anew")


def _kept(field: Field, value: Any) -> Any:
    if value is None:
        return None
    if field.type == "datetime":
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.000%z").astimezone(UTC)
    return date.fromisoformat(value) if field.type == "date" else value
