"""Data of each earlier version of the schema, as an export of that version holds it, becomes this version's data.

The files in ``exports`` are exports of four customers of the sample after one cycle, named by their schema's version.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from config.playbook_library.library import from_content
from database.engine import HEAD, Database, connect, revision
from database.import_file import import_database
from database.onboardings import cases
from database.onboardings.overview import effect_lines, status_lines
from database.reporting import board
from database.tables import OnboardingRow, PlaybookRow
from onboarding.model.case import Calendar

NOW = datetime(2026, 11, 27, tzinfo=UTC)
EXPORTS = sorted((Path(__file__).parent / "exports").glob("*.gz"))


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, new_database_url: Callable[[str], str]) -> Iterator[Database]:
    found = connect(new_database_url(request.param))
    yield found
    found.close()


@pytest.mark.slow
@pytest.mark.parametrize("file", EXPORTS, ids=lambda file: file.stem)
def test_data_of_an_earlier_version_is_taken_forward(file: Path, target: Database) -> None:
    told = import_database(target, file, lambda table, rows: None, lambda conn, found: None)
    assert told.schema == file.name.removesuffix(".gz")
    assert revision(target) == HEAD
    with target.reading() as conn:
        keys = list(conn.execute(select(OnboardingRow.key).order_by(OnboardingRow.key)).scalars())
        found = cases.load(conn, keys, NOW, lambda country: Calendar())
        assert list(found) == keys
        assert len(status_lines(conn)) == len(keys) == 4
        assert sorted(board.keys(conn)) == keys
        assert {line["state"] for line in effect_lines(conn)} >= {"sent", "planned"}
        kept = conn.execute(select(PlaybookRow.content)).scalars().all()
        assert {from_content(content).tier for content in kept} == {"tech", "mid", "high"}


def test_there_is_an_export_of_an_earlier_version() -> None:
    assert EXPORTS, "write one by `first90 export` before the schema changes"
