"""Usage that stops to arrive: told to ops once, and no account is blamed for it."""

import shutil
from datetime import datetime, timedelta

import pytest

from tasks.commands.facts import FactReport, record_milestone
from tasks.views.picture import picture_of
from tests.tasks.conftest import moment

DONE = (
    *("kickoff_held", "cadence_agreed", "plan_agreed", "requirements_documented", "security_review"),
    *("integrations_connected", "access_configured", "validation_passed"),
)
CUSTOMERS = (1, 2, 3)


def logins(office, account, first, last):
    day = datetime.fromisoformat(first)
    while day <= datetime.fromisoformat(last):
        for user in ("ann", "bob", "eva", "joe"):
            office.event("login", f"{day.isoformat()}Z", account=account, user=user)
        day += timedelta(days=1)


@pytest.fixture
def three(lived_once):
    return lived_once("in training", in_training)


def in_training(office):
    """Three customers in training, whose people were in the product daily up to 20 March."""
    for number in CUSTOMERS:
        office.customer(number)
        logins(office, number, "2026-03-02T08:00", "2026-03-20T08:00")
    office.run("2026-03-02T09:00")
    for number in CUSTOMERS:
        for name in DONE:
            told = FactReport(by="jo@vendor.example", now=moment("2026-03-06T12:00"), at=moment("2026-03-06T10:00"))
            with office.context() as context:
                record_milestone(context, told, f"001-{number:04}", name)
    office.run("2026-03-20T09:00")


def said(office, number, at):
    now = moment(at)
    with office.opened.database.reading() as conn:
        return "\n".join(picture_of(conn, f"001-{number:04}", now, asked=now).explained().lines)


def notes(office):
    return [post["text"] for post in office.posts if "No product usage of any account" in str(post)]


@pytest.mark.slow
def test_all_silent_at_once_is_the_sources_fault_told_once_and_blamed_on_nobody(three):
    for at in ("2026-03-23T12:00", "2026-03-26T12:00", "2026-03-31T12:00", "2026-04-05T12:00", "2026-04-05T18:00"):
        done = three.run(at)
    assert [one.problem for one in done.signals.set_aside if "No product usage" in one.problem] == [
        "No product usage of any account has arrived since 20 March 2026. Until some arrives, nobody can say who is "
        "silent and stalls by usage wait; mend what reports it. Any event shows that it arrives, also one of your own "
        "people"
    ]
    assert len(notes(three)) == 1
    for number in CUSTOMERS:
        told = said(three, number, "2026-04-05T18:00")
        assert "No activity" not in told
        assert "Not activated" not in told
        assert "No product usage of any account has arrived since 20 March 2026. Whether this customer was" in told


@pytest.mark.slow
def test_once_it_arrives_again_silence_is_silence_for_those_who_stay_silent(three):
    three.run("2026-04-05T12:00")
    logins(three, 1, "2026-04-06T08:00", "2026-04-06T08:00")
    done = three.run("2026-04-06T09:00")
    assert not [one for one in done.signals.set_aside if "No product usage" in one.problem]
    assert "No activity" not in said(three, 1, "2026-04-06T09:00")
    three.run("2026-04-06T10:00")
    assert "No activity in the product since 20 March 2026" in said(three, 2, "2026-04-06T10:00")
    assert three.status(2)["stall_cause"] is not None


@pytest.mark.slow
def test_one_silent_account_among_others_is_silent(three):
    for number in (1, 3):
        logins(three, number, "2026-03-21T08:00", "2026-04-05T08:00")
    three.run("2026-04-05T12:00")
    assert "No activity in the product since 20 March 2026" in said(three, 2, "2026-04-05T12:00")
    assert notes(three) == []


@pytest.mark.slow
def test_a_silence_that_was_seen_before_the_source_died_stays_one(three):
    for number in (1, 3):
        logins(three, number, "2026-03-21T08:00", "2026-03-31T08:00")
    three.run("2026-03-31T12:00")
    three.run("2026-04-08T12:00")
    assert "No activity in the product since 20 March 2026" in said(three, 2, "2026-04-08T12:00")
    assert "No activity" not in said(three, 1, "2026-04-08T12:00")


@pytest.mark.slow
def test_a_source_that_cannot_be_read_is_told_after_a_day_and_once(three, tmp_path):
    lost = tmp_path / "usage.csv"
    shutil.copy(three.folder / "signals.csv", lost)
    three.run("2026-03-20T10:00", SIGNALS=f"csv:{lost}")
    with three.context() as context:  # the file goes while the worker runs
        lost.unlink()
        for at in ("2026-03-20T18:00", "2026-03-22T12:00", "2026-03-24T12:00", "2026-04-08T12:00"):
            done = three.cycle(context, at)
            assert [one.where for one in done.signals.failures] == ["the signals"]
    posts = [post for post in three.posts if "was last read on 20 March 2026" in str(post)]
    assert len(posts) == 1
    assert "No activity" not in said(three, 2, "2026-04-08T12:00")
    assert "The source of product usage was last read on 20 March 2026." in said(three, 2, "2026-04-08T12:00")
