"""Opens the database at the schema version of this program: made and migrated on first use, another one refused."""

from pathlib import Path

from database.engine import HEAD, Database, DatabaseProblem, connect, refuse_newer, revision, sqlite_file


class DatabaseMissing(DatabaseProblem):
    """There is no database file, and none is to be made."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"there is no database at {file}. Set FIRST90_HOME to the folder that holds it, "
            "or make one with `first90 db upgrade`."
        )
        self.file = file


def open_database(url: str, *, create: bool) -> Database:
    """Open the database at an SQLAlchemy URL and make sure that its tables are the ones this version knows.

    With ``create`` a SQLite file is made and migrated on first use (safe when two processes do so at once).
    PostgreSQL is migrated by ``first90 db upgrade`` only. Raises DatabaseProblem where there is no database,
    or one of another version.
    """
    database = connect(url)
    file = sqlite_file(database.engine.url)
    if file is not None and not file.exists():
        if not create:
            raise DatabaseMissing(file)
        file.parent.mkdir(parents=True, exist_ok=True)
    try:
        _make_current(database, create=create)
    except BaseException:
        database.close()
        raise
    return database


def _make_current(database: Database, *, create: bool) -> None:
    found = revision(database)
    if found == HEAD:
        return
    refuse_newer(database, found)
    if create and database.dialect == "sqlite":
        # Imported here: Alembic is needed for the first run and upgrades only, and slow to import.
        from database.upgrades import upgrade

        upgrade(database)
        return
    state = f"is at version {found}" if found else "has no tables of first90"
    raise DatabaseProblem(
        f"the database {database.place} {state}; this program needs version {HEAD}. Run `first90 db upgrade`."
    )
