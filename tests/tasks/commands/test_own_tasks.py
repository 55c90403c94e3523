"""Tasks of one account from the command to the CRM and back."""

from datetime import date

import pytest

from onboarding.own_tasks.plan import task_name
from onboarding.own_tasks.request import TaskRequest
from tasks.commands.facts import record_due, waive_milestone
from tasks.commands.own_tasks import record_task
from tasks.runtime.refusals import Refused
from tests.tasks.conftest import MONDAY

ASKED = TaskRequest(
    title="Answer the questionnaire", side="customer", owner="champion", due_on="2026-03-20", needed=True
)
NAME = task_name(ASKED.title)
DEAL = "006-0001"


@pytest.fixture
def opened(opened):
    """One customer with a task of its own."""
    opened.report(record_task, ASKED, on=MONDAY)
    return opened


def test_it_is_added_once_journalled_and_written_to_the_crm(opened):
    assert opened.report(record_task, ASKED, on=MONDAY).startswith("Known already, nothing changed.")
    with pytest.raises(Refused, match=f"move it with `first90 record KEY due {NAME} DAY`"):
        opened.report(record_task, TaskRequest(title=ASKED.title, side="vendor", owner="csm", due_on="2026-03-20"))
    lines = [line for line in opened.journal() if NAME in line]
    assert len(lines) == 1
    told = "task added (customer, champion), due on 2026-03-20, needed for the end of kickoff: Answer the questionnaire"
    assert told in lines[0]
    opened.run("2026-03-02T12:00")
    row = opened.milestone_row(NAME)
    assert (row["Milestone__c"], row["Status__c"], row["Side__c"]) == ("Answer the questionnaire", "Open", "customer")


@pytest.mark.slow
def test_it_is_moved_done_undone_and_waived_like_a_milestone(opened):
    opened.report(record_due, NAME, date(2026, 3, 25), on=MONDAY)
    for name in ("kickoff_held", "cadence_agreed", "plan_agreed"):
        opened.done(name)
    opened.run("2026-03-02T11:00")
    assert opened.status()["stage"] == "kickoff", "the task is open"
    opened.done(NAME)
    opened.run("2026-03-02T12:00")
    assert opened.status()["stage"] == "setup"
    assert (opened.milestone_row(NAME)["Status__c"], opened.milestone_row(NAME)["Due_On__c"]) == ("Done", "2026-03-25")
    opened.done(NAME, on="2026-03-03T10:00", undo=True)
    with pytest.raises(Refused, match="say why"):
        opened.report(waive_milestone, NAME, " ", on="2026-03-03T11:00")
    opened.report(waive_milestone, NAME, "They sent a report instead", on="2026-03-03T11:00")
    opened.run("2026-03-03T12:00")
    row = opened.milestone_row(NAME)
    assert (row["Status__c"], row["Reason__c"]) == ("Not applicable", "They sent a report instead")


def test_a_tick_in_the_crm_does_it(opened):
    opened.run("2026-03-02T12:00")
    opened.tick(NAME, Status__c="Done", Completed_By__c="ana@acme.example")
    opened.run("2026-03-02T13:00")
    assert opened.milestones()[NAME]["status"] == "done"
