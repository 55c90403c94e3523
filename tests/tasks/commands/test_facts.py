"""Facts that people report: stored once, dated when they happened, taken back, and refused where invalid."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from database.onboardings.lookup import NotFound
from onboarding.model.state import Goal
from onboarding.model.vocabulary import SurveyKind
from onboarding.orders import FactReport
from tasks.commands import facts, value_facts
from tasks.runtime.refusals import Refused

KICKOFF = ("kickoff_held", "cadence_agreed", "plan_agreed")
SETUP = (
    "requirements_documented",
    "security_review",
    "integrations_connected",
    "access_configured",
    "validation_passed",
)


@pytest.mark.slow
def test_stage_times_follow_the_facts_not_the_day_of_the_report(opened):
    for name, at in zip(KICKOFF, ("2026-03-04T14:00", "2026-03-04T14:30", "2026-03-05T09:00"), strict=True):
        opened.done(name, on="2026-03-09T10:00", at=at)
    opened.run("2026-03-09T11:00")
    line = opened.status()
    assert (line["stage"], line["stage_entered_at"]) == ("setup", "2026-03-05T09:00:00Z")
    assert opened.milestone_row("kickoff_held")["Completed_At__c"] == "2026-03-04T14:00:00Z"
    assert opened.milestone_row("kickoff_held")["Completed_By__c"] == "jo@vendor.example"


@pytest.mark.slow
def test_setup_begins_late_and_its_packs_still_go_out_within_their_time(opened):
    for name in KICKOFF:
        opened.done(name, on="2026-03-09T10:00", at="2026-03-05T09:00")
    for at in ("2026-03-09T11:00", "2026-03-10T11:00", "2026-03-11T11:00"):
        opened.run(at)
    assert {"security_pack", "technical_pack"} <= set(opened.sent_kinds)


@pytest.mark.slow
def test_all_five_stages_by_reports_end_in_completion(opened):
    for name in (*KICKOFF, *SETUP):
        opened.done(name, on="2026-03-10T10:00")
    opened.run("2026-03-10T11:00")
    assert opened.status()["stage"] == "training"
    for name in ("tasks_done_end_users", "tasks_done_admins", "activation"):
        opened.done(name, on="2026-03-17T10:00")
    opened.run("2026-03-17T11:00")
    assert opened.status()["stage"] == "first_value"
    assert opened.status()["activated_at"] == "2026-03-17T10:00:00Z"
    opened.run("2026-03-17T11:10")
    for name in ("goals_checked", "next_plan_agreed", "account_plan_recorded"):
        opened.done(name, on="2026-03-18T10:00")
    opened.run("2026-03-18T10:30")
    assert opened.status()["stage"] == "first_value", "a tick without a value closes no stage"
    opened.report(value_facts.record_goal_value, "quote turnaround", 12.0, on="2026-03-18T10:40")
    opened.run("2026-03-18T11:00")
    line = opened.status()
    assert (line["stage"], line["status"]) == ("done", "completed")
    assert "activation" in opened.sent_kinds
    opened.run("2026-03-19T11:00")
    assert "transition" in opened.sent_kinds
    assert opened.crm()["006-0001"]["Status__c"] == "completed"
    assert "quote turnaround" in opened.crm()["006-0001"]["Account_Plan__c"]
    (plan,) = opened.told(opened.status()["owner"], "Account plan")
    assert "Goals and what was delivered" in str(plan), "the CSM gets it once the onboarding is over"


@pytest.mark.slow
def test_a_report_counts_once_and_an_undo_takes_it_back(opened):
    assert opened.done("kickoff_held", on="2026-03-04T10:00", at="2026-03-04T09:00") == "Done: Hold the kickoff call."
    again = opened.done("kickoff_held", on="2026-03-04T10:05", at="2026-03-04T09:00")
    assert again.startswith("Known already")
    opened.run("2026-03-04T11:00")
    assert opened.milestones()["kickoff_held"]["status"] == "done"
    assert opened.done("kickoff_held", on="2026-03-04T12:00", undo=True).startswith("Taken back")
    opened.run("2026-03-04T13:00")
    assert opened.milestones()["kickoff_held"]["status"] == "open"
    assert opened.milestone_row("kickoff_held")["Status__c"] == "Open"
    assert opened.milestone_row("kickoff_held")["Completed_At__c"] == ""
    assert opened.done("kickoff_held", on="2026-03-04T14:00", at="2026-03-04T09:00").startswith("Done")
    opened.run("2026-03-04T15:00")
    assert opened.milestones()["kickoff_held"]["status"] == "done"


@pytest.mark.slow
def test_undoing_a_criterion_of_a_stage_already_left_is_raised_and_the_stage_stays_left(opened):
    for name in KICKOFF:
        opened.done(name, on="2026-03-04T10:00")
    opened.run("2026-03-04T11:00")
    opened.done("plan_agreed", on="2026-03-05T10:00", undo=True)
    opened.run("2026-03-05T11:00")
    assert opened.status()["stage"] == "setup"
    lost = [line for line in opened.journal() if "No longer true" in line]
    assert lost
    assert "Define the timeline and key milestones" in lost[0]


@pytest.mark.slow
def test_what_lies_ahead_is_refused_but_an_agreed_call_may(opened):
    with pytest.raises(Refused, match="lies ahead"):
        opened.done("kickoff_held", on="2026-03-04T10:00", at="2026-03-05T10:00")
    with pytest.raises(Refused, match="no milestone"):
        opened.done("champagne")
    with pytest.raises(NotFound), opened.context() as context:
        facts.record_note(context, FactReport(by="jo", now=datetime(2026, 3, 3, tzinfo=UTC)), "001-0777", "x")
    agreed = datetime(2026, 3, 6, 14, tzinfo=UTC)
    said = opened.report(facts.record_meeting, "kickoff_booked", agreed)
    assert said == "Kickoff agreed for 2026-03-06 14:00Z."
    opened.run("2026-03-02T11:00")
    assert opened.milestones()["kickoff_booked"]["status"] == "done"


def test_where_a_goal_stands_is_kept_for_a_goal_that_there_is_and_refused_for_any_other(office):
    office.customer()
    office.run()
    with pytest.raises(Refused, match="there is no goal for 'speed'"):
        office.report(value_facts.record_goal_value, "speed", 4.0)
    office.report(value_facts.record_goal, goal("answer  time"))
    said = office.report(value_facts.record_goal_value, "Answer time", 6.0)
    assert said == "Goal value kept: answer  time stands at 6 hours."


def goal(metric):
    at = datetime(2026, 3, 4, 10, tzinfo=UTC)
    return Goal(metric=metric, baseline=48, target=4, unit="hours", due=date(2026, 5, 31), at=at)


@pytest.mark.slow
def test_a_goal_needs_all_its_parts_and_a_measurable_one_lets_kickoff_be_left(office):
    office.customer(First90_Success_Metrics__c="become faster")
    office.run()
    for name in KICKOFF:
        office.done(name, on="2026-03-03T10:00")
    office.run("2026-03-03T11:00")
    assert office.status()["stage"] == "kickoff"
    with pytest.raises(Refused, match="no measurable goal"):
        office.report(value_facts.record_goal, replace(goal("speed"), baseline=4))
    office.report(value_facts.record_goal, goal("quote turnaround"), on="2026-03-04T10:00")
    office.run("2026-03-04T11:00")
    line = office.status()
    assert (line["stage"], line["stage_entered_at"]) == ("setup", "2026-03-04T10:00:00Z")


@pytest.mark.slow
def test_the_five_items_may_be_reported_one_by_one(office):
    nothing = dict.fromkeys(("Goals", "Success_Metrics", "Commitments", "Technical_Requirements", "Timeline"), "")
    office.customer(**{f"First90_{name}__c": text for name, text in nothing.items()})
    office.run()
    assert office.status()["stage"] == "handoff"
    with pytest.raises(Refused, match="no handoff item"):
        office.report(facts.record_handoff, "wishes", "a pony")
    with pytest.raises(Refused, match="says nothing"):
        office.report(facts.record_handoff, "goals", " ")
    for item in ("goals", "success_metrics", "commitments", "technical_requirements", "timeline"):
        office.report(facts.record_handoff, item, "as agreed on the phone", on="2026-03-03T10:00")
    office.run("2026-03-03T11:00")
    assert office.status()["stage"] == "kickoff"


@pytest.mark.slow
def test_a_reported_stakeholder_is_written_to_and_one_who_left_is_not(opened):
    for name in KICKOFF:
        opened.done(name, on="2026-03-03T10:00")
    opened.report(facts.record_stakeholder, "Iris@customer1.example", "it_security")
    opened.run("2026-03-03T11:00")
    assert opened.inbox("Iris@customer1.example") == ["security_pack"]
    opened.report(facts.record_stakeholder, "person1@customer1.example", "champion", left=True, on="2026-03-03T12:00")
    opened.run("2026-03-09T10:00")
    assert "check_in_7" not in opened.inbox("person1@customer1.example")


@pytest.mark.slow
def test_a_reported_signal_proves_what_it_detects(opened):
    opened.event("login", "2026-03-02T09:00:00Z")
    opened.report(facts.record_signal, "content_shared", user="ana", count=1, on="2026-03-05T10:00")
    assert opened.report(facts.record_signal, "content_shared", user="ana", count=1, on="2026-03-05T10:00").startswith(
        "Known already"
    )
    opened.run("2026-03-05T11:00")
    assert opened.status()["activated_at"] == "2026-03-05T10:00:00Z"


@pytest.mark.slow
def test_a_reported_signal_counts_without_a_source_of_signals_too(opened):
    opened.report(facts.record_signal, "content_shared", user="ana", count=1, on="2026-03-05T10:00")
    opened.run("2026-03-05T11:00")
    assert opened.status()["activated_at"] == "2026-03-05T10:00:00Z"


def test_surveys_notes_and_addresses_are_checked(opened):
    with pytest.raises(Refused, match="not on the scale of effort: 0"):
        opened.report(value_facts.record_survey, SurveyKind.EFFORT, 11)
    with pytest.raises(Refused, match="one mail address"):
        opened.report(facts.record_bounce, "ana")
    with pytest.raises(Refused, match="no role"):
        opened.report(facts.record_stakeholder, "a@b.example", "boss")
    with pytest.raises(Refused, match="empty"):
        opened.report(facts.record_note, " ")
    opened.report(facts.record_note, "New CFO in May")
    assert any("New CFO in May" in line for line in opened.journal())


@pytest.mark.slow
def test_an_address_never_stands_in_the_journal_or_in_a_key(opened):
    opened.report(facts.record_stakeholder, "iris@customer1.example", "it_security")
    opened.report(facts.record_bounce, "iris@customer1.example", on="2026-03-03T09:00")
    for name in KICKOFF:
        opened.done(name, on="2026-03-03T10:00")
    opened.run("2026-03-03T11:00")
    assert not any("@customer1" in line for line in opened.journal())
    assert not any("@" in line["key"] for line in opened.effects())


@pytest.mark.slow
def test_an_address_that_only_a_report_named_may_bounce_too(opened):
    for name in KICKOFF:
        opened.done(name, on="2026-03-03T10:00")
    opened.report(facts.record_stakeholder, "iris@customer1.example", "it_security")
    opened.report(facts.record_bounce, "Iris@Customer1.example", on="2026-03-03T10:00")
    opened.run("2026-03-03T11:00")
    assert opened.inbox("iris@customer1.example") == []


@pytest.mark.slow
def test_activation_is_told_to_both_sides_and_that_is_a_milestone(opened):
    opened.event("content_shared", "2026-03-05T09:30:00Z", user="ana")
    opened.run("2026-03-05T10:00")
    assert "activation" in opened.sent_kinds
    assert opened.told("csm@vendor.example", "first value")
    opened.run("2026-03-05T10:10")
    assert opened.milestone_row("both_sides_told")["Status__c"] == "Done"
