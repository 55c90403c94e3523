"""CSV files as tables: one consistent snapshot of the folder, then rows with their line. It knows no fields."""

import csv
import io
import re
import shutil
import stat
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from integrations.crm.cells import Cells
from integrations.csv_crm.cells import SheetCells
from integrations.csv_crm.formats import as_text
from integrations.ports import Unreachable, UnusableSource

MOST_COLUMNS = 2000
"""More than any CRM object has (Salesforce: 900 fields). This project's choice."""
LOOKS = 3
"""How often a folder that changes during reading is read again before it is left to the next run."""
COPIED = 1 << 20
"""Bytes of a file that are in memory while it is copied."""

_FIRST_CELL = re.compile(r'"?([^",]*)"?,')


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One record of a file. ``broken`` says why it cannot be split into cells, or is None."""

    line: int
    cells: Cells
    broken: str | None = None
    whole: bool = True
    """False if a broken row may contain further records, so that it is unknown which records are gone."""
    raw: tuple[str, ...] = ()
    """All cells as they are, whatever their column."""


@dataclass(frozen=True, slots=True)
class CsvTable:
    """One file: its columns in lower case, and its rows in order."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[CsvRow]
    """Split anew each time, so that memory holds one of them."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a text, split whenever they are asked for."""

    name: str
    text: str

    def __iter__(self) -> Iterator[CsvRow]:
        return split(self.name, io.StringIO(self.text, newline=""))[1]


def read_files(folder: Path, names: Sequence[str]) -> dict[str, bytes]:
    """Return the content of those of the named files that exist, all of one moment. Raise Unreachable.

    An export may be under way: if a file changed during reading, all are read again.
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


def copy_file(folder: Path, name: str, into: IO[bytes]) -> bool:
    """Copy the file as it was at one moment, piece by piece; return whether it exists. Raise Unreachable."""
    for _ in range(LOOKS):
        before = _stamps(folder, [name])
        into.seek(0)
        into.truncate()
        try:
            if before:
                with (folder / name).open("rb") as file:
                    shutil.copyfileobj(file, into, COPIED)
        except FileNotFoundError:
            continue
        except OSError as error:
            problem = f"{name} cannot be read ({error.strerror}); mend its rights"
            raise Unreachable(f"CRM folder {folder}: {problem}") from None
        if _stamps(folder, [name]) == before:
            return bool(before)
    raise Unreachable(f"CRM folder {folder}: {name} is being written; it is read at the next run")


def parse(name: str, content: bytes) -> CsvTable:
    """Split a file into rows. A bad row is marked, and the rest is read. Raise UnusableSource."""
    text = as_text(name, content)
    return CsvTable(name, split(name, io.StringIO(text, newline=""))[0], _Rows(name, text))


def split(name: str, lines: Iterable[str]) -> tuple[tuple[str, ...], Iterator[CsvRow]]:
    """Return the columns of a file and its rows, read as they are asked for. Raise UnusableSource as ``parse`` does."""
    records = _records(iter(lines))
    columns = _columns(name, records)
    return columns, _rows(columns, records)


def _rows(columns: tuple[str, ...], records: Iterator["_Record"]) -> Iterator[CsvRow]:
    for record in records:
        found, broken, whole = len(record.cells), record.broken, True
        if broken is None and found != len(columns):
            broken = f"has {found} cells where the header has {len(columns)}; a comma or quote is amiss"
            whole = record.lines == 1
        # In a broken row only the first cell is certain to belong to its column.
        sure = record.cells[:1] if broken else record.cells
        cells = SheetCells(dict(zip(columns, sure, strict=False)))
        yield CsvRow(record.line, cells, broken, whole, tuple(record.cells))


def header(name: str, content: bytes) -> CsvTable:
    """Return a file's header without its rows. Raise UnusableSource as ``parse`` does."""
    return CsvTable(name, split(name, io.StringIO(as_text(name, content), newline=""))[0], ())


def _columns(name: str, records: Iterator["_Record"]) -> tuple[str, ...]:
    first = next(records, _Record(1, [], None))
    columns = tuple(column.strip().lower() for column in first.cells)
    if first.broken or not any(columns):
        raise UnusableSource(f"{name} has no header line; export it again with the field names first")
    if len(columns) > MOST_COLUMNS:
        raise UnusableSource(f"{name} has {len(columns):,} columns, at most {MOST_COLUMNS:,} are read; export it again")
    twice = sorted(column for column, times in Counter(columns).items() if column and times > 1)
    if twice:
        raise UnusableSource(f"{name} has the column {twice[0]} twice; remove one")
    return columns


@dataclass(frozen=True, slots=True)
class _Record:
    line: int
    cells: list[str]
    broken: str | None
    lines: int = 1


def _records(lines: Iterator[str]) -> Iterator[_Record]:
    """Yield records. After a stray quote, reading continues on the next line, so that one mistake hides no other
    rows. Memory holds the lines of one record."""
    line, again, taken = 0, deque[str](), list[str]()
    reader = csv.reader(_remembered(again, lines, taken), strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            first = _FIRST_CELL.match(taken[0])
            cells = [first[1], *taken[0].strip().split(",")[1:]] if first else []
            yield _Record(line + 1, cells, fault(error))
            again.extendleft(reversed(taken[1:]))
            line, taken = line + 1, []
            reader = csv.reader(_remembered(again, lines, taken), strict=True)
            continue
        if any(cell.strip() for cell in cells):
            yield _Record(line + 1, cells, None, len(taken))
        line += len(taken)
        taken.clear()


def _remembered(again: deque[str], lines: Iterator[str], taken: list[str]) -> Iterator[str]:
    """Yield the lines that are to be read again, then the others, and add each to ``taken``."""
    while again:
        taken.append(again.popleft())
        yield taken[-1]
    for one in lines:
        taken.append(one)
        yield one


def fault(error: csv.Error) -> str:
    """Return what is wrong with a record that the csv library refuses, and the remedy."""
    if "field larger" in str(error):
        most = f"{csv.field_size_limit():,}"
        return f"has a cell of more than {most} characters; shorten it, or close the quotation mark that begins it"
    return "has a stray quotation mark; close or double it"


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
            raise UnusableSource(
                f"CRM folder {folder}: {name} is a folder, a pipe or a device; put the exported file there"
            )
        stamps[name] = (status.st_size, status.st_mtime_ns, status.st_ino)
    return stamps
