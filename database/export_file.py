"""Writes all rows of a database to one file, which either database can be filled from.

The file is gzip of JSON lines, so that it can be read without this program: a header, then for each table its name and
columns and a list for each row, then the number of rows of each table. Instants are ISO 8601 in UTC with microseconds.
"""

import errno
import gzip
import json
import os
import secrets
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Connection, MetaData, Table, event, select

from database.engine import Database, DatabaseProblem, refuse_newer, revision, sqlite_file
from database.opening import DatabaseMissing

FORMAT = "first90 export"
ROWS_AT_ONCE = 1000
"""Rows held in memory at once. Our choice."""

Progress = Callable[[str, int], None]
"""Called with a table's name and its number of rows when the table is done."""


def export_database(database: Database, file: Path, made_at: datetime, told: Progress) -> Mapping[str, int]:
    """Write one snapshot of all tables to the file and return the number of rows of each table.

    The file appears whole or not at all, readable by its owner only, because it holds personal data and the hashes
    under which forgotten people are known. An existing file is replaced. Takes a database of an older version too.
    Raises DatabaseProblem for a newer one and where there is none, OSError where the file cannot be written.
    """
    place = sqlite_file(database.engine.url)
    if place is not None and not place.exists():
        raise DatabaseMissing(place)
    schema = revision(database)
    refuse_newer(database, schema)
    if schema is None:
        raise DatabaseProblem(f"the database {database.place} has no tables of first90: there is nothing to export.")
    if file.exists() and not file.is_file():
        raise FileExistsError(errno.EEXIST, "it is no plain file")
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with open(unfinished, "xb", opener=_private) as raw:
            # No time and no name in gzip's own header: the same rows make the same bytes.
            with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed, database.reading() as conn:
                counts = {}
                header = {"format": FORMAT, "schema": schema, "made_at": made_at, "made_from": database.place}
                packed.write(_line(header))
                for table in tables_found(conn).values():
                    packed.write(_line({"table": table.name, "columns": [column.name for column in table.columns]}))
                    counts[table.name] = 0
                    for lines, number in _rows(conn, table):
                        packed.write(lines)
                        counts[table.name] += number
                    told(table.name, counts[table.name])
                packed.write(_line({"rows": counts}))
            raw.flush()
            os.fsync(raw.fileno())
        os.replace(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)
    return counts


def tables_found(conn: Connection) -> dict[str, Table]:
    """Return the tables that the database has at its version, each after those that it refers to."""
    known = MetaData()

    @event.listens_for(known, "column_reflect")
    def none_is_null(inspector: Any, table: Table, column: Any) -> None:
        if isinstance(column["type"], JSON):
            column["type"] = JSON(none_as_null=True)

    with warnings.catch_warnings():
        # An index of an expression: only the columns are of interest.
        warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index")
        known.reflect(conn)
    return {table.name: table for table in known.sorted_tables if table.name != "alembic_version"}


def _rows(conn: Connection, table: Table) -> Iterator[tuple[bytes, int]]:
    """Yield the lines of so many rows at once, and how many they are. In the order of the primary key."""
    query = select(table).order_by(*table.primary_key)
    with conn.execution_options(stream_results=True).execute(query) as found:
        for rows in found.partitions(ROWS_AT_ONCE):
            yield b"".join(_line(row) for row in rows), len(rows)


def _line(value: Mapping[str, Any] | Sequence[Any]) -> bytes:
    content = value if isinstance(value, Mapping) else list(value)
    return json.dumps(content, default=_plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"cannot be exported: {value!r}")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
