"""Statements that several modules use: insert new rows, insert or replace, write the journal."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, SQLColumnExpression, String, cast, func, insert, or_

from database.acting import how_known
from database.tables import JournalRow, TableRow
from onboarding.model.vocabulary import EffectState

T = TypeVar("T")

CHUNK = 1000
"""The most keys in one statement: far below the limits of both databases. Our choice."""


def insert_new(conn: Connection, table: type[TableRow], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows that do not exist yet, in one statement; return how many those were."""
    if not rows:
        return 0
    statement = insert_into(conn)(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return conn.execute(statement, list(rows)).rowcount


def replace_rows(conn: Connection, table: type[TableRow], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows; where the primary key exists, set the other given columns to the new values."""
    if not rows:
        return
    keys = [column.name for column in table.__table__.primary_key.columns]
    statement = insert_into(conn)(table)
    news = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    conn.execute(statement.on_conflict_do_update(index_elements=keys, set_=news), list(rows))


def write_journal(
    conn: Connection,
    lines: Iterable[tuple[str | None, str, str, str]],
    *,
    at: datetime,
    by: str,
    playbook: str = "",
) -> None:
    """Write lines of (onboarding key or None, kind, about, because) into the journal."""
    rows = [
        {
            "at": at,
            "onboarding_key": key,
            "kind": kind,
            "about": about,
            "because": because,
            "playbook": playbook,
            "by": by,
            "known": how_known(by),
        }
        for key, kind, about, because in lines
    ]
    if rows:
        conn.execute(insert(JournalRow), rows)


def in_states(column: SQLColumnExpression[str], *states: EffectState) -> ColumnElement[bool]:
    """Return the condition for one of these states. Unlike ``IN`` it also works in an ``executemany``."""
    return or_(*(column == state.value for state in sorted(states)))


def utc_day(conn: Connection, at: SQLColumnExpression[datetime]) -> ColumnElement[str]:
    """Return the day of a moment in UTC: SQLite keeps moments as text in UTC, PostgreSQL shows them in its own zone."""
    there = func.timezone("UTC", at) if conn.dialect.name == "postgresql" else at
    return func.substr(cast(there, String), 1, len("2026-03-02"))


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Yield the values in lists of at most ``size``."""
    source = iter(values)
    while part := list(islice(source, size)):
        yield part


def insert_into(conn: Connection) -> Any:
    """Return the dialect's ``insert``, which has ``ON CONFLICT``."""
    # Imported here: PostgreSQL's dialect would cost every command on SQLite 40 ms.
    if conn.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert
    from sqlalchemy.dialects import sqlite

    return sqlite.insert
