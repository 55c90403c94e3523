"""Forms in Slack: each does what the command does, once, under the person's name, and says in the modal what came."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from database.onboardings import cases
from database.tables import OnboardingRow, PersonRow
from onboarding.facts.fold import fold_facts
from onboarding.forms.form import FormKind
from onboarding.model.state import OnboardingState
from onboarding.own_tasks.plan import task_name
from tasks.commands import onboardings
from tasks.slack.filling import NOT_OPENED, open_waiting
from tasks.slack.presses import why
from tasks.slack.showing import FAULT, RECORDED
from tasks.slack.submissions import reply_to
from tests.integrations.slack.block_rules import options_in
from tests.tasks.conftest import moment
from tests.tasks.slack.conftest import CLEO, MAX, PRESSED, Floor, opened

LATER = "2026-03-05T11:30"


def state_of(floor: Floor, on: str = LATER) -> OnboardingState:
    with floor.office.context() as context, context.database.reading() as conn:
        case = cases.load(conn, ["006-0001"], moment(on), context.calendars(moment(on)))["006-0001"]
        return fold_facts(case, context.playbook_version(case.progress.playbook), moment(on))


def booking(floor: Floor) -> dict[str, object]:
    """Return the payload of choosing to mark the kickoff as booked."""
    return floor.pressed("done", "kickoff_booked")


@pytest.mark.slow
def test_booking_the_kickoff_asks_its_time_in_the_persons_zone_and_invites_at_once(floor: Floor) -> None:
    floor.slack.users[floor.people[CLEO]]["tz"] = "America/New_York"
    view = floor.ask("done", "kickoff_booked")
    assert view.title == "Time of a call"
    assert "America/New York" in view.text.replace("_", " ")
    assert view.fields["call"]["initial_option"]["value"] == "kickoff_booked"
    assert "kickoff_call" not in floor.office.sent_kinds
    assert floor.send(view, day="2026-03-10", time="10:30") == {}
    assert "Agreed for Tue 10 Mar, 10:30 (America/New York)" in view.text
    meeting = state_of(floor).meetings["kickoff_booked"]
    assert meeting.at == datetime(2026, 3, 10, 14, 30, tzinfo=UTC), "summer time began there on 8 March"
    assert floor.office.sent_kinds[-1] == "kickoff_call", "the invitation is there without another run"
    (line,) = floor.journal("meeting")
    assert line["by"] == CLEO
    assert floor.office.milestones()["kickoff_booked"]["status"] == "done"


def test_a_call_is_not_said_to_be_on_its_way_to_people_without_an_address(floor: Floor) -> None:
    with floor.office.context() as context, context.database.writing() as conn:
        conn.execute(update(PersonRow).values(email=None))
    view = floor.ask("done", "kickoff_booked")
    assert floor.send(view, day="2026-03-10", time="10:30") == {}
    assert "Nobody at the customer has a mail address to invite." in view.text
    assert "on its way" not in view.text


@pytest.mark.parametrize(
    ("day", "at", "where", "told"),
    [
        ("2026-03-08", "02:30", "time", "does not exist"),
        ("2026-03-05", "05:00", "time", "has passed"),
        ("2026-03-04", "12:00", "day", "has passed"),
        ("9999-03-04", "12:00", "day", "outside the years"),
    ],
)
def test_a_time_that_cannot_be_is_refused_at_its_field(floor: Floor, day: str, at: str, where: str, told: str) -> None:
    floor.slack.users[floor.people[CLEO]]["tz"] = "America/New_York"
    view = floor.ask("done", "kickoff_booked")
    errors = floor.send(view, day=day, time=at)
    assert told in errors[where]
    assert list(errors) == [where]
    assert floor.journal("meeting") == []


def test_a_hold_until_a_day_with_its_reason_and_how_it_resumes(floor: Floor) -> None:
    view = floor.ask_for("hold")
    assert floor.send(view, reason="  ") == {"reason": "Say why: it is kept in the journal."}
    assert "after today" in floor.send(view, reason="Their budget is frozen", until="2026-03-05")["until"]
    assert floor.send(view, reason="Their budget is frozen", until="2026-03-20", resume="skip") == {}
    assert view.title == "Done"
    assert "On hold until Friday, 20 March: Their budget is frozen" in view.text
    assert floor.office.status()["status"] == "on_hold"
    (line,) = floor.journal("hold")
    assert (line["about"], line["by"], line["because"]) == ("skip", CLEO, "Their budget is frozen")


@pytest.mark.slow
def test_a_hold_ends_in_slack_where_it_began(floor: Floor) -> None:
    again = floor.pressed("more", ":hold")
    floor.send(floor.ask_for("hold"), reason="Their budget is frozen", resume="skip")
    floor.receive(again)
    assert "the onboarding of Customer 1 is on hold" in floor.slack.modal.text
    home = opened(floor)
    actions = [one for block in home.body["blocks"] for one in block.get("elements", ()) if "action_id" in one]
    assert "first90.form.resume" in {one["action_id"] for one in actions}
    floor.receive(floor.slack.press(home, floor.people[CLEO], "form.resume"), LATER)
    view = floor.slack.modal
    assert "Their budget is frozen" in view.text
    sent = floor.slack.submit(view, note="They have it now")
    floor.receive(sent, LATER)
    assert (view.title, "Running again" in view.text) == ("Done", True)
    floor.receive(sent, LATER)
    (line,) = floor.journal("resume")
    assert (line["by"], line["because"]) == (CLEO, "They have it now")
    assert floor.office.status()["status"] == "active"


@pytest.mark.parametrize(
    ("answers", "field", "told"),
    [
        ({"metric": "get up and running"}, "metric", "is no metric"),
        ({"metric": "complete the onboarding"}, "metric", "our work"),
        ({"baseline": "4", "target": "4"}, "target", "equals its baseline"),
        ({"unit": " "}, "unit", "no unit"),
        ({"due": "0203-01-01"}, "due", "outside the years"),
        ({"due": "2026-03-05"}, "due", "after today"),
    ],
)
def test_a_vague_goal_is_refused_while_the_form_is_open(
    floor: Floor, answers: dict[str, str], field: str, told: str
) -> None:
    view = floor.ask_for("goal")
    given = {"metric": "tickets a week", "baseline": "40", "target": "10", "unit": "tickets", "due": "2026-06-30"}
    errors = floor.send(view, **{**given, **answers})
    assert list(errors) == [field]
    assert told in errors[field]
    assert floor.journal("goal") == []
    assert floor.send(view, **given) == {}
    assert "tickets a week: from 40 to 10 tickets by 30 June 2026" in view.text
    assert [goal.metric for goal in state_of(floor).goals] == ["quote turnaround", "tickets a week"]


def test_where_a_goal_stands_is_kept_for_that_goal(floor: Floor) -> None:
    view = floor.ask_for("goal_value")
    (option,) = options_in(view.fields["goal"])
    assert option["text"]["text"].startswith("quote turnaround: from 48 to 4 hours")
    assert floor.send(view, value="12.5") == {}
    assert state_of(floor).goals[0].value == 12.5


@pytest.mark.slow
def test_handoff_items_are_shown_and_only_what_was_changed_is_recorded(floor: Floor) -> None:
    floor.office.change("006-0001", First90_Commitments__c="", First90_Timeline__c="")
    floor.office.run("2026-03-05T10:40")
    floor.office.run("2026-03-05T10:50")
    view = floor.ask_for("handoff")
    assert view.fields["goals"]["initial_value"] == "Answer quotes faster than the competition"
    assert "initial_value" not in view.fields["commitments"]
    assert list(floor.send(view, commitments="tbd")) == ["commitments"]
    assert floor.send(view, commitments="Single sign-on in April") == {}
    assert [line["about"] for line in floor.journal("handoff")] == ["commitments"]
    view = floor.ask_for("handoff", on=LATER)
    floor.send(view, on=LATER)
    assert "every item says what it said before" in view.text


def test_resolving_asks_the_reason_and_ends_the_stall(floor: Floor) -> None:
    view = floor.ask_for("resolve")
    assert floor.send(view, reason="-") == {"reason": "Say why: it is kept in the journal."}
    assert floor.send(view, reason="Booked by phone") == {}
    assert [line["because"] for line in floor.journal("resolve")] == ["Booked by phone"]
    assert "over: " in floor.stall.text, "the message says so at once"


def test_handing_over_takes_a_note_and_tells_the_new_owner(floor: Floor) -> None:
    view = floor.ask_for("hand_over")
    assert "now with Cleo Csm" in view.text
    assert floor.send(view, to=floor.people[MAX], note="Cleo is on leave") == {}
    assert "CSM is Max Manager now" in view.text
    assert [line["because"] for line in floor.journal("reassign")] == ["Cleo is on leave"]
    (told,) = (one for one in floor.slack.inbox(MAX) if ":stall:" in one.key)
    assert "Handed over by Cleo Csm on Thu 5 Mar: “Cleo is on leave”" in told.text


def test_snoozing_by_form_rests_until_that_morning_where_the_person_is(floor: Floor) -> None:
    floor.slack.users[floor.people[CLEO]]["tz"] = "America/New_York"
    view = floor.ask_for("snooze")
    assert "after today" in floor.send(view, until="2026-03-05")["until"]
    assert floor.send(view, until="2026-03-12") == {}
    assert "It rests until Thursday, 12 March." in view.text
    (line,) = floor.journal("snooze")
    assert datetime.fromisoformat(line["because"]) == datetime(2026, 3, 12, 4, tzinfo=UTC)


def test_a_form_submitted_twice_counts_once(floor: Floor) -> None:
    view = floor.ask_for("snooze")
    sent = floor.slack.submit(view, until="2026-03-12")
    floor.receive(sent)
    floor.receive(sent)
    assert "this was heard before" in view.text
    assert len(floor.journal("snooze")) == 1


def test_a_form_filled_in_after_the_stall_ended_says_so(floor: Floor) -> None:
    view = floor.ask_for("snooze")
    floor.office.order(onboardings.resolve, "001-0001", reason="booked by phone", on="2026-03-05T10:30")
    floor.send(view, until="2026-03-12")
    assert view.title == "Nothing was changed"
    assert "this stall is over, Customer 1 goes on" in view.text
    assert floor.journal("snooze") == []
    assert "this stall is over" in floor.ask_for("resolve").text


def test_a_form_of_what_another_hand_changed_meanwhile_says_so(floor: Floor) -> None:
    mine, others = floor.ask_for("goal_value"), floor.ask_for("goal_value", by=MAX)
    floor.send(others, value="20")
    floor.send(mine, value="12", on=LATER)
    assert "changed by another hand" in mine.text
    assert state_of(floor, "2026-03-05T12:00").goals[0].value == 20


def test_a_snooze_of_another_person_is_not_overwritten_unseen(floor: Floor) -> None:
    mine, others = floor.ask_for("snooze"), floor.ask_for("snooze", by=MAX)
    floor.send(others, until="2026-03-20")
    floor.send(mine, until="2026-03-10", on=LATER)
    assert "changed by another hand" in mine.text
    assert [line["because"][:10] for line in floor.journal("snooze")] == ["2026-03-20"]
    floor.send(floor.ask_for("snooze", on=LATER), until="2026-03-10", on=LATER)
    assert len(floor.journal("snooze")) == 2, "who has seen it may change it"


def test_what_fails_after_the_order_was_recorded_is_not_told_as_undone(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("the review")

    view = floor.ask_for("resolve")
    monkeypatch.setattr(onboardings, "review_named", fails)
    assert floor.press("ack") == RECORDED
    floor.send(view, reason="Booked by phone")
    assert (view.title, RECORDED in view.text) == ("Recorded", True)
    assert [len(floor.journal(kind)) for kind in ("ack", "resolve")] == [1, 1]
    monkeypatch.setattr(onboardings, "find_onboarding", fails)
    assert floor.press("ack", on=LATER) == FAULT, "nothing was recorded of this one"


def test_a_goal_may_be_recorded_from_the_message_of_a_stall_that_is_over(floor: Floor) -> None:
    view = floor.ask_for("goal_value")
    floor.office.order(onboardings.resolve, "001-0001", reason="booked by phone", on="2026-03-05T10:30")
    floor.send(view, value="12")
    assert view.title == "Done"


def test_a_form_of_an_onboarding_that_is_over_says_so(floor: Floor) -> None:
    press = floor.pressed("form.snooze")
    floor.office.order(onboardings.close, "001-0001", "churned", reason="wound up", on="2026-03-05T10:30")
    floor.receive(press)
    assert "the onboarding of Customer 1 is churned" in floor.slack.modal.text


@pytest.mark.slow
def test_a_risk_review_asks_what_to_expect_and_keeps_the_answer_with_its_why(floor: Floor) -> None:
    floor.office.run("2026-06-02T10:00")
    review = next(one for one in floor.slack.inbox(CLEO) if ":risk_review:" in one.key)
    view = floor.ask("form.renewal", of=review, on="2026-06-02T11:00")
    assert [option["value"] for option in options_in(view.fields["outlook"])] == ["renew", "expand", "at_risk"]
    assert list(floor.send(view, outlook="at_risk", why="tbd", on="2026-06-02T11:00")) == ["why"]
    assert floor.send(view, outlook="at_risk", why="Their sponsor left in May", on="2026-06-02T11:00") == {}
    assert view.title == "Done"
    (line,) = floor.journal("renewal")
    assert (line["by"], line["because"]) == (CLEO, "at risk")
    with floor.office.context() as context:
        assert "At the renewal: at risk, because: Their sponsor left in May (" in why(
            context, "006-0001", moment("2026-06-02T12:00"), "UTC"
        )


@pytest.mark.slow
def test_a_risk_review_is_answered_after_the_onboarding_is_completed_too(floor: Floor) -> None:
    floor.office.run("2026-06-02T10:00")
    review = next(one for one in floor.slack.inbox(CLEO) if ":risk_review:" in one.key)
    with floor.office.context() as context, context.database.writing() as conn:
        conn.execute(update(OnboardingRow).values(status="completed"))
    view = floor.ask("form.renewal", of=review, on="2026-06-02T11:00")
    floor.send(view, outlook="expand", why="They asked for seats", on="2026-06-02T11:00")
    assert view.title == "Done", view.text


def test_strangers_get_no_form_and_no_order(floor: Floor) -> None:
    guest = floor.slack.person("Guest", "guest@elsewhere.example", is_restricted=True)
    floor.people["guest"] = guest
    assert "guests of the workspace" in floor.ask_for("snooze", by="guest").text
    view = floor.ask_for("snooze")
    floor.send(view, by="guest", until="2026-03-12")
    assert "guests of the workspace" in view.text
    assert floor.journal("snooze") == []


def test_a_member_whom_the_crm_does_not_know_is_refused(floor: Floor) -> None:
    other = floor.slack.person("Other", "other@vendor.example")
    assert "no active user of the CRM" in floor.press("ack", by=other)
    assert floor.journal("ack") == []


def test_one_who_left_the_company_may_neither_press_nor_read(floor: Floor) -> None:
    floor.office.change("005-0003", IsActive=False)
    floor.office.run("2026-03-05T10:40")
    assert "no active user of the CRM" in floor.press("ack", by=MAX)
    assert "no active user of the CRM" in floor.press("why", by=MAX)
    assert "no active user of the CRM" in floor.ask_for("snooze", by=MAX).text
    assert "Customer 1" not in opened(floor, MAX).text
    assert floor.journal("ack") == []


def test_a_trigger_works_once_and_for_three_seconds_and_the_person_is_told(floor: Floor) -> None:
    press = floor.pressed("form.snooze")
    floor.receive(press)
    with floor.office.context() as context:
        assert open_waiting(context, press) == ""
    late = floor.pressed("form.snooze") | {"trigger_id": floor.slack.trigger(floor.people[CLEO], age=3.1)}
    floor.receive(late)
    assert floor.slack.said[-1] == NOT_OPENED
    assert len(floor.slack.views) == 1


def test_the_modal_opens_before_anything_is_looked_up(floor: Floor) -> None:
    floor.slack.calls.clear()
    floor.ask_for("snooze")
    assert floor.slack.calls[0][0] == "views.open"
    assert "One moment" in str(floor.slack.calls[0][1])
    assert "nothing was changed" in str(floor.slack.calls[0][1])


def test_while_a_form_is_carried_out_nobody_claims_that_nothing_was_changed(floor: Floor) -> None:
    sent = floor.slack.submit(floor.ask_for("resolve"), reason="Booked by phone")
    with floor.office.context() as context:
        told = str(reply_to(context, sent, moment(PRESSED)))
    assert "One moment" in told
    assert "nothing was changed" not in told


def test_what_came_of_it_is_told_where_it_was_asked_when_the_modal_was_closed(floor: Floor) -> None:
    view = floor.ask_for("resolve")
    sent = floor.slack.submit(view, reason="Booked by phone")
    view.closed = True
    with floor.office.context() as context:
        from tasks.slack.submissions import handle_submission

        handle_submission(context, sent, moment(PRESSED))
    assert floor.slack.said == ["Resolved: Booked by phone"]


def test_milestones_stand_in_groups_by_stage_and_what_is_due_first_comes_first(floor: Floor) -> None:
    (menu,) = [
        element
        for block in floor.stall.body["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["action_id"] == "first90.done"
    ]
    groups = [group["label"]["text"] for group in menu["option_groups"]]
    assert groups == ["Handoff", "Kickoff", "Setup", "Training", "First value"]
    due = floor.office.milestones()
    for group in menu["option_groups"]:
        days = [str(due[option["value"].split(":")[1]]["due_at"]) for option in group["options"]]
        known = [day for day in days if day != "None"]
        assert days == [*sorted(known), *(["None"] * (len(days) - len(known)))]


def test_each_kind_of_form_can_be_opened(floor: Floor) -> None:
    """Every view passes the workspace's own rules, or it would not have been opened."""
    shown = {
        element["action_id"]
        for block in floor.stall.body["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    }
    assert {"first90.form.call", "first90.form.snooze", "first90.form.resolve", "first90.more"} <= shown
    for kind in FormKind:
        if kind not in (FormKind.RENEWAL, FormKind.RESUME, FormKind.DRAFT, FormKind.DECISION):
            assert floor.ask_for(kind).fields


def test_a_task_of_this_account_is_added_once_for_the_side_of_who_was_chosen(floor: Floor) -> None:
    view = floor.ask_for("task")
    assert view.title == "Add a task"
    asked = {"title": "Answer the questionnaire", "owner": "customer:champion", "due": "2026-03-20"}
    assert list(floor.send(view, **asked | {"title": "?"})) == ["title"]
    assert "has passed" in floor.send(view, **asked | {"due": "2026-03-03"})["due"]
    assert floor.send(view, **asked, needed="needed") == {}
    assert view.title == "Done"
    assert "is not left without it" in view.text
    (line,) = floor.journal("task")
    name = task_name("Answer the questionnaire")
    assert (line["about"], line["by"]) == (name, CLEO)
    task = floor.office.milestones()[name]
    assert (task["side"], task["owner_role"], task["exit"]) == ("customer", "champion", True)
    again = floor.ask_for("task")
    assert floor.send(again, **asked, needed="no") == {}
    assert "there is already a task" in again.text
    assert len(floor.journal("task")) == 1
