"""One of first90's CSV files as its lines: only a row that changes is parsed and written anew."""

import csv
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Literal

from config.company.mapping import KEY
from integrations.csv_crm.formats import BOM
from integrations.csv_crm.tables import fault
from onboarding.model.identity import salesforce_id

_ERRORS = "surrogateescape"
"""Bytes that are not UTF-8 are written as they were read."""


class Sheet:
    """A CSV file in memory that keeps its format: byte order mark, line ends, quotes, order of columns.

    A row that does not change costs its line and an entry of the index, so that a file of 800,000 rows can be held
    while it is written in batches. Raise ValueError if a record cannot be parsed.
    """

    def __init__(self, content: bytes, name: str) -> None:
        self.content = content
        """The file's bytes; after ``write`` those to be written."""
        self.changed = False
        """Whether rows or columns differ from ``content``."""
        lines = content.removeprefix(BOM).splitlines(keepends=True)
        self._mark = BOM if content.startswith(BOM) else b""
        self._end = "\r\n" if lines and lines[0].endswith(b"\r\n") else "\n"
        self._quote_all = bool(lines) and lines[0].startswith(b'"')
        records = _records(lines, name)
        self._header = next(records, (b"", []))[1]
        self._places = {column.strip().lower(): place for place, column in enumerate(self._header)}
        self._wider = False
        key_place = self.place(KEY)
        self._lines: list[bytes] = []
        self._numbers: dict[str, int] = {}
        """The index of each key's line."""
        self._keyless: list[int] = []
        self._cells: dict[int, list[str]] = {}
        """By index, rows that ``write`` formats anew."""
        for number, (line, cells) in enumerate(records):
            self._lines.append(line)
            if not line.endswith(b"\n") or 0 < len(cells) < len(self._header):
                self._cells[number] = cells
            if len(cells) > key_place and (key := row_key(cells[key_place])):
                self._numbers.setdefault(key, number)
            elif any(cells):
                self._keyless.append(number)

    @property
    def keys(self) -> frozenset[str]:
        """The keys that have a row."""
        return frozenset(self._numbers)

    def place(self, column: str) -> int:
        """Return the index of a column; a missing one is appended."""
        if column.lower() not in self._places:
            self._places[column.lower()] = len(self._header)
            self._header.append(column)
            self.changed = self._wider = True
        return self._places[column.lower()]

    def index(self, column: str) -> int | None:
        """Return the index of a column; None if there is none."""
        return self._places.get(column.lower())

    def row(self, key: str) -> list[str] | None:
        """Return the cells of a key's row, which may be fewer than the columns; None if there is no row."""
        number = self._numbers.get(key)
        if number is None:
            return None
        return list(self._cells[number]) if number in self._cells else _split(self._lines[number])

    def without_key(self, wanted: Set[str]) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows without a key, while one of the keys that are wanted has no row; each with a cell for each
        column."""
        if self._keyless and not wanted <= self._numbers.keys():
            for number in list(self._keyless):
                cells = self._cells.get(number) or _split(self._lines[number])
                yield number, [*cells, *[""] * (len(self._header) - len(cells))]

    def adopt(self, number: int, key: str, cells: list[str]) -> None:
        """Make a row without a key that of this key, unless it has one."""
        if key not in self._numbers:
            self._keyless.remove(number)
            self._numbers[key] = number
            self.put(key, cells)

    def put(self, key: str, cells: list[str]) -> None:
        """Replace a key's row; a new key gets a row at the end."""
        number = self._numbers.setdefault(key, len(self._lines))
        if number == len(self._lines):
            self._lines.append(b"")
        self._cells[number] = cells
        self.changed = True

    def write(self) -> bytes:
        """Return the whole file with all changes; it is the ``content`` from now on."""
        if self._wider:
            rows = (self._cells.get(number) or _split(line) for number, line in enumerate(self._lines))
            self._lines = self._joined(rows)
        else:
            for number, line in zip(self._cells, self._joined(self._cells.values()), strict=True):
                self._lines[number] = line
        self._cells.clear()
        self.changed = self._wider = False
        self.content = b"".join((self._mark, *self._joined([self._header]), *self._lines))
        return self.content

    def _joined(self, rows: Iterable[Sequence[str]]) -> list[bytes]:
        """Return each row as its line, with a cell for each column; an empty row stays empty."""
        lines = _Lines(self._end)
        quoting: Literal[0, 1] = csv.QUOTE_ALL if self._quote_all else csv.QUOTE_MINIMAL
        writer = csv.writer(lines, lineterminator=lines.QUOTED, quoting=quoting)
        width = len(self._header)
        writer.writerows([*row, *[""] * (width - len(row))] if row else row for row in rows)
        return lines.written


class _Lines:
    """The target of a csv writer, which calls ``write`` once for each row."""

    QUOTED = "\r\n"
    """The writer quotes a cell that holds a character of its line end; a reader takes each of the two for one."""

    def __init__(self, end: str) -> None:
        self.written: list[bytes] = []
        self._end = end

    def write(self, text: str) -> None:
        """Keep one row, with the file's line end."""
        self.written.append((text.removesuffix(self.QUOTED) + self._end).encode("utf-8", errors=_ERRORS))


def row_key(text: str) -> str:
    """Return a row's key in its normal form; a person may have written the short form of the id."""
    text, colon, name = text.strip().partition(":")
    try:
        return salesforce_id(text) + colon + name
    except ValueError:
        return text + colon + name


def _records(lines: Sequence[bytes], name: str) -> Iterator[tuple[bytes, list[str]]]:
    """Yield the bytes of each record, several lines if a cell holds line ends, and its cells."""
    reader = csv.reader((line.decode("utf-8", errors=_ERRORS) for line in lines), strict=True)
    begin = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ValueError(f"{name}, near line {reader.line_num}: {fault(error)}") from None
        end = reader.line_num
        yield lines[begin] if end == begin + 1 else b"".join(lines[begin:end]), cells
        begin = end


def _split(line: bytes) -> list[str]:
    return next(csv.reader([line.decode("utf-8", errors=_ERRORS)], strict=True), [])
