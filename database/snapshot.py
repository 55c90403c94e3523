"""Scratch copies of the database: dry runs, ``simulate`` and previews never touch the real one."""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import delete, insert, make_url, select

from database.engine import HEAD, Database, DatabaseProblem, connect, revision, sqlite_file
from database.tables import KeyValueRow, metadata
from database.upgrades import upgrade


def scratch(url: str | None) -> Database:
    """Return a consistent copy of the database at ``url``; an empty one where there is none (or no URL).

    Nothing is written to the source: no row, and no file beside it. Closing the copy removes it. Raises
    DatabaseProblem where the source has another version or does not answer.
    """
    folder = Path(tempfile.mkdtemp(prefix="first90-"))
    file = folder / "scratch.db"
    copy = connect(f"sqlite:///{file}", folder, durable=False)
    try:
        _fill(copy, file, url)
    except BaseException:
        copy.close()
        raise
    return copy


def _fill(copy: Database, file: Path, url: str | None) -> None:
    source = sqlite_file(make_url(url)) if url else None
    if url is None or (source is not None and not source.exists()):
        upgrade(copy)
        return
    if source is not None:
        _copy_file(source, file)
        found = revision(copy)
        if found is None:
            upgrade(copy)
        elif found != HEAD:
            raise DatabaseProblem(_other_version(str(source), found))
        return
    database = connect(url)
    try:
        found = revision(database)
        if found not in (None, HEAD):
            raise DatabaseProblem(_other_version(database.place, str(found)))
        upgrade(copy)
        if found is not None:
            _copy_rows(database, copy)
    finally:
        database.close()


def _copy_file(source: Path, target: Path) -> None:
    """Copy a SQLite file that others may be writing to, with SQLite's backup.

    A closed database has no log beside it. Opening it would create one, so it is copied as a file, unless another
    process opened it meanwhile.
    """
    log = source.with_name(source.name + "-wal")
    if not log.exists():
        before = source.stat()
        shutil.copyfile(source, target)
        after = source.stat()
        if not log.exists() and (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size):
            return
    target.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as original,
        closing(sqlite3.connect(target)) as copy,
    ):
        original.backup(copy)


def _copy_rows(source: Database, copy: Database) -> None:
    """Copy table by table from one snapshot of PostgreSQL, a thousand rows at a time."""
    with source.reading() as there, copy.writing() as here:
        here.execute(delete(KeyValueRow))  # the copy's own id: it is to have the source's
        streamed = there.execution_options(stream_results=True)
        for table in metadata.sorted_tables:
            for rows in streamed.execute(select(table)).mappings().partitions(1000):
                here.execute(insert(table), [dict(row) for row in rows])


def _other_version(place: str, found: str) -> str:
    return f"the database {place} is at version {found}; this program needs {HEAD}. Run `first90 db upgrade`."
