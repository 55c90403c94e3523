"""Rows that people add to the milestones in the CRM: each becomes a task of its account, in the row that they made."""

import csv
from typing import Any

import pytest

from database.crm.problems import open_problems
from onboarding.own_tasks.plan import PREFIX, task_name
from tests.tasks.conftest import Office

NAME = task_name("Clean the contact list")
ROW = {
    "Onboarding__c": "006-0001",
    "Milestone__c": "Clean the contact list",
    "Side__c": "customer",
    "Owner_Role__c": "champion",
    "Due_On__c": "2026-03-20",
}


def add(office: Office, **other: str) -> None:
    """Add a row to the file by hand, as a spreadsheet does."""
    path = office.folder / "Onboarding_Milestone__c.csv"
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        columns, rows = list(reader.fieldnames or ()), list(reader)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows([*rows, ROW | other])


def rows(office: Office) -> list[dict[str, str]]:
    with (office.folder / "Onboarding_Milestone__c.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["Milestone__c"] == ROW["Milestone__c"]]


def problems(office: Office) -> list[str]:
    with office.context() as context, context.database.reading() as conn:
        return [f"{one.field} {one.problem}" for one in open_problems(conn)]


@pytest.mark.slow
def test_a_row_without_a_key_becomes_a_task_and_gets_its_key(opened: Office) -> None:
    add(opened)
    opened.run("2026-03-02T12:00")
    task = opened.milestones()[NAME]
    assert (task["title"], task["side"], task["owner_role"], task["stage"], task["exit"]) == (
        "Clean the contact list",
        "customer",
        "champion",
        "kickoff",
        False,
    )
    opened.run("2026-03-02T13:00")
    (row,) = rows(opened)
    assert (row["First90_Key__c"], row["Status__c"], row["Stage__c"]) == (f"006-0001:{NAME}", "Open", "kickoff")
    assert len([line for line in opened.journal() if NAME in line]) == 1
    opened.tick(NAME, Status__c="Done", Completed_By__c="Ana")
    opened.run("2026-03-03T12:00")
    assert opened.milestones()[NAME]["status"] == "done"


def test_a_row_that_is_done_already_is_a_task_that_is_done(opened: Office) -> None:
    add(opened, First90_Key__c=f"006-0001:{NAME}", Status__c="Done", Stage__c="setup")
    opened.run("2026-03-02T12:00")
    assert (opened.milestones()[NAME]["status"], opened.milestones()[NAME]["stage"]) == ("done", "setup")
    opened.run("2026-03-02T13:00")
    assert len(rows(opened)) == 1


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"Side__c": "us"}, "Side__c asks for a task that cannot be added: 'us' is no side"),
        ({"Side__c": " "}, "Side__c asks for a task that cannot be added: no side is given; use vendor, customer or"),
        ({"Due_On__c": ""}, "Due_On__c asks for a task that cannot be added: no due day is given; write it like 20"),
        ({"Owner_Role__c": ""}, "Owner_Role__c asks for a task that cannot be added: nobody is given who does it; fo"),
        ({"Owner_Role__c": "boss"}, "Owner_Role__c asks for a task that cannot be added: 'boss' is no role"),
        ({"First90_Key__c": "006-0001:launch"}, "First90_Key__c names no milestone of the mid playbook"),
    ],
)
def test_a_row_that_is_no_task_is_set_aside_with_the_mend_and_taken_in_once_mended(
    opened: Office, other: dict[str, str], told: str
) -> None:
    before = (opened.folder / "Onboarding_Milestone__c.csv").read_bytes()
    add(opened, **other)
    opened.run("2026-03-02T12:00")
    assert any(told in one for one in problems(opened)), problems(opened)
    assert NAME not in opened.milestones()
    (opened.folder / "Onboarding_Milestone__c.csv").write_bytes(before)
    add(opened)
    opened.run("2026-03-02T13:00")
    assert problems(opened) == []
    assert NAME in opened.milestones()


@pytest.mark.parametrize(
    ("side", "owner", "stage", "expected"),
    [
        ("Vendor", "CSM", "Setup", ("vendor", "csm", "setup")),
        (
            "Third party",
            "Implementation Engineer",
            "First value",
            ("third_party", "implementation_engineer", "first_value"),
        ),
        ("THIRD_PARTY", "csm", "", ("third_party", "csm", "kickoff")),
        ("Customer", "IT security", "kickoff", ("customer", "it_security", "kickoff")),
    ],
)
def test_choices_may_be_written_as_people_write_them(
    opened: Office, side: str, owner: str, stage: str, expected: tuple[str, str, str]
) -> None:
    add(opened, Side__c=side, Owner_Role__c=owner, Stage__c=stage)
    opened.run("2026-03-02T12:00")
    assert problems(opened) == []
    task = opened.milestones()[NAME]
    assert (task["side"], task["owner_role"], task["stage"]) == expected


def test_a_row_of_a_title_that_a_task_has_is_refused_with_the_name_of_the_task(opened: Office) -> None:
    add(opened)
    opened.run("2026-03-02T12:00")
    add(opened, First90_Key__c=OTHER, Milestone__c="clean the Contact list!", Side__c="vendor", Owner_Role__c="csm")
    opened.run("2026-03-02T13:00")
    told = f"Milestone__c asks for a task that cannot be added: there is already a task of this title, {NAME}; change"
    assert any(one.startswith(told) for one in problems(opened)), problems(opened)
    assert [(name, task["side"]) for name, task in tasks(opened)] == [(NAME, "customer")]


def test_of_two_added_rows_of_one_title_one_is_the_task(opened: Office) -> None:
    add(opened)
    add(opened, First90_Key__c=OTHER, Milestone__c="CLEAN THE CONTACT LIST")
    opened.run("2026-03-02T12:00")
    assert [one.partition(" ")[0] for one in problems(opened)] == ["Milestone__c"]
    assert len(tasks(opened)) == 1


OTHER = "006-0001:task_0000000000"


def tasks(office: Office) -> list[tuple[str, dict[str, Any]]]:
    return [(name, task) for name, task in office.milestones().items() if name.startswith(PREFIX)]
