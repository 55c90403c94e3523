"""The statements that a database is asked, heard one by one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from database.engine import Database


@contextmanager
def watching(database: Database, called: Callable[[str], None]) -> Iterator[None]:
    """Call ``called`` before every statement (an ``executemany`` is one), BEGIN, COMMIT and ROLLBACK."""

    def statement(conn: Any, cursor: Any, sql: str, parameters: Any, context: Any, many: bool) -> None:
        called(sql)

    def ended(word: str) -> Callable[[Any], None]:
        return lambda conn: called(word)

    listeners: list[tuple[str, Callable[..., Any]]] = [("before_cursor_execute", statement)]
    listeners += [(word.lower(), ended(word)) for word in ("COMMIT", "ROLLBACK")]
    if database.dialect == "postgresql":
        listeners.append(("begin", ended("BEGIN")))
    for name, listener in listeners:
        event.listen(database.engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners:
            event.remove(database.engine, name, listener)


@contextmanager
def rows_written(database: Database, called: Callable[[int], None]) -> Iterator[None]:
    """Call ``called`` with the rows that each transaction inserts, updates or deletes one by one, before it commits; a
    statement for a set counts as one."""
    of: dict[int, int] = {}

    def statement(conn: Any, cursor: Any, sql: str, parameters: Any, context: Any, many: bool) -> None:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            of[id(conn)] = of.get(id(conn), 0) + (len(parameters) if many else 1)

    def commit(conn: Any) -> None:
        called(of.pop(id(conn), 0))

    event.listen(database.engine, "before_cursor_execute", statement)
    event.listen(database.engine, "commit", commit)
    try:
        yield
    finally:
        event.remove(database.engine, "before_cursor_execute", statement)
        event.remove(database.engine, "commit", commit)
