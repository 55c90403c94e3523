"""Fills an empty database from an exported file, of this program's schema version or an older one."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Date, DateTime, Table, func, insert, select, text
from sqlalchemy.exc import DataError, IntegrityError

from database import key_values
from database.engine import HEAD, Database, DatabaseProblem, refuse_newer, revision, sqlite_file
from database.export_file import FORMAT, ROWS_AT_ONCE, Progress, tables_found
from database.tables import KeyValueRow
from database.upgrades import migrate

_LONGEST = 256 << 20
"""The longest line that is read, in characters, so that a file of another kind does not fill the memory."""


class NotAnExport(DatabaseProblem):
    """The file is not what ``first90 export`` writes, or it is cut off or damaged. Nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was taken in: where and when the file was made, and the number of rows of each table."""

    made_from: str
    made_at: datetime
    schema: str
    rows: Mapping[str, int]


def import_database(
    database: Database, file: Path, told: Progress, finish: Callable[[Connection, Imported], None]
) -> Imported:
    """Fill the database from the file in one transaction and bring it to this program's version.

    ``finish`` runs at the end of the same transaction. Raises DatabaseProblem where the database holds rows, or where
    the file is of a newer program, damaged or of another kind; OSError where the file cannot be read. Nothing was
    changed then. Safe to repeat after a crash: the database is still empty.
    """
    with gzip.open(file, "rt", encoding="utf-8") as packed:
        lines = _lines(file, packed)
        header = _header(file, next(lines, None))
        place = sqlite_file(database.engine.url)
        if place is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
        found = revision(database)
        refuse_newer(database, found)
        with database.writing() as conn:
            if found is not None:
                _empty(conn, database)
            migrate(conn, header["schema"])
            imported = Imported(
                made_from=header["made_from"],
                made_at=datetime.fromisoformat(header["made_at"]),
                schema=header["schema"],
                rows=_fill(conn, file, lines, told),
            )
            migrate(conn, HEAD)
            finish(conn, imported)
    return imported


def _header(file: Path, line: Any) -> Mapping[str, str]:
    if not isinstance(line, Mapping) or line.get("format") != FORMAT:
        raise NotAnExport(f"{file} was not written by `first90 export`; nothing was changed.")
    if line["schema"] > HEAD:
        raise DatabaseProblem(
            f"{file} was exported at version {line['schema']}, newer than this program, which knows {HEAD}. "
            "Install the first90 that made it, or a later one; nothing was changed."
        )
    return line


def _lines(file: Path, packed: Any) -> Iterator[Any]:
    """Yield the lines as values. Raises NotAnExport where the file is cut off, damaged or of another kind."""
    try:
        while line := packed.readline(_LONGEST):
            yield json.loads(line)
    except (EOFError, gzip.BadGzipFile, zlib.error, ValueError) as error:
        raise NotAnExport(
            f"{file} is damaged, cut off, or was not written by `first90 export` ({error}); nothing was changed. "
            "Export again, or take another copy."
        ) from None


def _empty(conn: Connection, database: Database) -> None:
    """Drop tables without rows, so that they can be made anew at the file's version. Raise where one has rows."""
    tables = tables_found(conn)
    for table in tables.values():
        query = select(table).limit(1)
        if table.name == KeyValueRow.__tablename__:  # an empty database has its own id all the same
            query = query.where(table.columns["name"] != key_values.DATABASE)
        if conn.execute(query).first() is not None:
            raise DatabaseProblem(
                f"the database {database.place} is not empty: {table.name} has rows. Import into a new one "
                "(set FIRST90_HOME or FIRST90_DATABASE_URL); nothing was changed."
            )
    for table in reversed(tables.values()):
        table.drop(conn)
    conn.execute(text("DROP TABLE alembic_version"))


def _fill(conn: Connection, file: Path, lines: Iterator[Any], told: Progress) -> Mapping[str, int]:
    """Insert all rows; return the number of rows of each table, which the file's last line must agree with."""
    tables = tables_found(conn)
    counts: dict[str, int] = {}
    try:
        for name, columns, rows in _batches(lines, counts):
            table = tables[name]
            readers = [_reader(table, column) for column in columns]
            filled = [
                {column: read(value) for column, read, value in zip(columns, readers, row, strict=True)} for row in rows
            ]
            if filled:
                conn.execute(insert(table), filled)
            else:
                told(name, counts[name])
    except (IntegrityError, DataError) as error:
        raise NotAnExport(f"{file} is damaged ({error.orig}); nothing was changed.") from None
    except (KeyError, TypeError, ValueError) as error:
        raise NotAnExport(f"{file} is damaged ({error!r}); nothing was changed.") from None
    if set(counts) != set(tables):
        raise NotAnExport(f"{file} is cut off or holds other tables than its version; nothing was changed.")
    _number_on(conn, tables)
    return counts


def _batches(lines: Iterator[Any], counts: dict[str, int]) -> Iterator[tuple[str, Sequence[str], list[Any]]]:
    """Yield a table's name and columns with so many of its rows at once, and no rows at the end of the table.

    Counts the rows of each table. Raises ValueError where the file does not end with the same counts.
    """
    name = ""
    columns: Sequence[str] = ()
    rows: list[Any] = []
    for line in lines:
        if isinstance(line, list):
            rows.append(line)
            counts[name] += 1
        if name and rows and (not isinstance(line, list) or len(rows) == ROWS_AT_ONCE):
            yield name, columns, rows
            rows = []
        if isinstance(line, list):
            continue
        if name:
            yield name, columns, []
        if "rows" in line:
            if line["rows"] != counts:
                raise ValueError("the numbers of rows are others than at its end")
            return
        name, columns = line["table"], line["columns"]
        counts[name] = 0
    raise ValueError("its last line is missing")


def _reader(table: Table, column: str) -> Callable[[Any], Any]:
    """Return the conversion of a value of the file. SQLite holds instants as the text that the file has."""
    kind = table.columns[column].type
    if isinstance(kind, DateTime):
        return lambda value: None if value is None else datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return lambda value: None if value is None else date.fromisoformat(value)
    return lambda value: value


def _number_on(conn: Connection, tables: Mapping[str, Table]) -> None:
    """Let PostgreSQL number new rows after those of the file; SQLite does so by itself."""
    if conn.dialect.name != "postgresql":
        return
    for table in tables.values():
        for column in table.primary_key:
            if table.autoincrement_column is column and (last := conn.execute(select(func.max(column))).scalar()):
                conn.execute(select(func.setval(func.pg_get_serial_sequence(table.name, column.name), last)))
