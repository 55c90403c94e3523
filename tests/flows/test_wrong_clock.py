"""The clock of one of several workers is wrong, or a machine's clock is set back: nothing leaves early, and operators
are told once a day."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from cli.check.checks import findings
from config.settings.load import load_settings
from database import shared_clock
from database.onboardings import overview
from database.outbox import planned
from flows.deliver import deliver
from flows.options import DeliveryOptions, FlowOptions
from flows.run import begin, conclude
from onboarding.effects.clock_fault import CLOCK_FAULT, clock_words
from onboarding.messages.notes import note
from onboarding.messages.posts import Post
from tasks.monitoring.tally import MAIN_SWEEP
from tasks.runtime.context import open_run_context
from tests.conftest import DIALECTS

HOUR = timedelta(hours=1)
SetClock = Callable[[timedelta], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Return a function that sets this machine's clock, so much ahead of the real time."""

    def set_to(ahead: timedelta) -> None:
        monkeypatch.setattr(shared_clock, "machine_clock", lambda: datetime.now(UTC) + ahead)

    return set_to


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest, home: Path, new_database_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> str:
    (home / "crm").mkdir(parents=True, exist_ok=True)
    team = home / "team.yaml"
    team.write_text("ops_mail: [ops@vendor.example]\n", "utf-8")
    url = new_database_url(getattr(request, "param", "sqlite"))
    monkeypatch.setenv("FIRST90_DATABASE_URL", url)
    monkeypatch.setenv("FIRST90_TEAM", str(team))
    return url


def sweep() -> datetime:
    """Run a sweep without tasks, which is counted and told of; return its moment."""
    with begin(MAIN_SWEEP, FlowOptions()) as run:
        conclude(run, ())
    return run.as_of


def lines(kind: str) -> list[dict[str, object]]:
    with open_run_context(load_settings()) as context, context.database.reading() as conn:
        return [dict(line) for line in overview.effect_lines(conn) if line["kind"] == kind]


def later_note() -> None:
    """Plan a message that is due in an hour."""
    with open_run_context(load_settings()) as context, context.database.writing() as conn:
        due = datetime.now(UTC) + HOUR
        planned.plan(conn, [(None, note("canary", "1", Post(headline="not yet"), "it is due", due))], due)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("ahead", [3 * HOUR, -26 * HOUR])
def test_a_worker_with_a_wrong_clock_goes_by_the_databases_and_ops_are_told_once_a_day(
    ahead: timedelta, database_url: str, set_clock: SetClock
) -> None:
    sweep()
    later_note()
    assert lines(CLOCK_FAULT) == []
    set_clock(ahead)
    moments = [sweep() for _ in range(3)]
    deliver.fn(DeliveryOptions())
    assert all(abs(moment - datetime.now(UTC)) < timedelta(minutes=1) for moment in moments)
    assert [line["state"] for line in lines("canary")] == ["planned"]
    found = lines(CLOCK_FAULT)
    assert sorted(str(line["channel"]) for line in found) == ["mail", "slack"]
    assert {line["state"] for line in found} == {"sent"}
    said = f"the clock of {socket.gethostname()} is {clock_words(ahead)} the database's"
    assert all(said in str(line["because"]) for line in found)
    (checked,) = [one for one in findings() if one.what == "database"]
    assert not checked.ok
    assert clock_words(ahead) in checked.said
    deliver.fn(DeliveryOptions(as_of=datetime.now(UTC) + 2 * HOUR))
    assert [line["state"] for line in lines("canary")] == ["sent"], "the control: by the wrong clock it would have left"


@pytest.mark.slow
@pytest.mark.parametrize("database_url", DIALECTS, indirect=True)
def test_small_differences_are_told_to_nobody(database_url: str, set_clock: SetClock) -> None:
    set_clock(timedelta(seconds=90))
    sweep()
    sweep()
    assert lines(CLOCK_FAULT) == []
    assert all(one.ok for one in findings() if one.what == "database")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_clock_that_goes_back_is_told_once(database_url: str, set_clock: SetClock) -> None:
    set_clock(3 * HOUR)
    sweep()
    set_clock(timedelta())
    sweep()
    sweep()
    found = lines(CLOCK_FAULT)
    assert sorted(str(line["channel"]) for line in found) == ["mail", "slack"]
    assert all("the last sweep ended at" in str(line["because"]) for line in found)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_service_keeps_the_time_when_its_machines_clock_is_set_right(database_url: str, set_clock: SetClock) -> None:
    set_clock(3 * HOUR)
    with open_run_context(load_settings()) as context:
        set_clock(timedelta())
        assert abs(context.wall_clock() - datetime.now(UTC)) < timedelta(seconds=30)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_service_follows_within_an_hour_when_the_databases_clock_is_set_right(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, here, wrong, right = datetime.now(UTC), [0.0], 3 * HOUR, timedelta()
    monkeypatch.setattr(shared_clock, "_seconds", lambda: here[0])
    monkeypatch.setattr(shared_clock, "clock", lambda _: began + timedelta(seconds=here[0]) + wrong)
    with open_run_context(load_settings()) as context:
        monkeypatch.setattr(shared_clock, "clock", lambda _: began + timedelta(seconds=here[0]) + right)
        here[0] = 1800.0
        assert context.wall_clock() == began + HOUR / 2 + wrong, "a run of some minutes goes by one clock"
        here[0] = 3600.0
        assert context.wall_clock() == began + HOUR + right

        def down(_: object) -> datetime:
            raise OperationalError("SELECT", {}, Exception("no connection"))

        monkeypatch.setattr(shared_clock, "clock", down)
        here[0] = 7500.0
        assert context.wall_clock() == began + timedelta(seconds=7500)


def test_how_far_off_a_clock_is_reads_well() -> None:
    assert clock_words(timedelta(minutes=5)) == "5 min ahead of"
    assert clock_words(-3 * HOUR - timedelta(minutes=2)) == "3 h 2 min behind"
    assert clock_words(timedelta(days=90)) == "90 d ahead of"
