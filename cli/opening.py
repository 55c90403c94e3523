"""What a command opens: the settings, the database for looking, or the whole workplace for doing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tasks.workplace import Workplace


@contextmanager
def looking() -> "Iterator[Connection]":
    """One picture of what is remembered; makes nothing. Raises SettingsError and DatabaseProblem."""
    from config.settings import load_settings
    from database.engine import open_database

    database = open_database(load_settings().database_url, create=False)
    try:
        with database.reading() as connection:
            yield connection
    finally:
        database.close()


@contextmanager
def working() -> "Iterator[Workplace]":
    """The workplace, for a person's fact or decision. Raises what makes it impossible, before anything
    changed."""
    from config.settings import load_settings
    from tasks.workplace import open_workplace

    with open_workplace(load_settings(), create=False) as place:
        yield place
