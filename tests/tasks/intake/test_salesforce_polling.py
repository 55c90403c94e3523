"""R16: whatever happens in the org between and during readings, after the next cycle our records equal the CRM's.

``CURSOR_RUNS=2000`` lives so many random companies (a night's work). The controls need at most a dozen to be found out.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from database.engine import Database, connect
from database.tables import JournalRow
from integrations.salesforce import cursor
from integrations.salesforce.api import soql
from integrations.salesforce.api.session import Session
from integrations.salesforce.org import SalesforceOrg
from sandbox.org.org import USER_ID
from tasks.intake.sources import take_in_deals
from tasks.runtime.context import RunContext
from tasks.runtime.scope import Scope
from tests.examples import examples
from tests.salesforce_fixtures import Sandbox
from tests.tasks.salesforce_company import Company, Known, known

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
PAGE = 4
"""Rows a page, so that a second holds more than one."""
LOOKS = 2
SETTLED = timedelta(minutes=15)
"""After this time every transaction has ended, and locked logins are open again."""
QUERIES = ("query", "query_more")
RUNS = int(os.environ.get("CURSOR_RUNS") or examples(80))
Lives = Callable[..., AbstractContextManager["Life"]]


@pytest.fixture
def lives(office: Any, new_sandbox: Callable[[], Sandbox], tmp_path: Path, sqlite_template: Path) -> Iterator["Lives"]:
    """Return a function that makes random companies by a seed, each with an org and a database of its own."""
    office.write()
    with office.context() as context:

        @contextmanager
        def make(seed: int, **more: Any) -> Iterator[Life]:
            file = tmp_path / f"{seed}.db"
            shutil.copyfile(sqlite_template, file)
            database = connect(f"sqlite:///{file}")
            sandbox = new_sandbox()
            sandbox.at(MONDAY)
            sandbox.others.edit("User", USER_ID)
            sandbox.org.page_limit = PAGE
            crm = SalesforceOrg(
                Session(sandbox.choice("client"), wait=lambda _: None, clock=lambda: sandbox.org.clock().timestamp()),
                context.mapping,
            )
            try:
                yield Life(sandbox, replace(context, crm=crm, database=database), database, Random(seed), **more)
            finally:
                crm.close()
                database.close()
                file.unlink()

        yield make


class Life:
    """One random run: a company, readings of it with faults, and the comparison at the end."""

    def __init__(self, sandbox: Sandbox, context: RunContext, database: Database, dice: Random, *, late: bool = True):
        self.sandbox, self.context, self.database, self.dice = sandbox, context, database, dice
        self.company = Company(sandbox, dice, late)

    def go(self) -> None:
        self.look()
        for _ in range(LOOKS):
            self.company.lives(self.dice.randint(0, 6))
            if self.dice.random() < 0.3:
                self.company.flood(2 * PAGE)
            self.trouble()
            self.look()
            self.sandbox.faults.clear()
            self.sandbox.later(timedelta(minutes=self.dice.choice([0, 1, 10, 30])))
        self.sandbox.later(SETTLED)
        self.look()

    def trouble(self) -> None:
        """Switch on a random fault on a page of this reading."""
        faults, k = self.sandbox.faults, self.dice.randint(0, 12)
        match self.dice.randint(0, 5):
            case 0:
                faults.refuse("INVALID_SESSION_ID", *QUERIES, skip=k, times=self.dice.randint(1, 3))
            case 1:
                faults.refuse("INVALID_QUERY_LOCATOR", "query_more", skip=k // 4)
            case 2:
                faults.outage(503, *QUERIES, skip=k, times=self.dice.randint(1, 9))
            case 3:
                faults.cut(*QUERIES, skip=k, moment=self.dice.choice(["before", "after"]))
            case _:
                faults.add(lambda _: self.company.lives(self.dice.randint(1, 3)), *QUERIES, skip=k)

    def look(self) -> None:
        take_in_deals(self.context, self.sandbox.org.clock(), Scope())

    def missed(self) -> Known:
        """Return where our records differ from the org's."""
        with self.database.reading() as conn:
            ours = known(conn)
        return {name: there ^ ours[name] for name, there in self.company.truth().items() if there != ours[name]}

    def twice(self) -> int:
        """Return how many deals were opened more than once."""
        opened = select(JournalRow.onboarding_key).where(JournalRow.kind.in_(["open", "adopt"]))
        with self.database.reading() as conn:
            each = conn.execute(opened.group_by(JournalRow.onboarding_key).having(func.count() > 1))
            return len(each.all())


@pytest.mark.slow
def test_our_set_is_the_crms_after_the_next_cycle(lives: Lives, proof: Callable[[str], None]) -> None:
    missed, twice = {}, 0
    for seed in range(RUNS):
        with lives(seed) as life:
            life.go()
            twice += life.twice()
            if different := life.missed():
                missed[seed] = different
    proof(f"CURSOR runs={RUNS} missed={len(missed)} twice={twice}")
    assert missed == {}
    assert twice == 0


@pytest.mark.slow
def test_without_a_look_back_what_shows_late_is_missed(lives: Lives, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the test above would notice it."""
    monkeypatch.setattr(cursor, "LOOK_BACK", timedelta(0))
    assert _first_missed(lives)


@pytest.mark.slow
def test_after_instead_of_since_misses_the_rest_of_a_second(lives: Lives, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control, in a company whose transactions end at once."""

    def after(field: str, moment: datetime) -> str:
        return f"{field} > {moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

    monkeypatch.setattr(cursor, "LOOK_BACK", timedelta(0))
    assert not _first_missed(lives, most=6, late=False)
    monkeypatch.setattr(soql, "since", after)
    assert _first_missed(lives, late=False)


@pytest.mark.slow
def test_versions_known_by_their_stamps_alone_miss_the_second_change_of_a_second(
    lives: Lives, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(cursor, "_digest", lambda row: "")
    assert _first_missed(lives)


def _first_missed(lives: Lives, most: int = 80, **more: Any) -> Known:
    for seed in range(most):
        with lives(seed, **more) as life:
            life.go()
            if different := life.missed():
                return different
    return {}
