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
