"""A scratch copy: everything from one moment, and the source unchanged to the byte."""

import hashlib
import subprocess
import sys

import pytest
from sqlalchemy import func, select, text

from database import snapshot
from database.engine import connect, revision
from database.onboardings import openings
from database.tables import metadata


def digests(folder):
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def test_the_copy_holds_everything_and_is_gone_when_closed(database, world, opened):
    opened(3)
    copy = snapshot.scratch(database.url)
    assert copy.dialect == "sqlite"
    with database.reading() as there, copy.reading() as here:
        for table in metadata.sorted_tables:
            counts = [conn.execute(select(func.count()).select_from(table)).scalar() for conn in (there, here)]
            assert counts[0] == counts[1], table.name
    for number in (1, 2, 3):
        assert world.case(copy, world.key(number)) == world.case(database, world.key(number))
    folder = copy.temporary
    assert folder.exists()
    copy.close()
    assert not folder.exists()


def test_what_is_done_to_the_copy_never_reaches_the_source(database, world, opened):
    (key,) = opened()
    copy = snapshot.scratch(database.url)
    with copy.writing() as conn:
        openings.touch(conn, [key], world.now)
    copy.close()
    assert world.case(database).version + 1 == 3


def test_a_closed_source_stays_as_it_was_to_the_byte_and_no_file_appears_beside_it(new_database_url, world, tmp_path):
    database = connect(new_database_url("sqlite"))
    world.fill(database)
    database.close()
    before = digests(tmp_path)
    copy = snapshot.scratch(database.url)
    assert world.case(copy).key == world.key()
    copy.close()
    assert digests(tmp_path) == before


@pytest.mark.slow
def test_what_a_killed_writer_left_in_the_log_is_in_the_copy_and_stays_in_the_log(new_database_url, world, tmp_path):
    url = new_database_url("sqlite")
    code = (
        "import os\nfrom datetime import datetime, UTC\nfrom database import key_values\n"
        "from database.engine import connect\n"
        f"with connect({url!r}).writing() as conn:\n"
        "    key_values.write(conn, 'a', 'late', datetime.now(UTC))\n"
        "os._exit(1)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 1
    before = {name: digest for name, digest in digests(tmp_path).items() if not name.endswith("-shm")}
    copy = snapshot.scratch(url)
    with copy.reading() as conn:
        assert conn.execute(text("SELECT value FROM key_value WHERE name = 'a'")).scalar() == "late"
    copy.close()
    after = digests(tmp_path)
    assert {name: digest for name, digest in after.items() if not name.endswith("-shm")} == before


@pytest.mark.parametrize("url", [None, "missing"])
def test_where_there_is_no_database_the_copy_is_empty(url, tmp_path):
    copy = snapshot.scratch(url and f"sqlite:///{tmp_path}/none.db")
    assert revision(copy) is not None
    copy.close()
    assert list(tmp_path.iterdir()) == []
