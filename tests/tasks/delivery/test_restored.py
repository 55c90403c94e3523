"""A database restored from a backup sends nothing again that left since; a person settles it in one command."""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from database.outbox import departures
from database.outbox.departures import RESTORED
from integrations import departure_log
from integrations.departure_log import Departure, DepartureLog
from integrations.ports import Guarantee, OutgoingMessage
from onboarding.effects.send_result import ResultState, SendResult
from onboarding.model.vocabulary import Channel
from tasks.commands import deliveries
from tasks.delivery.restored import Departures
from tests.reliability.far_side import Provider, Wire, provider

MONDAY, LATER, NEXT_WEEK = "2026-03-02T10:00", "2026-03-09T15:00", "2026-03-16T10:00"
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


@dataclass(frozen=True)
class Company:
    """A company whose mails and posts reach a server that drops no repeat, and whose database can be restored."""

    office: Any
    there: Provider

    def run(self, at: str, wire: Wire | None = None, later: timedelta = timedelta()) -> None:
        """Run a cycle, ``later`` by the real clock."""
        self.office.write()
        with self.office.context() as context:
            wire = wire or Wire(self.there.port, Guarantee.PLAIN)
            then = replace(context, mail=wire, chat=wire, wall_clock=lambda: datetime.now(UTC) + later)
            self.office.cycle(then, at)

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


@pytest.mark.slow
def test_what_left_since_the_backup_is_held_and_nothing_arrives_twice(restored: Company) -> None:
    before = set(restored.there.delivered)
    restored.run(LATER)
    assert {line["error"] for line in restored.held} == {RESTORED}
    assert {line["channel"] for line in restored.held} == {"mail", "slack"}
    restored.run(NEXT_WEEK)
    assert restored.twice == set()
    assert set(restored.there.delivered) > before, "what is due since goes out"


@pytest.mark.slow
def test_a_person_settles_all_of_it_at_once(restored: Company) -> None:
    restored.run(LATER)
    held = [line["key"] for line in restored.held]
    settle = deliveries.mark_sent
    assert restored.office.order(settle, held, reason="the server's log says so") == frozenset(held)
    assert restored.held == []
    restored.run(LATER)
    assert restored.twice == set()


@pytest.mark.slow
def test_what_a_person_has_sent_again_leaves(restored: Company) -> None:
    restored.run(LATER)
    key = next(line["key"] for line in restored.held if line["channel"] == "mail")
    assert restored.office.order(deliveries.retry_effects, [key], reason="they say it never came", on=LATER)
    restored.run(LATER)
    assert restored.twice == {key}


@pytest.mark.slow
def test_without_the_record_it_arrives_twice(restored: Company) -> None:
    """The control: what the record is for."""
    shutil.rmtree(restored.office.home / "departures")
    restored.run(LATER)
    assert restored.twice


@pytest.mark.slow
def test_another_database_in_the_same_home_sends_what_it_owes(company: Company) -> None:
    company.run(MONDAY)
    company.office.shut()
    for file in (*company.office.home.glob("first90.db*"), company.office.folder / "Onboarding__c.csv"):
        file.unlink()
    company.run(MONDAY)
    assert company.held == []
    assert company.twice, "another database, which a person made on purpose"


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_backup_made_while_messages_leave_is_noticed_too(company: Company) -> None:
    company.office.customer(2)

    class Copying(Wire):
        """Copies the database when its first message has left."""

        copied = False

        def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
            found = super().send(messages)
            if not Copying.copied:
                Copying.copied = True
                with (
                    closing(sqlite3.connect(company.office.home / "first90.db")) as there,
                    closing(sqlite3.connect(company.office.home / "backup")) as here,
                ):
                    there.backup(here)
            return found

    company.run(MONDAY, Copying(company.there.port, Guarantee.PLAIN))
    assert len(company.there.delivered) > 2
    company.restore()
    company.run(MONDAY, later=timedelta(minutes=5))  # when the leases of the copy are over
    assert company.twice == set()
    assert RESTORED in {line["error"] for line in company.held}


def test_what_another_run_sends_meanwhile_is_not_taken_for_a_restored_database(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record is read before the database: what stands in it later is nothing that the database ought to know."""
    company.run(MONDAY)
    learned = departures.learned

    def meanwhile(conn: Any, **more: Any) -> departures.Departed:
        another = Departure(at=datetime.now(UTC), keys=("another:run",))
        DepartureLog(company.office.home).add(departures.database_id(context.database), another)
        return learned(conn, **more)

    with company.office.context() as context:
        monkeypatch.setattr(departures, "learned", meanwhile)
        Departures(context.settings.home, Channel.MAIL).notice_restored(context.database, datetime.now(UTC))
        monkeypatch.undo()
        with context.database.reading() as conn:
            assert departures.learned(conn) == {}


@pytest.mark.slow
def test_a_clock_that_is_set_back_between_two_tries_is_no_restored_database(company: Company) -> None:
    class Busy(Wire):
        """Refuses everything for now."""

        def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendResult]:
            return [SendResult(state=ResultState.TRANSIENT, error="busy") for _ in messages]

    busy = Busy(company.there.port, Guarantee.PLAIN)
    company.run(MONDAY, busy, later=timedelta(minutes=1))
    company.run("2026-03-02T12:00", busy)
    company.run("2026-03-02T14:00")
    assert company.held == []
    assert company.there.delivered


def test_what_left_and_is_known_by_now_is_learned_no_longer(company: Company) -> None:
    company.run(MONDAY)
    with company.office.context() as context:
        sent = company.office.effects(state="sent", channel="mail")[0]["key"]
        with context.database.writing() as conn:
            departures.learn(conn, {sent: NOW}, NOW)
        with context.database.writing() as conn:
            assert departures.hold_departed(conn, Channel.MAIL, NOW) == ()
            assert departures.learned(conn) == {}


def test_a_clock_that_was_ahead_once_hides_no_later_step(tmp_path: Path) -> None:
    log = DepartureLog(tmp_path)
    log.add("db", Departure(at=NOW + timedelta(days=800), keys=("ahead",)))
    log.add("db", Departure(at=NOW, keys=("now",)))
    assert {key for one in log.latest("db") for key in one.keys} == {"ahead", "now"}


@pytest.mark.slow
def test_what_was_told_in_the_place_of_others_is_held_with_it(company: Company) -> None:
    company.office.write()
    company.office.order(deliveries.stop, Channel.MAIL, reason="not yet")
    company.run(MONDAY)
    planned = company.office.effects(state="planned", channel="mail")[0]["key"]
    company.office.order(deliveries.start, Channel.MAIL)
    with company.office.context() as context:
        database_id = departures.database_id(context.database)
    step = Departure(at=datetime.now(UTC), keys=("gathered:of:others",), told_with=(planned,))
    DepartureLog(company.office.home).add(database_id, step)
    company.run(MONDAY)
    assert planned in {line["key"] for line in company.held}


def test_the_record_is_read_from_its_end_and_keeps_three_months(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departure_log, "TAIL", 200)
    log = DepartureLog(tmp_path)
    assert log.latest("db") == ()

    def step(day: int) -> Departure:
        return Departure(at=NOW + timedelta(days=day), keys=(f"key-{day}",))

    for day in range(1, 41):
        log.add("db", step(day))
    assert list(log.all("db")) == [step(day) for day in range(1, 41)]
    assert log.latest("db")[-1] == step(40)
    assert len(log.latest("db")) < 2 * 5, "of each of two months the last ones"
    with (tmp_path / "departures" / "db" / "2026-04.jsonl").open("a") as file:
        file.write('{"at": "2026-04-')
    assert log.latest("db")[-1] == step(40), "a line cut off by a crash is left out"
    log.add("db", step(41))
    assert log.latest("db")[-1] == step(41), "and it spoils no other"
    for months in range(2, 7):
        log.add("db", step(31 * months))
    assert len(list((tmp_path / "departures" / "db").iterdir())) == departure_log.MONTHS
    assert log.latest("another") == ()
