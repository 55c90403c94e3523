"""Migrates the tables to this program's version, with Alembic and without a configuration file."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from database import key_values
from database.engine import Database, refuse_newer, revision, sqlite_file
from database.turns import Turn, take_turn


def upgrade(database: Database) -> None:
    """Run the missing migrations in one transaction. Safe to repeat, also by two processes at once.

    Raises DatabaseProblem for a database of a newer program.
    """
    file = sqlite_file(database.engine.url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    refuse_newer(database, revision(database))
    with database.writing() as connection:
        migrate(connection, "head")
        key_values.database_id(connection)


def migrate(connection: Connection, to: str) -> None:
    """Run the missing migrations up to a version in the transaction of ``connection``. Safe to repeat."""
    take_turn(connection, Turn.UPGRADES)
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def configuration() -> Config:
    """Return Alembic's settings: only where the migrations are."""
    config = Config()
    config.set_main_option("script_location", (Path(__file__).parent / "migrations").as_posix().replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
