"""Product usage from the file to the CSM: a clock that is ahead, unreadable rows, and our own people in it."""

import os
import shutil
from datetime import datetime, timedelta

import pytest

from onboarding.explain.explanation import explain
from onboarding.review_case import review
from tasks.slack.requests import read_asked
from tests.builders.lines import milestone_lines
from tests.tasks.conftest import Office, furnish

KICKOFF = ("kickoff_held", "cadence_agreed", "plan_agreed")
SETUP = (
    "requirements_documented",
    "security_review",
    "integrations_connected",
    "access_configured",
    "validation_passed",
)
USED = "2026-03-02T09:00"


def meet(office):
    """One customer whose people are in the product."""
    office.customer()
    office.user(9, Email="sam@vendor.example")
    for hour in range(5):
        office.event("login", f"2026-03-02T0{hour}:00Z", user="ann")


@pytest.fixture(scope="module")
def lived(tmp_path_factory, sqlite_template):
    """The company after the training began, lived once. Only to be copied."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as env:
        for name in [name for name in os.environ if name.startswith("FIRST90_")]:
            env.delenv(name)
        made = furnish(Office(folder / "crm", folder / "home", env.setenv), sqlite_template)
        meet(made)
        made.run(USED)
        for name in (*KICKOFF, *SETUP):
            made.done(name, on="2026-03-06T12:00", at="2026-03-06T10:00")
        made.shut()
    return made


@pytest.fixture
def trained(office, lived):
    """One customer whose training began on 6 March, and whose people are in the product."""
    shutil.copytree(lived.home, office.home, dirs_exist_ok=True)
    shutil.copytree(lived.folder, office.folder)
    meet(office)
    return office


def said(office, at):
    """Return what ``explain`` prints."""
    now = datetime.fromisoformat(f"{at}+00:00")
    with office.context() as context:
        key = office.status()["deal_id"]
        with context.database.reading() as conn:
            case = read_asked(context, conn, key, now, "UTC").case
        playbook = context.playbook_version(case.progress.playbook)
        return "\n".join(explain(case, review(case, playbook, now).review, playbook, now).lines)


def daily(office, first, last, **more):
    """Return a login a day and person, from one day to another."""
    day, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    while day <= end:
        for user in ("ann", "bob", "eva"):
            office.event("login", day.isoformat() + "Z", user=user, **more)
        day += timedelta(hours=6)


@pytest.mark.slow
@pytest.mark.parametrize("ahead", ["2026-04-10T09:20:00Z", "2027-04-10T09:00:00Z", "2099-01-01T00:00:00Z"])
def test_one_event_of_a_fast_clock_hides_no_activity_and_makes_none(trained, ahead):
    daily(trained, "2026-03-06T09:00", "2026-04-10T09:00")
    trained.event("login", ahead, user="ann")
    trained.run("2026-04-10T09:10")
    assert "No activity" not in str(trained.status()["stall_cause"]), "there were logins an hour ago"
    assert "No activity" not in said(trained, "2026-04-10T09:10")
    trained.run("2026-05-10T09:00")
    assert "No activity in the product since 10 April 2026" in said(trained, "2026-05-10T09:00")


@pytest.mark.slow
def test_what_is_far_ahead_is_reported_once_and_counts_from_its_time(trained):
    trained.event("login", "2026-05-01T09:00:00Z", user="ann")
    aside = trained.run("2026-04-10T09:10").signals.set_aside
    assert [one.problem for one in aside if "ahead of now, the last on 1 May 2026" in one.problem]
    assert "kept back until its time, the next at 1 May 2026, 09:00 UTC" in said(trained, "2026-04-10T09:10")
    assert trained.status()["stall_cause"] is not None
    assert trained.run("2026-05-01T09:10").signals.set_aside == ()
    assert "kept back" not in said(trained, "2026-05-01T09:10")


@pytest.mark.slow
@pytest.mark.parametrize(
    "row",
    [
        {"at": "the tenth"},
        {"at": "2026-03-09T08:00Z", "count": "many"},
        {"at": "2026-03-09T08:00Z", "account_id": "not an id"},
    ],
    ids=["time", "count", "account"],
)
def test_usage_that_cannot_be_read_is_unknown_and_no_silence(trained, row):
    trained.events.append({"account_id": trained.status()["account_id"], "signal": "login", "user": "ann"} | row)
    for at in ("2026-03-20T09:00", "2026-04-10T09:00"):
        done = trained.run(at)
        assert len(done.signals.set_aside) == 1
        assert "No activity" not in said(trained, at)
        assert "Usage came that could not be read" in said(trained, at)
    trained.events.pop()
    trained.event("login", "2026-03-09T08:00Z", user="ann")
    trained.run("2026-04-11T09:00")
    assert "No activity in the product since 9 March 2026" in said(trained, "2026-04-11T09:00"), "mended: it is known"


def test_a_row_of_another_account_says_nothing_of_this_one(trained):
    trained.customer(2)
    trained.events.append({"account_id": trained.account(2), "signal": "login", "at": "the tenth"})
    trained.run("2026-04-10T09:00")
    assert "No activity in the product since 2 March 2026" in said(trained, "2026-04-10T09:00")


@pytest.mark.slow
@pytest.mark.parametrize("user", ["sam@vendor.example", " SAM@Vendor.Example ", "dev@labs.vendor.example"])
def test_our_own_people_prove_nothing_of_the_customers_work(trained, tmp_path, user):
    team = tmp_path / "team.yaml"
    team.write_text("domains: [labs.vendor.example]\nmembers: []\n", "utf-8")
    for n in range(30):
        for name in ("task_completed", "admin_task_completed"):
            trained.event(name, f"2026-03-{10 + n // 10:02d}T08:{n:02d}Z", user=user)
    trained.run("2026-03-16T12:00", TEAM=str(team))
    assert trained.status()["stage"] == "training"
    proved = {name for name, line in trained.milestones().items() if line["done_by"] == "product usage"}
    assert proved <= {"usage_monitored"}, "a task of ours, that somebody of the customer logged in"
    assert "Our own people used the product 60 times, last on 12 March 2026; that proves nothing" in said(
        trained, "2026-03-16T12:00"
    )


def test_the_customers_own_work_counts_beside_ours(trained):
    for n in range(30):
        trained.event(
            "task_completed", f"2026-03-{10 + n // 10:02d}T08:{n:02d}Z", user=f"user{n % 4}@customer1.example"
        )
        trained.event("task_completed", f"2026-03-{10 + n // 10:02d}T09:{n:02d}Z", user="sam@vendor.example")
    trained.run("2026-03-16T12:00")
    assert trained.milestones()["tasks_done_end_users"]["done_by"] == "product usage"


@pytest.mark.slow
def test_a_milestone_that_was_taken_back_is_proved_again_by_later_usage_alone(trained):
    for minute in range(60):
        trained.event("activation", f"2026-03-09T09:{minute:02d}:00Z", user="ann")
    trained.run("2026-03-10T09:00")
    assert milestone(trained, "activation")["status"] == "done"

    trained.done("activation", on="2026-03-10T10:00", undo=True)
    trained.run("2026-03-10T11:00")
    assert milestone(trained, "activation")["status"] == "open"

    trained.event("activation", "2026-03-11T09:00:00Z", user="ann")
    trained.run("2026-03-11T10:00")
    line = milestone(trained, "activation")
    assert (line["status"], line["done_by"]) == ("done", "product usage")
    assert line["done_at"] == datetime.fromisoformat("2026-03-11T09:00:00+00:00")


def milestone(office, name):
    with office.context() as context, context.database.reading() as conn:
        return next(line for line in milestone_lines(conn, office.status()["deal_id"]) if line["name"] == name)


@pytest.mark.slow
def test_a_function_of_the_operators_own_is_a_source_and_its_fault_breaks_no_sweep(trained, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    account = trained.status()["account_id"]
    ware = tmp_path / "ware.py"
    ware.write_text("def events(since):\n    raise OSError('the warehouse is away')\n", "utf-8")
    done = trained.run("2026-03-10T09:00", SIGNALS="python:ware:events")
    assert [one.error for one in done.signals.failures] == [
        "signals from ware:events: OSError: the warehouse is away; it is tried again"
    ]
    assert [report.failures for report in done.reviews] == [()] * len(done.reviews), "everything else went on"
    ware.write_text(
        "from integrations.signals.event import SignalEvent\n"
        "def events(since):\n"
        f"    yield SignalEvent(account_id={account!r}, signal='login', at='2026-03-09T08:00Z', user='ann')\n"
        "    yield SignalEvent(signal='login', at='2026-03-09T08:00Z')\n",
        "utf-8",
    )
    done = trained.run("2026-03-10T10:00", SIGNALS="python:ware:events")
    assert (done.signals.new, [one.record for one in done.signals.set_aside]) == (1, ["event 2"])
    done = trained.run("2026-03-10T11:00", SIGNALS="python:ware:events")
    assert (done.signals.new, len(done.signals.set_aside)) == (0, 1)
