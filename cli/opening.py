"""What a command opens: the settings, the database for looking, or the whole run context for doing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.options import Unusable

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config.settings.load import Settings
    from database.engine import Database
    from tasks.runtime.context import RunContext


def remembered(settings: "Settings") -> "Database":
    """The database that there is; it is never made by a command that looks. Raises DatabaseProblem, Unusable."""
    from database.engine import connect, sqlite_file
    from database.opening import open_database

    asked = connect(settings.database_url)
    asked.close()
    file = sqlite_file(asked.engine.url)
    if file is not None and not file.exists():
        raise Unusable(f"there is nothing yet: no database at {file}. `first90 run` makes one, or set FIRST90_HOME")
    return open_database(settings.database_url, create=False)


@contextmanager
def looking() -> "Iterator[Connection]":
    """One picture of what is remembered; makes nothing. Raises SettingsError and DatabaseProblem."""
    from config.settings.load import load_settings

    database = remembered(load_settings())
    try:
        with database.reading() as connection:
            yield connection
    finally:
        database.close()


@contextmanager
def working() -> "Iterator[RunContext]":
    """The run context, for a person's fact or decision. Raises what makes it impossible, before anything
    changed."""
    from config.settings.load import load_settings
    from tasks.runtime.context import open_run_context

    with open_run_context(load_settings(), create=False) as context:
        yield context
