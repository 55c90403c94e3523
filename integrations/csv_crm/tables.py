"""CSV files as tables: one consistent look at the folder, then rows with their place. It knows no field."""

import csv
import io
import re
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integrations.crm.cells import Cells
from integrations.csv_crm.cells import SheetCells
from integrations.csv_crm.formats import as_text
from integrations.ports import Unreachable, Unusable

MOST_COLUMNS = 2000
"""More than any CRM object has (Salesforce: 900 fields); ours."""
LOOKS = 3
"""How often a folder that changes under our eyes is looked at again before we wait for the next run."""

_FIRST_CELL = re.compile(r'"?([^",]*)"?,')


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file. ``broken`` says why it cannot be told apart into cells, or is None."""

    line: int
    cells: Cells
    broken: str | None = None
    whole: bool = True
    """False where further records may be hidden in a broken row: then nobody can say what is gone."""
    raw: tuple[str, ...] = ()
    """All cells as they stand, wherever they belong."""


@dataclass(frozen=True, slots=True)
class Table:
    """One file: its columns in lower case, and its rows in order."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def look(folder: Path, names: Sequence[str]) -> dict[str, bytes]:
    """The content of the named files that are there, all of one moment. Raises Unreachable.

    An export may be under way: where a file changed while we looked, the look is repeated.
    """
    for _ in range(LOOKS):
        before = _stamps(folder, names)
        try:
            found = {name: (folder / name).read_bytes() for name in before}
        except FileNotFoundError:
            continue
        except OSError as error:
            problem = f"a file cannot be read ({error.strerror}); mend its rights"
            raise Unreachable(f"CRM folder {folder}: {problem}") from None
        if _stamps(folder, names) == before:
            return found
    raise Unreachable(f"CRM folder {folder}: its files are being written; they are read at the next run")


def parse(name: str, content: bytes) -> Table:
    """Tell a file apart into rows. A bad one is marked, the rest goes on. Raises Unusable."""
    records = _records(list(io.StringIO(as_text(name, content), newline="")))
    columns = _columns(name, records)
    rows = []
    for record in records:
        found, broken, whole = len(record.cells), record.broken, True
        if broken is None and found != len(columns):
            broken = f"has {found} cells where the header has {len(columns)}; a comma or quote is amiss"
            whole = record.lines == 1
        # Of a broken row only the first cell is where it belongs.
        sure = record.cells[:1] if broken else record.cells
        cells = SheetCells(dict(zip(columns, sure, strict=False)))
        rows.append(Row(record.line, cells, broken, whole, tuple(record.cells)))
    return Table(name, columns, tuple(rows))


def header(name: str, content: bytes) -> Table:
    """A file without its rows, which are not looked at. Raises Unusable as ``parse`` does."""
    return Table(name, _columns(name, _records(list(io.StringIO(as_text(name, content), newline="")))), ())


def _columns(name: str, records: Iterator["_Record"]) -> tuple[str, ...]:
    first = next(records, _Record(1, [], None))
    columns = tuple(column.strip().lower() for column in first.cells)
    if first.broken or not any(columns):
        raise Unusable(f"{name} has no header line; export it again with the field names first")
    if len(columns) > MOST_COLUMNS:
        raise Unusable(f"{name} has {len(columns):,} columns, at most {MOST_COLUMNS:,} are read; export it again")
    twice = sorted(column for column, times in Counter(columns).items() if column and times > 1)
    if twice:
        raise Unusable(f"{name} has the column {twice[0]} twice; remove one")
    return columns


@dataclass(frozen=True, slots=True)
class _Record:
    line: int
    cells: list[str]
    broken: str | None
    lines: int = 1


def _records(lines: list[str]) -> Iterator[_Record]:
    """After a stray quote reading goes on with the next line: one slip never swallows the rows behind it."""
    start = 0
    reader = _reader(lines, start)
    while True:
        begin = start + reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            first = _FIRST_CELL.match(lines[begin])
            cells = [first[1], *lines[begin].strip().split(",")[1:]] if first else []
            yield _Record(begin + 1, cells, fault(error))
            start = begin + 1
            reader = _reader(lines, start)
            continue
        if any(cell.strip() for cell in cells):
            yield _Record(begin + 1, cells, None, start + reader.line_num - begin)


def fault(error: csv.Error) -> str:
    """Return what is wrong with a record that the library refuses, and the mend."""
    if "field larger" in str(error):
        most = f"{csv.field_size_limit():,}"
        return f"has a cell of more than {most} characters; shorten it, or close the quotation mark that begins it"
    return "has a stray quotation mark; close or double it"


def _reader(lines: list[str], start: int) -> Any:
    return csv.reader((lines[number] for number in range(start, len(lines))), strict=True)


def _stamps(folder: Path, names: Sequence[str]) -> dict[str, tuple[int, int, int]]:
    stamps = {}
    for name in names:
        try:
            status = (folder / name).stat()
        except FileNotFoundError:
            continue
        except OSError as error:
            problem = f"{name} cannot be reached ({error.strerror}); mend its rights"
            raise Unreachable(f"CRM folder {folder}: {problem}") from None
        if not stat.S_ISREG(status.st_mode):
            raise Unusable(f"CRM folder {folder}: {name} is a folder, a pipe or a device; put the exported file there")
        stamps[name] = (status.st_size, status.st_mtime_ns, status.st_ino)
    return stamps
