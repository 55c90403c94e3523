"""What people change in our rows in the CRM: ticks, dates, waivers, conflicts; and what we write beside them."""

from datetime import UTC, datetime

import pytest

from tasks.intake.sources import take_back_milestones
from tasks.runtime.scope import Scope

KICKOFF = ("kickoff_held", "cadence_agreed", "plan_agreed")


@pytest.mark.slow
def test_a_tick_counts_with_who_and_when(opened):
    opened.tick("kickoff_held", Status__c="Done", Completed_At__c="2026-03-04T14:00:00Z", Completed_By__c="Cleo")
    opened.run("2026-03-05T10:00")
    stone = opened.milestones()["kickoff_held"]
    assert (stone["status"], stone["done_by"]) == ("done", "Cleo")
    assert opened.milestone_row("kickoff_held")["Completed_At__c"] == "2026-03-04T14:00:00Z"


@pytest.mark.slow
def test_a_bare_tick_counts_from_when_it_is_seen_and_is_filled_in(opened):
    opened.tick("kickoff_held")
    opened.run("2026-03-05T10:00")
    row = opened.milestone_row("kickoff_held")
    assert (row["Status__c"], row["Completed_At__c"]) == ("Done", "2026-03-05T10:00:00Z")
    assert row["Completed_By__c"]
    again = opened.run("2026-03-05T10:00")
    assert (again.planned, again.sent) == (0, 0)


@pytest.mark.slow
def test_a_spelling_in_lower_case_is_a_tick_too(opened):
    opened.tick("kickoff_held", Status__c="done")
    opened.run("2026-03-05T10:00")
    assert opened.milestones()["kickoff_held"]["status"] == "done"


@pytest.mark.slow
def test_ticks_move_the_stages(opened):
    for name in KICKOFF:
        opened.tick(name, Status__c="Done", Completed_At__c="2026-03-04")
    opened.run("2026-03-05T10:00")
    assert opened.status()["stage"] == "setup"
    assert opened.status()["stage_entered_at"] == "2026-03-04T00:00:00Z"


@pytest.mark.slow
def test_un_ticking_reopens_a_milestone_and_ticking_again_closes_it(opened):
    opened.tick("kickoff_held")
    opened.run("2026-03-04T10:00")
    opened.tick("kickoff_held", Status__c="Open")
    opened.run("2026-03-05T10:00")
    assert opened.milestones()["kickoff_held"]["status"] == "open"
    row = opened.milestone_row("kickoff_held")
    assert (row["Status__c"], row["Completed_At__c"], row["Completed_By__c"]) == ("Open", "", "")
    opened.tick("kickoff_held")
    opened.run("2026-03-06T10:00")
    assert opened.milestones()["kickoff_held"]["status"] == "done"
    assert opened.milestone_row("kickoff_held")["Completed_At__c"] == "2026-03-06T10:00:00Z"


@pytest.mark.slow
def test_un_ticking_what_a_person_reported_reopens_it(opened):
    opened.done("kickoff_held", on="2026-03-04T10:00")
    opened.run("2026-03-04T11:00")
    opened.tick("kickoff_held", Status__c="Open")
    opened.run("2026-03-05T10:00")
    assert opened.milestones()["kickoff_held"]["status"] == "open"


@pytest.mark.slow
def test_un_ticking_an_exit_criterion_of_a_stage_left_is_raised_as_a_risk(opened):
    for name in KICKOFF:
        opened.tick(name)
    opened.run("2026-03-04T10:00")
    assert opened.status()["stage"] == "setup"
    opened.tick("plan_agreed", Status__c="Open")
    opened.run("2026-03-05T10:00")
    assert opened.status()["stage"] == "setup"
    assert "No longer true" in " ".join(opened.journal())
    opened.tick("plan_agreed")
    opened.run("2026-03-06T10:00")
    assert "No longer true" not in (opened.status()["stall_cause"] or "")


@pytest.mark.slow
def test_not_applicable_counts_only_with_a_reason(opened):
    for name in ("kickoff_held", "cadence_agreed"):
        opened.tick(name)
    opened.tick("plan_agreed", Status__c="Not applicable")
    opened.run("2026-03-04T10:00")
    assert opened.status()["stage"] == "kickoff"
    assert opened.milestone_row("plan_agreed")["Status__c"] == "Not applicable", "theirs holds"
    opened.tick("plan_agreed", Reason__c="They use their own plan")
    opened.run("2026-03-05T10:00")
    assert opened.status()["stage"] == "setup"
    row = opened.milestone_row("plan_agreed")
    assert (row["Status__c"], row["Reason__c"]) == ("Not applicable", "They use their own plan")


@pytest.mark.slow
def test_a_new_date_of_theirs_holds_against_every_later_date_of_ours(opened):
    opened.tick("kickoff_held", Due_On__c="2026-03-20")
    opened.run("2026-03-04T10:00")
    assert opened.milestone_row("kickoff_held")["Due_On__c"] == "2026-03-20"
    assert opened.milestones()["kickoff_held"]["due_at"].isoformat().startswith("2026-03-20T23:59:59")
    opened.change("006-0001", CloseDate="2026-03-03")
    opened.run("2026-03-05T10:00")
    assert opened.milestone_row("kickoff_held")["Due_On__c"] == "2026-03-20"


@pytest.mark.slow
def test_a_corrected_completion_replaces_ours(opened):
    opened.done("kickoff_held", on="2026-03-05T10:00")
    opened.run("2026-03-05T11:00")
    opened.tick("kickoff_held", Completed_At__c="2026-03-03T15:00:00Z", Completed_By__c="Cleo")
    opened.run("2026-03-05T12:00")
    stone = opened.milestones()["kickoff_held"]
    assert (stone["done_by"], stone["done_at"].isoformat()) == ("Cleo", "2026-03-03T15:00:00+00:00")
    opened.tick("kickoff_held", Completed_At__c="2026-03-04T15:00:00Z")
    opened.run("2026-03-05T13:00")
    assert opened.milestones()["kickoff_held"]["done_at"].isoformat() == "2026-03-04T15:00:00+00:00"


@pytest.mark.slow
def test_where_both_changed_a_field_that_is_shown_once_and_theirs_holds(opened):
    opened.run("2026-03-02T11:00")
    opened.done("kickoff_held", on="2026-03-04T10:00")
    opened.tick("kickoff_held", Status__c="Not applicable", Reason__c="never needed")
    opened.run("2026-03-04T11:00")
    assert opened.milestones()["kickoff_held"]["status"] == "not_applicable"
    assert opened.milestone_row("kickoff_held")["Status__c"] == "Not applicable"
    assert [line["key"] for line in opened.conflicts()] == ["006-0001:kickoff_held"]
    opened.run("2026-03-04T12:00")
    assert sum("theirs holds" in line for line in opened.journal()) == 1


@pytest.mark.slow
def test_a_conflict_is_settled_once_both_sides_say_the_same(opened):
    opened.run("2026-03-02T11:00")
    opened.done("kickoff_held", on="2026-03-04T10:00")
    opened.tick("kickoff_held", Status__c="Not applicable", Reason__c="never needed")
    opened.run("2026-03-04T11:00")
    opened.tick("kickoff_held", Status__c="Done", Completed_At__c="2026-03-04T10:00:00Z")
    opened.run("2026-03-05T11:00")
    assert opened.milestones()["kickoff_held"]["status"] == "done"
    assert opened.conflicts() == []


def test_our_own_columns_are_put_right_and_strangers_columns_left_alone(opened):
    opened.tick("kickoff_held", Stage__c="party", Notes__c="mine")
    opened.done("kickoff_held", on="2026-03-04T10:00")
    opened.run("2026-03-04T11:00")
    row = opened.milestone_row("kickoff_held")
    assert (row["Stage__c"], row["Notes__c"], row["Status__c"]) == ("kickoff", "mine", "Done")


@pytest.mark.slow
def test_a_misspelt_status_is_set_aside_and_taken_in_once_mended(opened):
    opened.tick("kickoff_held", Status__c="Doen")
    found = opened.run("2026-03-04T10:00")
    assert [(one.record, one.field) for one in found.deals.set_aside] == [("006-0001:kickoff_held", "Status__c")]
    assert opened.milestones()["kickoff_held"]["status"] == "open"
    opened.tick("kickoff_held", Status__c="Done")
    assert opened.run("2026-03-05T10:00").deals.set_aside == ()
    assert opened.milestones()["kickoff_held"]["status"] == "done"


@pytest.mark.slow
def test_a_row_that_names_no_milestone_of_ours_is_set_aside_and_told_once(opened):
    path = opened.folder / "Onboarding_Milestone__c.csv"
    with path.open("a", encoding="utf-8") as file:
        file.write("006-0001:champagne" + "," * (path.read_text("utf-8").splitlines()[0].count(",")) + "\n")
    found = opened.run("2026-03-03T10:00")
    assert [one.record for one in found.deals.set_aside] == ["006-0001:champagne"]
    opened.run("2026-03-04T10:00")
    opened.tick("kickoff_held")
    found = opened.run("2026-03-05T10:00")
    assert [one.record for one in found.deals.set_aside] == ["006-0001:champagne"]
    assert len(opened.told("#managers", "champagne")) == 1


def test_ticks_that_were_there_before_the_first_run_count(office):
    office.customer()
    office.write()
    rows = ["First90_Key__c,Status__c,Completed_At__c,Completed_By__c"]
    rows += [f"006-0001:{name},Done,2026-03-02T08:00:00Z,Cleo" for name in KICKOFF]
    (office.folder / "Onboarding_Milestone__c.csv").write_text("\n".join(rows) + "\n", "utf-8")
    office.run()
    assert office.status()["stage"] == "setup"
    assert office.milestone_row("kickoff_held")["Completed_By__c"] == "Cleo"
    assert "kickoff_invitation" not in office.sent_kinds


@pytest.mark.slow
def test_who_was_welcomed_by_hand_is_not_welcomed_again(office):
    """The CSM wrote the welcome and ticked it before first90 first looked; the other customer gets ours."""
    office.customer()
    office.customer(2)
    office.write()
    rows = "First90_Key__c,Status__c,Completed_At__c\n006-0001:welcome_sent,Done,2026-03-02T08:00:00Z\n"
    (office.folder / "Onboarding_Milestone__c.csv").write_text(rows, "utf-8")
    office.run()
    assert office.inbox("person1@customer1.example") == ["kickoff_invitation"]
    assert office.inbox("person2@customer2.example") == ["kickoff_invitation", "welcome"]


@pytest.mark.slow
def test_a_deleted_row_of_ours_comes_back(opened):
    path = opened.folder / "Onboarding_Milestone__c.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("006-0001:kickoff_held,")), "utf-8")
    opened.run("2026-03-03T10:00")
    assert opened.milestones()["kickoff_held"]["status"] == "open"
    opened.done("kickoff_held", on="2026-03-04T10:00")
    opened.run("2026-03-04T11:00")
    assert opened.milestone_row("kickoff_held")["Status__c"] == "Done"


@pytest.mark.slow
def test_a_name_that_begins_a_formula_is_defused_and_read_back_as_it_was(opened):
    opened.tick("kickoff_held", Status__c="Done", Completed_By__c="=cmd()")
    opened.run("2026-03-04T10:00")
    opened.run("2026-03-04T10:10")
    assert opened.milestones()["kickoff_held"]["done_by"] == "=cmd()"
    assert opened.conflicts() == []


@pytest.mark.slow
def test_the_quarter_hourly_look_takes_ticks_back_and_the_main_sweep_does_not_count_them_twice(opened):
    opened.tick("kickoff_held")
    with opened.context() as context:
        found = take_back_milestones(context, datetime(2026, 3, 3, 10, tzinfo=UTC), Scope())
        assert found.changed == 1
        assert take_back_milestones(context, datetime(2026, 3, 3, 10, 15, tzinfo=UTC), Scope()).unchanged
    opened.run("2026-03-03T11:00")
    assert opened.milestone_row("kickoff_held")["Completed_At__c"] == "2026-03-03T10:00:00Z"
    opened.tick("kickoff_held", Status__c="Open")
    with opened.context() as context:
        take_back_milestones(context, datetime(2026, 3, 4, 10, tzinfo=UTC), Scope())
    opened.run("2026-03-04T11:00")
    assert opened.milestones()["kickoff_held"]["status"] == "open"
    assert opened.milestone_row("kickoff_held")["Status__c"] == "Open"


def test_a_tick_and_its_undoing_between_two_looks_leave_nothing(opened):
    opened.tick("kickoff_held")
    opened.tick("kickoff_held", Status__c="Open")
    found = opened.run("2026-03-03T10:00")
    assert found.deals.changed == 0
    assert opened.milestones()["kickoff_held"]["status"] == "open"


@pytest.mark.slow
def test_un_ticking_a_kickoff_that_usage_or_the_deal_proves_reopens_it_all_the_same(opened):
    opened.change("006-0001", First90_Kickoff_At__c="2026-03-05T14:00:00Z")
    opened.run("2026-03-03T10:00")
    assert opened.milestone_row("kickoff_booked")["Status__c"] == "Done"
    opened.tick("kickoff_booked", Status__c="Open")
    opened.run("2026-03-03T11:00")
    assert opened.milestones()["kickoff_booked"]["status"] == "open"
    assert opened.milestone_row("kickoff_booked")["Status__c"] == "Open"


@pytest.mark.slow
def test_rows_of_an_unknown_onboarding_change_nothing(opened):
    path = opened.folder / "Onboarding_Milestone__c.csv"
    with path.open("a", encoding="utf-8") as file:
        file.write("006-0999:kickoff_held" + "," * (path.read_text("utf-8").splitlines()[0].count(",")) + "\n")
    assert opened.run("2026-03-03T10:00").deals.set_aside == ()
    assert "006-0999:kickoff_held" in path.read_text("utf-8")
