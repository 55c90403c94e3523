"""What a command opens: the database for reading, or the whole run context for changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.options import Unusable

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config.settings.load import Settings
    from database.engine import Database
    from tasks.runtime.context import RunContext


def existing_database(settings: "Settings") -> "Database":
    """Return the existing database; a command that only reads never makes one. Raises DatabaseProblem, Unusable."""
    from database.opening import DatabaseMissing, open_database

    try:
        return open_database(settings.database_url, create=False)
    except DatabaseMissing as missing:
        told = f"there is nothing yet: no database at {missing.file}. `first90 run` makes one, or set FIRST90_HOME"
        raise Unusable(told) from None


@contextmanager
def reading() -> "Iterator[Connection]":
    """Yield a connection that reads one snapshot; nothing is made. Raises SettingsError, DatabaseProblem, Unusable."""
    from config.settings.load import load_settings

    database = existing_database(load_settings())
    try:
        with database.reading() as connection:
            yield connection
    finally:
        database.close()


@contextmanager
def run_context() -> "Iterator[RunContext]":
    """Yield the run context, for a person's fact or decision. Raises what ``open_run_context`` raises; nothing changed
    then."""
    from config.settings.load import load_settings
    from tasks.runtime.context import open_run_context

    with open_run_context(load_settings(), create=False) as context:
        yield context
