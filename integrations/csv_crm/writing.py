"""Upserts into first90's CSV files: read again, merged, and replaced atomically under a lock."""

import errno
import os
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.company.mapping import KEY, Direction, WrittenField
from integrations.crm.milestones import added_key
from integrations.csv_crm.cells import defuse, restore
from integrations.csv_crm.sheet import Sheet
from integrations.locks import locked, sync_folder

LOCK = ".first90.lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The target content of one row by first90's field names; ``base``: the last known values of shared fields."""

    key: str
    fields: Mapping[str, Any]
    base: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """A file as an upsert left it."""

    before: bytes | None
    """Its content when the upsert began; None if there was no file."""
    sheet: Sheet


def upsert(
    path: Path, changes: Sequence[Change], fields: Mapping[str, WrittenField], held: Sheet | None = None
) -> WrittenFile:
    """Write the changes into the file, one row for each key; an unknown key is a new row at the end.

    Other rows, columns and cells stay as they are. ``held`` is the sheet that the last call for this file returned: it
    is used while the file has that content, byte for byte, and saves parsing the file again. Safe to repeat: the same
    changes give the same file. Raise OSError, integrations.locks.Busy, and ValueError if a person's edit left the file
    unreadable, in which case it is not touched.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is a folder, a pipe or a device, not a file", str(path))
    with locked(path.parent / LOCK):
        _remove_leftover(path)
        found = path.read_bytes() if path.exists() else None
        sheet = held if held is not None and held.content == found else Sheet(found or b"", path.name)
        before = None if found is None else sheet.content
        columns = _Columns(sheet, fields)
        _claim(sheet, fields, {change.key for change in changes})
        for change in changes:
            _apply(change, sheet, columns)
        if sheet.changed or found is None:
            _replace(path, sheet.write())
        return WrittenFile(before=before, sheet=sheet)


def keys(path: Path) -> frozenset[str]:
    """Return the keys that have a row. Raise as ``upsert`` does."""
    return Sheet(path.read_bytes(), path.name).keys if path.exists() else frozenset()


class _Columns(dict[str, tuple[int, bool] | None]):
    """By first90's field name the column's index, and whether both sides may change it; None: it is not written."""

    def __init__(self, sheet: Sheet, fields: Mapping[str, WrittenField]) -> None:
        super().__init__()
        self._sheet, self._fields = sheet, fields

    def __missing__(self, name: str) -> tuple[int, bool] | None:
        written = self._fields.get(name)
        if written is None or written.direction is Direction.THEIRS:
            self[name] = None
        else:
            self[name] = (self._sheet.place(written.field or name), written.direction is Direction.BOTH)
        return self[name]


def _apply(change: Change, sheet: Sheet, columns: _Columns) -> None:
    """Apply one change to its row."""
    cells = sheet.row(change.key)
    base = change.base if cells is not None else {}
    differs = cells is None
    if cells is None:
        cells = []
        _set(cells, sheet.place(KEY), change.key)
    for name, value in change.fields.items():
        column = columns[name]
        if column is None:
            continue
        place, both = column
        held = restore(cells[place]) if place < len(cells) else ""
        if both and _was_changed(held, name, base):
            # A person edited it since the last read: their value holds until the next read has seen it.
            continue
        text = as_text(value)
        if held != text:
            _set(cells, place, defuse(text))
            differs = True
    if differs:
        sheet.put(change.key, cells)


def _claim(sheet: Sheet, fields: Mapping[str, WrittenField], wanted: Set[str]) -> None:
    """Give rows that people added for a task its key, so that the task has no second row."""

    def place(name: str) -> int | None:
        return sheet.index(fields[name].field or name) if name in fields else None

    onboarding, title, status = place("Onboarding__c"), place("Milestone__c"), place("Status__c")
    if onboarding is None or title is None:
        return
    for number, cells in sheet.without_key(wanted):
        key = added_key(restore(cells[onboarding]), restore(cells[title]))
        if key is None or key not in wanted:
            continue
        _set(cells, sheet.place(KEY), key)
        if status is not None and not cells[status].strip():
            cells[status] = "Open"  # as an empty one is read
        sheet.adopt(number, key, cells)


def _set(cells: list[str], place: int, text: str) -> None:
    if place >= len(cells):
        cells.extend([""] * (place + 1 - len(cells)))
    cells[place] = text


def _was_changed(held: str, name: str, base: Mapping[str, Any]) -> bool:
    return bool(base) and held.strip().casefold() != as_text(base.get(name)).casefold()


def as_text(value: Any) -> str:
    """Return a value's text in a cell. Lone surrogates, which cannot be encoded, become question marks."""
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    if text.isascii():
        return text.strip()
    return text.encode("utf-8", errors="replace").decode("utf-8").strip()


def _replace(path: Path, content: bytes) -> None:
    scratch = path.with_name(f".{path.name}.new")
    with scratch.open("wb") as file:
        file.write(content)
        if path.exists():
            os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
        file.flush()
        os.fsync(file.fileno())
    os.replace(scratch, path)
    sync_folder(path.parent)


def _remove_leftover(path: Path) -> None:
    """Remove the temporary file of a process that died while holding the lock."""
    path.with_name(f".{path.name}.new").unlink(missing_ok=True)
