"""Opens the database, with two kinds of transaction: reading one snapshot, and writing."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from config.settings.redaction import without_secrets
from database.tables import dump
from onboarding.values import dataclass

HEAD = "0046"
"""The newest migration. A constant: importing Alembic would cost every command half a second."""

BUSY_SECONDS = 30
"""How long SQLite waits for another writer. Our choice: longer than any of our transactions."""


class DatabaseProblem(Exception):
    """The database cannot be used as it is. The message names the place and the mend, without a password."""


@dataclass(frozen=True, slots=True)
class Database:
    """An open database. Safe to share between threads; not across a fork."""

    engine: Engine
    url: str = field(repr=False)
    """With its password: for reopening only; show ``place`` instead."""
    temporary: Path | None = None
    """The folder of a scratch copy, which ``close`` removes."""

    @property
    def dialect(self) -> str:
        """Return ``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    @property
    def place(self) -> str:
        """Return the URL without the password, which may be in the query too."""
        return self.engine.url.set(query={}).render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that reads one consistent snapshot from the first statement to the last."""
        with self.engine.connect() as plain:
            connection = plain
            if self.dialect == "postgresql":
                connection = plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a writing transaction: all of it is saved when the block ends, nothing if it raises.

        On SQLite it takes the write lock at once, so that what it read cannot change before it writes.
        """
        with self.engine.connect().execution_options(first90_writes=True) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close every connection; a scratch copy is removed."""
        self.engine.dispose()
        if self.temporary is not None:
            shutil.rmtree(self.temporary, ignore_errors=True)


def connect(url: str, temporary: Path | None = None, *, durable: bool = True) -> Database:
    """Return a database for the URL, without connecting to it. Raises DatabaseProblem for an unusable URL.

    ``durable=False`` is for scratch copies, which need not survive a power cut.
    """
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise DatabaseProblem(
            "FIRST90_DATABASE_URL is not a database URL; write for example "
            "postgresql+psycopg://user@host/first90 or sqlite:////folder/first90.db."
        ) from error
    backend = "postgresql" if address.drivername == "postgres" else address.get_backend_name()
    if backend == "sqlite":
        engine = create_engine(address, json_serializer=dump, hide_parameters=True)
        _prepare_sqlite(engine, durable)
    elif backend == "postgresql":
        options = {name: value for name, value in address.query.items() if isinstance(value, str)}
        engine = create_engine(
            # The options are passed beside the address: a password may be among them, and an engine shows its address.
            address.set(drivername="postgresql+psycopg").difference_update_query(options),
            json_serializer=dump,
            hide_parameters=True,  # an error is logged, and addresses and texts of mails are among them
            pool_size=3,
            max_overflow=5,  # three channels, each with a read beside its writing transaction
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10, **options},
        )
    else:
        raise DatabaseProblem(
            f"FIRST90_DATABASE_URL names {backend}, which first90 does not speak; use sqlite or postgresql."
        )
    return Database(engine, address.render_as_string(hide_password=False), temporary)


def refuse_newer(database: Database, found: str | None) -> None:
    """Raise DatabaseProblem for a schema of a newer program: this one must not write to it."""
    if found is not None and found > HEAD:
        raise DatabaseProblem(
            f"the database {database.place} is at version {found}, newer than this program, which knows {HEAD}. "
            "Install the first90 that made it, or a later one; nothing was changed."
        )


def sqlite_file(address: URL) -> Path | None:
    """Return the file of a SQLite URL; None for PostgreSQL and for a database in memory."""
    if address.get_backend_name() != "sqlite" or address.database in (None, "", ":memory:"):
        return None
    return Path(str(address.database))


def revision(database: Database) -> str | None:
    """Return the version of the schema, None without one. Raises DatabaseProblem where the server does not answer."""
    try:
        with database.reading() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except DBAPIError as error:
        why = _without_values(f"{error.orig}", make_url(database.url))
        raise DatabaseProblem(f"the database {database.place} does not answer: {why}") from None


def _without_values(text: str, address: URL) -> str:
    """Return a driver's message without the password and what it may quote of the options: values, and an unknown
    name, which may be the rest of a password with an ``&`` in it."""
    options = [
        value for name, value in address.query.items() if name not in ("host", "port") and isinstance(value, str)
    ]
    for value in sorted(filter(None, [str(address.password or ""), *options]), key=len, reverse=True):
        text = text.replace(value, "***")
    for name in address.query:
        text = text.replace(f'"{name}"', '"***"')
    return without_secrets(text)


def clock(database: Database) -> datetime:
    """Return the time of the server's clock (aware, UTC). PostgreSQL only."""
    with database.reading() as connection:
        return connection.execute(text("SELECT clock_timestamp()")).scalar_one().astimezone(UTC)  # type: ignore[no-any-return]


def _prepare_sqlite(engine: Engine, durable: bool) -> None:
    @event.listens_for(engine, "connect")
    def settings(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late and takes no write lock
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode=WAL")
        # FULL: a mark rolled back by a power cut would be a mail sent twice.
        cursor.execute(f"PRAGMA synchronous={'FULL' if durable else 'OFF'}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("first90_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
