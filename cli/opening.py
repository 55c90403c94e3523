"""What a command opens: the settings, the database for looking, or the whole workplace for doing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.options import Unusable

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


def one(found: "list[str]", key: str, said: str) -> str:
    """The only one of what a KEY may mean. Raises Unusable where it means nothing, or several."""
    if len(found) == 1:
        return found[0]
    if not found:
        raise Unusable(f"{key!r} is no account or deal that first90 knows{said}; `first90 status` lists them")
    raise Unusable(f"{key!r} means several: {', '.join(found[:5])}; give one of these ids instead")
