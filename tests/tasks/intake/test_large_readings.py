"""A first intake in many transactions: none grows with the CRM, a run that ends early is continued, none is doubled."""

import logging
from typing import Any

import pytest
from sqlalchemy import select

from database import key_values
from database.engine import Database
from database.tables import metadata
from onboarding.crm import parts
from tasks import progress
from tasks.intake import open_deals, sources, storing
from tasks.intake.sources import take_in_deals
from tasks.runtime.scope import Scope
from tests.builders.statements import rows_written
from tests.tasks.conftest import MONDAY, ident

CUSTOMERS = 12
MOST_ROWS, MOST_ACCOUNTS = 8, 2
AROUND = 10
"""Rows of a transaction besides those of its part: the cursor, the clock, the playbooks in use."""
UNLIKE = {"key_value", "journal"}


class Ended(Exception):
    """The process ends here."""


@pytest.fixture
def many(office: Any) -> Any:
    """Return a company with customers of every kind, some of whom wait for a person's decision."""
    for number in range(1, CUSTOMERS + 1):
        office.customer(number)
    office.change("006-0003", CloseDate="2025-12-01")
    office.change("006-0004", Type="Renewal")
    office.change("006-0009", Type="Renewal")
    office.change("006-0011", CloseDate="soon")
    office.write()
    return office


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MOST_ROWS", MOST_ROWS)
    monkeypatch.setattr(open_deals, "ACCOUNTS", MOST_ACCOUNTS)


def contents(database: Database) -> dict[str, list[str]]:
    with database.reading() as conn:
        tables = {name: conn.execute(select(table)).all() for name, table in metadata.tables.items()}
    return {name: sorted(map(repr, rows)) for name, rows in tables.items() if name not in UNLIKE}


def test_parts_store_what_one_transaction_stores(many: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with many.context() as context:
        told = take_in_deals(context, MONDAY, Scope())
        once = contents(context.database)
    many.shut()
    (many.home / "first90.db").unlink()
    monkeypatch.setattr(parts, "MOST_ROWS", MOST_ROWS)
    monkeypatch.setattr(open_deals, "ACCOUNTS", MOST_ACCOUNTS)
    with many.context() as context:
        assert take_in_deals(context, MONDAY, Scope()) == told
        assert contents(context.database) == once
    assert (told.opened, told.adopted, len(told.set_aside)) == (10, 1, 1)


@pytest.mark.usefixtures("in_parts")
def test_no_transaction_of_a_first_intake_grows_with_the_crm(many: Any) -> None:
    most: list[int] = []
    with many.context() as context, rows_written(context.database, most.append):
        take_in_deals(context, MONDAY, Scope())
    assert max(most) <= 4 * MOST_ROWS + AROUND, "a deal's row is written, attached and touched"
    assert len(most) > 10


@pytest.mark.slow
@pytest.mark.usefixtures("in_parts")
def test_a_run_that_ends_after_any_transaction_is_continued_and_tells_once(many: Any) -> None:
    with many.context() as context:
        take_in_deals(context, MONDAY, Scope())
        wanted = contents(context.database)
    commits = 0
    for number in range(1, 40):
        many.shut()
        for path in many.home.glob("first90.db*"):
            path.unlink()
        with many.context() as context:
            commits = 0

            def end(rows: int, number: int = number) -> None:
                nonlocal commits
                commits += 1
                if commits == number:
                    raise Ended

            try:
                with rows_written(context.database, end):
                    take_in_deals(context, MONDAY, Scope())
            except Ended:
                pass
            else:
                break
            take_in_deals(context, MONDAY, Scope())
            assert contents(context.database) == wanted, f"ended before transaction {number} was stored"
    assert commits > 10
    many.run()
    assert len(many.told("#managers", "onboardings wait for a decision")) == 1


@pytest.mark.usefixtures("in_parts")
def test_a_half_stored_reading_opens_nothing_and_is_read_whole_again(many: Any) -> None:
    with many.context() as context:
        with context.database.writing() as conn:
            key_values.write(conn, key_values.CRM, context.crm.read(None).cursor, MONDAY)
            key_values.write(conn, key_values.HALF_STORED, "of another run", MONDAY)
        many.folder.rename(away := many.folder.with_name("away"))
        told = take_in_deals(context, MONDAY, Scope())
        assert (len(told.failures), told.opened) == (1, 0)
        away.rename(many.folder)
        assert take_in_deals(context, MONDAY, Scope()).opened == 10
        with context.database.reading() as conn:
            assert key_values.read(conn, key_values.HALF_STORED) is None


@pytest.mark.usefixtures("in_parts")
def test_a_reading_that_another_run_overtakes_stores_no_further_part(
    many: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with many.context() as context:

        def overtake(*of: Any) -> Any:
            monkeypatch.undo()
            with context.database.writing() as conn:
                key_values.write(conn, key_values.HALF_STORED, "of another run", MONDAY)
            return store(*of)

        store = sources.store_all_but_last
        monkeypatch.setattr(sources, "store_all_but_last", overtake)
        assert take_in_deals(context, MONDAY, Scope()).opened == 0
        assert contents(context.database)["account"] == []


@pytest.mark.usefixtures("in_parts")
def test_no_deal_is_opened_while_another_run_stores_a_reading_in_parts(
    many: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = sources.read_crm

    def overtake(*of: Any) -> Any:
        seen = read(*of)
        storing.store_all_but_last(of[0], read(*of), MONDAY)
        return seen

    with many.context() as context:
        with monkeypatch.context() as patch:
            patch.setattr(sources, "read_crm", overtake)
            assert take_in_deals(context, MONDAY, Scope()).opened == 0
        assert take_in_deals(context, MONDAY, Scope()).opened == 10


@pytest.mark.usefixtures("in_parts")
def test_who_has_left_the_export_is_gone_after_a_reading_in_parts(many: Any) -> None:
    with many.context() as context:
        take_in_deals(context, MONDAY, Scope())
        many.leave_out("001-0002")
        many.write()
        take_in_deals(context, MONDAY, Scope())
        gone = metadata.tables["account"].c
        with context.database.reading() as conn:
            found = conn.execute(select(gone.id).where(gone.gone_at.is_not(None))).scalars().all()
    assert found == [ident("001", 2)]


@pytest.mark.usefixtures("in_parts")
def test_how_far_it_has_come_is_logged(
    many: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(progress, "EVERY", 0)
    with many.context() as context, caplog.at_level(logging.INFO, logger="tasks"):
        take_in_deals(context, MONDAY, Scope())
    assert f"the CRM: {CUSTOMERS} of {CUSTOMERS} accounts stored" in caplog.messages
    assert any("accounts with won deals opened" in line for line in caplog.messages)
