"""An export holds every row, and either database can be filled from it; a bad file changes nothing."""

import gzip
import json
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, text

from database import key_values
from database.engine import HEAD, Database, DatabaseProblem, connect, revision
from database.export_file import export_database, tables_found
from database.import_file import Imported, NotAnExport, import_database
from database.statements import write_journal
from database.upgrades import configuration, upgrade

MADE = datetime(2026, 3, 9, 8, tzinfo=UTC)


def exported(database: Database, folder: Path) -> Path:
    file = folder / "all.gz"
    export_database(database, file, MADE, lambda table, rows: None)
    return file


def imported(database: Database, file: Path, finish: Callable[[Connection, Imported], None] | None = None) -> Imported:
    return import_database(database, file, lambda table, rows: None, finish or (lambda conn, found: None))


def lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]


def rows(database: Database, folder: Path) -> list[Any]:
    """Return all rows as an export holds them: as text, the same from both databases."""
    return lines(exported(database, folder))[1:]


def at_version(database: Database, version: str) -> None:
    with database.writing() as conn:
        config = configuration()
        config.attributes["connection"] = conn
        command.downgrade(config, version)


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, new_database_url: Callable[[str], str]) -> Iterator[Database]:
    found = connect(new_database_url(request.param))
    yield found
    found.close()


@pytest.mark.slow
def test_what_is_imported_is_what_was_exported_between_both_kinds_of_database(
    database, target, world, opened, tmp_path
):
    opened(3)
    file = exported(database, tmp_path)
    told = imported(target, file)
    assert (told.made_at, told.schema) == (MADE, HEAD)
    assert told.rows["onboarding"] == 3
    assert rows(target, tmp_path) == rows(database, tmp_path)
    assert world.case(target) == world.case(database)
    with target.writing() as conn:  # a new row gets the next number
        write_journal(conn, [(None, "import", "all", "test")], at=world.now, by="test")
    upgrade(target)


def test_the_same_rows_make_the_same_file_which_only_its_owner_reads(database, opened, tmp_path):
    opened(1)
    first = exported(database, tmp_path)
    content = first.read_bytes()
    assert exported(database, tmp_path).read_bytes() == content
    assert first.stat().st_mode & 0o077 == 0
    assert [file.name for file in tmp_path.iterdir() if not file.name.startswith("test_")] == ["all.gz"]


@pytest.mark.slow
def test_a_database_without_tables_is_filled_too(new_database_url, opened, database, tmp_path):
    opened(1)
    empty = connect(f"sqlite:///{tmp_path}/deep/new.db")
    imported(empty, exported(database, tmp_path))
    assert revision(empty) == HEAD
    empty.close()


@pytest.mark.slow
def test_an_export_of_an_older_version_becomes_what_an_upgrade_makes(database, target, opened, tmp_path):
    opened(2)
    upgrade(database)
    at_version(database, "0015")
    file = exported(database, tmp_path)
    assert imported(target, file).schema == "0015"
    upgrade(database)
    assert rows(target, tmp_path) == rows(database, tmp_path)


@pytest.mark.slow
def test_a_database_with_rows_is_refused_and_stays(database, target, opened, world, tmp_path):
    opened(1)
    file = exported(database, tmp_path)
    with target.writing() as conn:
        write_journal(conn, [(None, "stop", "all", "here")], at=world.now, by="test")
    before = rows(target, tmp_path)
    with pytest.raises(DatabaseProblem, match=r"is not empty: journal has rows\. Import into a new one"):
        imported(target, file)
    assert rows(target, tmp_path) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda content: content[:-40], "damaged, cut off"),
        (lambda content: b"hello", "not written by"),
        (lambda content: gzip.compress(b'{"a": 1}\n'), "not written by"),
        (lambda content: gzip.compress(b"[1]\n"), "not written by"),
        (lambda content: gzip.compress(b"\xff\xfe"), "damaged, cut off"),
        (lambda content: _without(content, -1), "its last line is missing"),
        (lambda content: _without(content, 2), "is damaged"),
        (lambda content: _with(content, -1, {"rows": {}}), "the numbers of rows"),
        (lambda content: _with(content, 0, {"schema": "9999"}), "newer than this program"),
        (lambda content: _with(content, 1, {"table": "accounts"}), "is damaged"),
        (lambda content: _with(content, 1, {"columns": ["id"]}), "is damaged"),
    ],
)
def test_a_bad_file_is_refused_and_the_database_stays_empty(damage, said, database, opened, new_database_url, tmp_path):
    opened(1)
    file = exported(database, tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    target = connect(new_database_url("sqlite"))
    with pytest.raises(DatabaseProblem, match=said):
        imported(target, file)
    with target.reading() as conn:
        assert revision(target) == HEAD
        found = [row for table in tables_found(conn).values() for row in conn.execute(table.select())]
        assert [row[0] for row in found] == [key_values.DATABASE]
    target.close()


@pytest.mark.slow
def test_what_fails_at_the_end_leaves_nothing(database, target, opened, tmp_path):
    opened(1)

    def fall(conn: Connection, found: Imported) -> None:
        raise RuntimeError("the power fails")

    file = exported(database, tmp_path)
    with pytest.raises(RuntimeError):
        imported(target, file, fall)
    with target.reading() as conn:
        assert conn.execute(text("SELECT count(*) FROM onboarding")).scalar() == 0
    imported(target, file)  # and it can be repeated


@pytest.mark.slow
def test_a_missing_table_in_the_file_is_noticed(database, opened, new_database_url, tmp_path):
    opened(1)
    file = exported(database, tmp_path)
    kept = [line for line in lines(file) if not (isinstance(line, Mapping) and line.get("table") == "stop")]
    del kept[-1]["rows"]["stop"]
    file.write_bytes(_packed(kept))
    target = connect(new_database_url("sqlite"))
    with pytest.raises(NotAnExport, match="other tables than its version"):
        imported(target, file)
    target.close()


def _packed(content: list[Any]) -> bytes:
    return gzip.compress(b"".join(json.dumps(line).encode() + b"\n" for line in content))


def _without(content: bytes, number: int) -> bytes:
    kept = [json.loads(line) for line in gzip.decompress(content).splitlines()]
    del kept[number]
    return _packed(kept)


def _with(content: bytes, number: int, change: Mapping[str, Any]) -> bytes:
    kept = [json.loads(line) for line in gzip.decompress(content).splitlines()]
    kept[number] |= change
    return _packed(kept)


def test_a_place_that_is_no_plain_file_is_refused_and_stays(database: Database, tmp_path: Path) -> None:
    place = tmp_path / "pipe"
    os.mkfifo(place)
    with pytest.raises(OSError, match="no plain file"):
        export_database(database, place, MADE, lambda table, rows: None)
    assert place.is_fifo()


def test_what_an_export_that_was_killed_left_behind_does_not_stop_the_next_one(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / f".all.gz.{os.getpid()}").write_bytes(b"unfinished: in a container each process has the same id")
    assert exported(database, tmp_path).is_file()
