"""Support tickets beside the CRM's files: taken in once, matched to their onboarding, told where many share them."""

import csv
from datetime import UTC, datetime

import pytest

from database.onboardings.overview import journal_lines
from tests.tasks.commands.test_value_facts import state

MONDAY, NEXT = "2026-03-09T10:00", "2026-03-16T10:00"


@pytest.fixture
def three(lived_once):
    return lived_once("three welcomed", welcome_three)


def welcome_three(office):
    for number in (1, 2, 3):
        office.customer(number)
    office.run()


def tickets(office, *rows, columns=("account_id", "id", "topic", "at", "sentiment")):
    with (office.folder / "tickets.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])


@pytest.mark.slow
def test_a_ticket_is_taken_in_once_and_a_later_report_of_it_holds(three):
    tickets(three, ("001-0001", "T-1", "import", "2026-03-03T09:00Z", ""))
    assert three.run(MONDAY).signals.tickets == 1
    assert three.run(MONDAY).signals.tickets == 0
    tickets(three, ("001-0001", "T-1", "data import", "2026-03-03T09:00Z", "-0.5"))
    assert three.run(NEXT).signals.tickets == 1
    (found,) = state(three, datetime(2026, 3, 20, tzinfo=UTC)).tickets
    assert (found.id, found.topic, found.sentiment) == ("T-1", "data import", -0.5)


@pytest.mark.slow
def test_tickets_that_belong_to_no_onboarding_wait_for_one(three):
    tickets(
        three,
        ("001-0004", "T-1", "import", "2026-03-03T09:00Z", ""),
        ("001-0001", "T-2", "import", "2026-02-01T09:00Z", ""),
        ("001-0001", "T-3", "import", "2027-02-01T09:00Z", ""),
    )
    found = three.run(MONDAY).signals
    assert (found.tickets, found.failures, found.set_aside) == (0, (), ())
    three.customer(4)
    assert three.run(NEXT).signals.tickets == 1, "its account has an onboarding now"


@pytest.mark.slow
def test_a_row_that_cannot_be_read_is_set_aside_and_a_file_without_a_column_is_a_failure(three):
    tickets(
        three,
        ("001-0001", "", "import", "2026-03-03T09:00Z", ""),
        ("001-0001", "T-2", "", "2026-03-03T09:00Z", ""),
        ("001-0001", "T-3", "import", "2026-03-03T09:00Z", "9"),
        ("001-0001", "T-4", "import", "2026-03-03T09:00Z", "1"),
    )
    found = three.run(MONDAY).signals
    assert found.tickets == 1
    assert [(one.record, one.field) for one in found.set_aside] == [
        ("line 2", "id"),
        ("line 3", "topic"),
        ("line 4", "sentiment"),
    ]
    tickets(three, ("001-0001", "T-4"), columns=("account_id", "id"))
    assert "topic" in three.run(NEXT).failures[0].error


@pytest.mark.slow
def test_a_topic_of_three_customers_is_told_to_the_managers_once_a_week(three):
    rows = [(f"001-000{number}", f"T-{number}", "import", "2026-03-04T09:00Z", "") for number in (1, 2, 3)]
    tickets(three, *rows)
    three.run(MONDAY)
    three.run("2026-03-10T10:00")
    posts = [post for post in three.posts if "asked support about" in post["text"]]
    assert len(posts) == 1
    assert "import: 3 customers, 3 tickets (by week 0, 0, 0, 3)" in str(posts[0]["blocks"])
    three.run(NEXT)
    posts = [post for post in three.posts if "asked support about" in post["text"]]
    assert len(posts) == 2


def test_tickets_are_no_lines_of_the_journal(three):
    tickets(three, ("001-0001", "T-1", "import", "2026-03-03T09:00Z", ""))
    three.run(MONDAY)
    with three.context() as context, context.database.reading() as conn:
        assert not [line for line in journal_lines(conn, "006-0001") if line["kind"] == "ticket"]
