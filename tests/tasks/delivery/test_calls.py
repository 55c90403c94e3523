"""Calls in calendars, from outside: what is recorded or edited, and the invitations in the inboxes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from icalendar import Calendar

from onboarding.model.vocabulary import STAGES, Channel
from tasks.commands import onboardings
from tasks.commands.facts import record_meeting
from tasks.delivery.deliver_all import deliver
from tasks.review.stages import review_stage
from tasks.runtime.refusals import Refused
from tasks.runtime.scope import Scope

CHAMPION = "person1@customer1.example"
KICKOFF, LATER = "2026-03-05T14:00:00+00:00", "2026-03-06T09:00:00+00:00"


def calls(office: Any, address: str = CHAMPION) -> list[tuple[str, int, str]]:
    """Return method, number and time of each invitation in an inbox, in the order in which they were sent."""
    found = []
    for mail in office.mails:
        for part in mail.walk():
            if part.get_content_type() == "text/calendar" and mail["To"].addresses[0].addr_spec == address:
                calendar: Any = Calendar.from_ical(part.get_payload(decode=True))
                (event,) = calendar.events
                found.append((str(event["uid"]), str(calendar["method"]), int(event["sequence"]), event.start))
    assert len({uid for uid, *_ in found}) <= 1, "a call keeps its UID"
    return [(method, number, f"{at:%m-%dT%H:%M}") for _, method, number, at in sorted(found, key=lambda one: one[2])]


def agree(office: Any, name: str, at: str | None, on: str, undo: bool = False) -> Any:
    meeting_at = datetime.fromisoformat(at).astimezone(UTC) if at else None
    if meeting_at is not None and not undo:
        return office.report(record_meeting, name, meeting_at, on=on)
    return office.done(name, on=on, undo=undo)


def moment(at: str) -> datetime:
    return datetime.fromisoformat(at).replace(tzinfo=UTC)


@pytest.mark.slow
def test_an_agreed_kickoff_is_put_into_the_calendar_once(opened: Any) -> None:
    agree(opened, "kickoff_booked", KICKOFF, "2026-03-03T10:00")
    for at in ("2026-03-03T10:10", "2026-03-03T10:20", "2026-03-04T10:00"):
        opened.run(at)
    assert calls(opened) == [("REQUEST", 0, "03-05T14:00")]
    (mail,) = [mail for mail in opened.mails if mail["Subject"].startswith("Our kickoff")]
    assert mail["Subject"] == "Our kickoff: Thursday 5 March 2026 at 14:00 (London time)"
    body = mail.get_body(("plain",)).get_content()
    assert "Thursday 5 March 2026 at 14:00 (London time)" in body


@pytest.mark.slow
def test_a_kickoff_that_moves_and_then_falls_through_is_told_each_time_once(opened: Any) -> None:
    agree(opened, "kickoff_booked", KICKOFF, "2026-03-03T10:00")
    opened.run("2026-03-03T10:10")
    agree(opened, "kickoff_booked", LATER, "2026-03-03T11:00")
    opened.run("2026-03-03T11:10")
    agree(opened, "kickoff_booked", None, "2026-03-03T12:00", undo=True)
    for at in ("2026-03-03T12:10", "2026-03-03T12:20", "2026-03-04T10:00"):
        opened.run(at)
    assert calls(opened) == [
        ("REQUEST", 0, "03-05T14:00"),
        ("REQUEST", 1, "03-06T09:00"),
        ("CANCEL", 2, "03-06T09:00"),
    ]
    subjects = [
        mail["Subject"] for mail in opened.mails if "kickoff:" in mail["Subject"] or "Cancelled" in mail["Subject"]
    ]
    assert len(subjects) == 3
    moved = next(mail for mail in opened.mails if mail["Subject"].startswith("New time for our kickoff"))
    assert "It was to be on Thursday 5 March 2026 at 14:00" in moved.get_body(("plain",)).get_content()


@pytest.mark.slow
def test_the_field_of_the_crm_does_the_same(opened: Any) -> None:
    for field, at in ((KICKOFF, "03T10:00"), (LATER, "03T11:00"), ("", "03T12:00"), (KICKOFF, "03T13:00")):
        opened.change("006-0001", First90_Kickoff_At__c=field)
        opened.run(f"2026-03-{at}")
        opened.run(f"2026-03-{at}".replace(":00", ":10"))
    assert [(method, number) for method, number, _ in calls(opened)] == [
        ("REQUEST", 0),
        ("REQUEST", 1),
        ("CANCEL", 2),
        ("REQUEST", 3),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["churned", "cancelled"])
def test_the_end_of_an_onboarding_takes_its_calls_out_of_the_calendars(opened: Any, ending: str) -> None:
    agree(opened, "kickoff_booked", KICKOFF, "2026-03-03T10:00")
    opened.run("2026-03-03T10:10")
    opened.order(onboardings.close, "001-0001", ending, reason="they went elsewhere", on="2026-03-03T11:00")
    for at in ("2026-03-03T11:10", "2026-03-03T11:20", "2026-03-04T10:00"):
        opened.run(at)
    assert calls(opened) == [("REQUEST", 0, "03-05T14:00"), ("CANCEL", 1, "03-05T14:00")]


def decide(office: Any, at: str) -> None:
    """Run all tasks but delivery: effects then wait, as when the mail server is down."""
    with office.context() as context:
        for stage in STAGES:
            review_stage(context, moment(at), Scope(), stage)


@pytest.mark.slow
def test_a_time_that_changed_before_anybody_was_told_is_told_once(opened: Any) -> None:
    agree(opened, "kickoff_booked", KICKOFF, "2026-03-03T10:00")
    decide(opened, "2026-03-03T10:10")
    agree(opened, "kickoff_booked", LATER, "2026-03-03T11:00")
    opened.run("2026-03-03T11:10")
    assert calls(opened) == [("REQUEST", 1, "03-06T09:00")]
    assert sorted(opened.states("kickoff_call")) == ["cancelled", "sent"]


@pytest.mark.slow
def test_at_the_last_look_a_time_that_holds_no_longer_stays_at_home(opened: Any) -> None:
    agree(opened, "kickoff_booked", KICKOFF, "2026-03-03T10:00")
    decide(opened, "2026-03-03T10:10")
    agree(opened, "kickoff_booked", LATER, "2026-03-03T11:00")
    with opened.context() as context:
        deliver(context, moment("2026-03-03T11:10"), Channel.MAIL, Scope())
    assert calls(opened) == []
    opened.run("2026-03-03T11:20")
    assert calls(opened) == [("REQUEST", 1, "03-06T09:00")]


@pytest.mark.slow
def test_a_call_that_was_not_announced_needs_no_cancellation(opened: Any) -> None:
    agree(opened, "kickoff_booked", KICKOFF, "2026-03-03T10:00")
    decide(opened, "2026-03-03T10:10")
    agree(opened, "kickoff_booked", None, "2026-03-03T11:00", undo=True)
    opened.run("2026-03-03T11:10")
    assert calls(opened) == []
    assert any("nobody had been invited yet" in line for line in opened.journal())
    agree(opened, "kickoff_booked", KICKOFF, "2026-03-03T12:00")
    opened.run("2026-03-03T12:10")
    assert [(method, at) for method, _, at in calls(opened)] == [("REQUEST", "03-05T14:00")]


@pytest.mark.slow
def test_a_call_that_begins_before_anybody_could_read_of_it_is_left_to_a_person(opened: Any) -> None:
    agree(opened, "kickoff_booked", "2026-03-04T08:30:00+00:00", "2026-03-03T20:00")
    opened.run("2026-03-03T20:10")
    opened.run("2026-03-04T10:00")
    assert calls(opened) == []
    assert any("the call begins before anybody could read it" in line for line in opened.journal())


@pytest.mark.slow
def test_a_call_that_is_past_is_never_invited_to(opened: Any) -> None:
    agree(opened, "kickoff_booked", "2026-03-02T09:00:00+00:00", "2026-03-03T10:00")
    opened.run("2026-03-03T10:10")
    assert calls(opened) == []
    assert not any("kickoff is agreed" in line for line in opened.journal()), "nor is anybody bothered with it"


@pytest.mark.slow
def test_who_takes_over_gets_the_invitation_and_who_has_one_hears_of_changes(opened: Any) -> None:
    agree(opened, "kickoff_booked", KICKOFF, "2026-03-03T10:00")
    opened.run("2026-03-03T10:10")
    opened.contact(2, account=1, role="Champion")
    opened.tables["OpportunityContactRole.csv"].pop(0)
    opened.run("2026-03-03T11:00")
    second = "person2@customer1.example"
    assert calls(opened, second) == [("REQUEST", 0, "03-05T14:00")]
    agree(opened, "kickoff_booked", LATER, "2026-03-03T12:00")
    opened.run("2026-03-03T12:10")
    for address in (CHAMPION, second):
        assert calls(opened, address) == [("REQUEST", 0, "03-05T14:00"), ("REQUEST", 1, "03-06T09:00")]


@pytest.mark.slow
def test_a_kickoff_of_the_time_before_an_account_was_taken_over_is_not_ours_to_tell(office: Any) -> None:
    office.customer(signed="2026-02-10", First90_Kickoff_At__c=KICKOFF)
    office.run()
    assert office.status()["adopted"]
    assert calls(office) == []
    office.change("006-0001", First90_Kickoff_At__c=LATER)
    office.run("2026-03-03T10:00")
    assert [(method, at) for method, _, at in calls(office)] == [("REQUEST", "03-06T09:00")]


@pytest.mark.slow
def test_a_check_in_call_is_recorded_under_its_step(opened: Any) -> None:
    said = agree(opened, "check_in_30", "2026-04-02T13:00:00+00:00", "2026-03-30T10:00")
    assert said == "Check-in agreed for 2026-04-02 13:00Z."
    opened.run("2026-03-30T10:10")
    assert calls(opened) == [("REQUEST", 0, "04-02T13:00")]
    agree(opened, "check_in_30", None, "2026-03-30T11:00", undo=True)
    opened.run("2026-03-30T11:10")
    assert calls(opened)[1:] == [("CANCEL", 1, "04-02T13:00")]


@pytest.mark.slow
@pytest.mark.parametrize("published", [True, False])
def test_a_check_in_leads_its_reader_to_the_times_of_their_page(office: Any, published: bool) -> None:
    if published:
        office.setenv("FIRST90_PUBLIC_URL", "https://onboarding.vendor.example")
        office.setenv("FIRST90_LINK_SECRET", "n" * 40)
    office.customer()
    for at in ("2026-03-02T10:00", "2026-03-09T10:00", "2026-03-10T10:00"):
        office.run(at)
    (mail,) = [mail for mail in office.mails if mail["Subject"] == "A time for our first call?"]
    html = mail.get_body(("html",)).get_content()
    assert ("#call" in html) is published
    assert ("suits%20me" in html) is not published


def test_a_step_is_no_milestone(opened: Any) -> None:
    with pytest.raises(Refused, match="has no milestone 'check_in_31'"):
        agree(opened, "check_in_31", None, "2026-03-30T10:00")


@pytest.mark.slow
def test_a_kickoff_that_was_held_early_frees_the_calendar(opened: Any) -> None:
    agree(opened, "kickoff_booked", KICKOFF, "2026-03-03T10:00")
    opened.run("2026-03-03T10:10")
    opened.done("kickoff_held", on="2026-03-04T10:00")
    opened.run("2026-03-04T10:10")
    assert calls(opened) == [("REQUEST", 0, "03-05T14:00"), ("CANCEL", 1, "03-05T14:00")]


def test_a_crowded_day_has_room_for_an_appointment(opened: Any) -> None:
    assert len(opened.inbox(CHAMPION)) == 2, "the day's room is used up"
    agree(opened, "kickoff_booked", KICKOFF, "2026-03-02T11:00")
    opened.run("2026-03-02T11:10")
    assert calls(opened) == [("REQUEST", 0, "03-05T14:00")]


def test_a_rehearsal_invites_the_rehearser_only(office: Any) -> None:
    office.customer(First90_Kickoff_At__c=KICKOFF)
    office.run(mail_redirect="jo@vendor.example")
    found = calls(office, "jo@vendor.example")
    assert [method for method, *_ in found] == ["REQUEST"]
    assert all(
        CHAMPION not in part.as_string()
        for mail in office.mails
        for part in mail.walk()
        if "calendar" in part.get_content_type()
    )
