"""A database restored from a backup sends nothing again that left since; a person settles it in one command."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from database.outbox.departures import RESTORED
from integrations import departure_log
from integrations.departure_log import Departure, DepartureLog
from integrations.ports import Guarantee
from tasks.commands import deliveries
from tests.reliability.far_side import Provider, Wire, provider

MONDAY, LATER, NEXT_WEEK = "2026-03-02T10:00", "2026-03-09T15:00", "2026-03-16T10:00"
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


@dataclass(frozen=True)
class Company:
    """A company whose mails and posts reach a server that drops no repeat, and whose database can be restored."""

    office: Any
    there: Provider

    def run(self, at: str) -> None:
        self.office.write()
        with self.office.context() as context:
            wire = Wire(self.there.port, Guarantee.PLAIN)
            self.office.cycle(replace(context, mail=wire, chat=wire), at)

    def keep(self) -> None:
        """Copy the database of a company at rest, as a nightly backup does."""
        self.office.shut()
        shutil.copy(self.office.home / "first90.db", self.office.home / "backup")

    def restore(self) -> None:
        self.office.shut()
        for file in self.office.home.glob("first90.db*"):
            file.unlink()
        shutil.copy(self.office.home / "backup", self.office.home / "first90.db")

    @property
    def twice(self) -> set[str]:
        return {key for key, times in self.there.delivered.items() if times > 1}

    @property
    def held(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.office.effects(state="unknown")
        return found


@pytest.fixture
def company(office: Any) -> Iterator[Company]:
    office.customer(1)
    with provider() as there:
        yield Company(office, there)


@pytest.fixture
def restored(company: Company) -> Company:
    """A company whose backup of Monday is restored after a week, in which much left."""
    company.run(MONDAY)
    company.keep()
    for day in range(3, 10):
        company.run(f"2026-03-{day:02d}T10:00")
    company.restore()
    return company


def test_what_left_since_the_backup_is_held_and_nothing_arrives_twice(restored: Company) -> None:
    before = set(restored.there.delivered)
    restored.run(LATER)
    assert {line["error"] for line in restored.held} == {RESTORED}
    assert {line["channel"] for line in restored.held} == {"mail", "slack"}
    restored.run(NEXT_WEEK)
    assert restored.twice == set()
    assert set(restored.there.delivered) > before, "what is due since goes out"


def test_a_person_settles_all_of_it_at_once(restored: Company) -> None:
    restored.run(LATER)
    held = [line["key"] for line in restored.held]
    settle = deliveries.mark_sent
    assert restored.office.order(settle, held, reason="the server's log says so") == frozenset(held)
    assert restored.held == []
    restored.run(LATER)
    assert restored.twice == set()


def test_what_a_person_has_sent_again_leaves(restored: Company) -> None:
    restored.run(LATER)
    key = next(line["key"] for line in restored.held if line["channel"] == "mail")
    assert restored.office.order(deliveries.retry_effects, [key], reason="they say it never came", on=LATER)
    restored.run(LATER)
    assert restored.twice == {key}


def test_without_the_record_it_arrives_twice(restored: Company) -> None:
    """The control: what the record is for."""
    shutil.rmtree(restored.office.home / "departures")
    restored.run(LATER)
    assert restored.twice


def test_another_database_in_the_same_home_sends_what_it_owes(company: Company) -> None:
    company.run(MONDAY)
    company.office.shut()
    for file in (*company.office.home.glob("first90.db*"), company.office.folder / "Onboarding__c.csv"):
        file.unlink()
    company.run(MONDAY)
    assert company.held == []
    assert company.twice, "another database, which a person made on purpose"


def test_a_backup_that_misses_nothing_changes_nothing(company: Company) -> None:
    company.run(MONDAY)
    company.keep()
    company.restore()
    company.run("2026-03-03T10:00")
    assert company.held == []
    assert company.twice == set()


def test_a_home_that_cannot_be_written_stops_no_message(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: DepartureLog, database_id: str, departure: Departure) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(DepartureLog, "add", full)
    office.customer(1)
    office.run(MONDAY)
    assert office.mails


def test_the_record_is_read_from_its_end_and_keeps_three_months(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departure_log, "TAIL", 200)
    log = DepartureLog(tmp_path)
    assert log.home_id() == log.home_id() != ""
    for number in range(1, 41):
        log.add("db", Departure(number=number, at=NOW + timedelta(days=number), keys=(f"key-{number}",)))
    assert log.after("db", 40) == ()
    assert [one.number for one in log.after("db", 20)] == list(range(21, 41))
    with (tmp_path / "departures" / "db" / "2026-04.jsonl").open("a") as file:
        file.write('{"number": 99, "at"')
    assert [one.number for one in log.after("db", 39)] == [40], "a line cut off by a crash is left out"
    log.add("db", Departure(number=41, at=NOW + timedelta(days=40), keys=("key-41",)))
    assert [one.number for one in log.after("db", 39)] == [40, 41], "and it spoils no other"
    for months in range(1, 6):
        log.add("db", Departure(number=41 + months, at=NOW + timedelta(days=31 * (months + 1)), keys=()))
    assert len(list((tmp_path / "departures" / "db").iterdir())) == departure_log.MONTHS
    assert log.after("another", 0) == ()
