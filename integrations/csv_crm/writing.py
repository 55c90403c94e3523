"""Upserts into first90's CSV files: read again, merged, and replaced atomically under a lock."""

import csv
import errno
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.company.mapping import KEY, Direction, WrittenField
from integrations.csv_crm.cells import defuse, restore
from integrations.csv_crm.tables import fault
from integrations.locks import locked, sync_folder
from onboarding.model.identity import salesforce_id

LOCK = ".first90.lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The target content of one row by first90's field names; ``base``: the last known values of shared fields."""

    key: str
    fields: Mapping[str, Any]
    base: Mapping[str, Any] = field(default_factory=dict)


def upsert(path: Path, changes: Sequence[Change], fields: Mapping[str, WrittenField]) -> None:
    """Write the changes into the file, one row for each key; an unknown key is a new row at the end.

    Other rows, columns and cells stay as they are. Safe to repeat: the same changes give the same file. Raise
    OSError, integrations.locks.Busy, and ValueError if a person's edit left the file unreadable, in which case it is
    not touched.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is a folder, a pipe or a device, not a file", str(path))
    with locked(path.parent / LOCK):
        _remove_leftover(path)
        sheet = _Sheet(path.read_bytes() if path.exists() else b"", path.name)
        for change in changes:
            sheet.apply(change, fields)
        if sheet.changed or not path.exists():
            _replace(path, sheet.content())


def keys(path: Path) -> frozenset[str]:
    """Return the keys that have a row. Raise as ``upsert`` does."""
    return frozenset(_Sheet(path.read_bytes(), path.name).rows_by_key) if path.exists() else frozenset()


class _Sheet:
    """A CSV file in memory that keeps its format: byte order mark, line ends, quotes, order of columns."""

    def __init__(self, content: bytes, name: str) -> None:
        self.mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
        text = content.removeprefix(self.mark).decode("utf-8", errors="surrogateescape")
        first = text[: text.find("\n") + 1]
        self.end = "\r\n" if first.endswith("\r\n") else "\n"
        self.quote_all = text.startswith('"')
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            self.rows = list(reader)
        except csv.Error as error:
            raise ValueError(f"{name}, near line {reader.line_num}: {fault(error)}") from None
        self.changed = False
        """Whether it differs from the file."""
        self.header = self.rows.pop(0) if self.rows else []
        self.places = {column.strip().lower(): place for place, column in enumerate(self.header)}
        key_place = self.place(KEY)
        self.rows_by_key: dict[str, list[str]] = {}
        for row in self.rows:
            if len(row) > key_place and (key := row_key(row[key_place])):
                self.rows_by_key.setdefault(key, row)

    def place(self, column: str) -> int:
        """Return the index of a column; a missing one is appended."""
        if column.lower() not in self.places:
            self.places[column.lower()] = len(self.header)
            self.header.append(column)
            self.changed = True
        return self.places[column.lower()]

    def apply(self, change: Change, fields: Mapping[str, WrittenField]) -> None:
        """Apply one change to its row."""
        row = self.rows_by_key.get(change.key)
        base = change.base if row is not None else {}
        if row is None:
            row = self.rows_by_key[change.key] = []
            self.rows.append(row)
            self._set(row, KEY, change.key)
        for name, value in change.fields.items():
            written = fields.get(name)
            if written is None or written.direction is Direction.THEIRS:
                continue
            column = written.field or name
            held = restore(self._get(row, column))
            if written.direction is Direction.BOTH and _was_changed(held, name, base):
                # A person edited it since the last read: their value holds until the next read has seen it.
                continue
            if held != as_text(value):
                self._set(row, column, defuse(as_text(value)))

    def content(self) -> bytes:
        """Return the whole file."""
        out = io.StringIO(newline="")
        writer = csv.writer(
            out, lineterminator=self.end, quoting=csv.QUOTE_ALL if self.quote_all else csv.QUOTE_MINIMAL
        )
        width = len(self.header)
        for row in [self.header, *self.rows]:
            writer.writerow([*row, *[""] * (width - len(row))] if row else row)
        return self.mark + out.getvalue().encode("utf-8", errors="surrogateescape")

    def _get(self, row: Sequence[str], column: str) -> str:
        place = self.place(column)
        return row[place] if place < len(row) else ""

    def _set(self, row: list[str], column: str, text: str) -> None:
        place = self.place(column)
        row.extend([""] * (place + 1 - len(row)))
        row[place] = text
        self.changed = True


def row_key(text: str) -> str:
    """Return a row's key in its normal form; a person may have written the short form of the id."""
    text, colon, name = text.strip().partition(":")
    try:
        return salesforce_id(text) + colon + name
    except ValueError:
        return text + colon + name


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
