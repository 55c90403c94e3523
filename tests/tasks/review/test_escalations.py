"""Stalls and who is told of them: one episode, one thread, the ladder, its responses, and the digest."""

import json
import re

import pytest

from database.onboardings import overview
from onboarding.model.vocabulary import Channel
from tasks.commands import deliveries, onboardings
from tasks.runtime.refusals import Refused

ACME = "001-0001"
CSM, MANAGER, DIRECTOR = "csm@vendor.example", "manager@vendor.example", "director@vendor.example"
KICKOFF = ("kickoff_held", "cadence_agreed", "plan_agreed")


def looks(office, days, hours=(9, 16)):
    for day in days:
        for hour in hours:
            office.run(f"2026-03-{day:02}T{hour:02}:00")


def news(office, person):
    """Return the new messages to a person about the customer, without digests, briefs and edits."""
    return [
        post
        for post in office.told(person, "Customer 1")
        if post["method"] == "chat.postMessage"
        and not post.get("thread_ts")
        and not any(other in post["text"] for other in ("Onboarding on", "Brief for the kickoff"))
    ]


@pytest.mark.slow
def test_a_kickoff_not_booked_warns_twelve_hours_before_its_48_are_over(opened):
    opened.run("2026-03-03T11:59")
    assert opened.status()["stall_cause"] is None
    opened.run("2026-03-03T12:01")
    line = opened.status()
    assert "kickoff" in line["stall_cause"].lower()
    assert (line["escalation_level"], line["waiting_on"]) == (1, "vendor")
    assert len(news(opened, CSM)) == 1
    assert "critical" not in (line["stall_severity"] or "")
    opened.run("2026-03-04T09:00")
    assert opened.status()["stall_severity"] == "critical"


@pytest.mark.slow
def test_a_kickoff_booked_in_time_is_no_stall(opened):
    opened.change("006-0001", First90_Kickoff_At__c="2026-03-10T14:00:00Z")
    looks(opened, (3, 4, 5))
    assert news(opened, CSM) == []
    assert "kickoff is booked" not in " ".join(opened.journal())


@pytest.mark.slow
def test_it_climbs_by_working_time_to_the_manager_and_then_the_director_one_message_each(opened):
    looks(opened, (3, 4))
    assert (len(news(opened, CSM)), len(news(opened, MANAGER)), len(news(opened, DIRECTOR))) == (1, 0, 0)
    looks(opened, (5, 6))
    assert (len(news(opened, CSM)), len(news(opened, MANAGER)), len(news(opened, DIRECTOR))) == (1, 1, 0)
    looks(opened, (9, 10, 11, 12, 13))
    assert (len(news(opened, CSM)), len(news(opened, MANAGER)), len(news(opened, DIRECTOR))) == (1, 1, 1)
    assert opened.status()["escalation_level"] == 3


@pytest.mark.slow
def test_it_closes_by_itself_and_says_so_in_its_thread(opened):
    opened.run("2026-03-04T10:00")
    (parent,) = news(opened, CSM)
    opened.done("kickoff_booked", on="2026-03-04T11:00")
    opened.run("2026-03-04T12:00")
    line = opened.status()
    assert (line["stall_cause"], line["escalation_level"], line["stalled_since"]) == (None, 0, None)
    last = [post for post in opened.posts if post["channel"] == CSM][-2:]
    assert {post["method"] for post in last} == {"chat.update", "chat.postMessage"}
    assert next(post for post in last if post["method"] == "chat.postMessage")["thread_ts"] == parent["ts"]
    assert next(post for post in last if post["method"] == "chat.update")["ts"] == parent["ts"]
    assert opened.crm()["006-0001"]["Stall_Cause__c"] == ""


@pytest.mark.slow
def test_what_is_over_before_it_was_told_is_never_told(opened):
    opened.run("2026-03-03T19:00")
    assert opened.status()["escalation_level"] == 1
    assert news(opened, CSM) == []
    opened.done("kickoff_booked", on="2026-03-03T20:00")
    opened.run("2026-03-04T09:30")
    assert news(opened, CSM) == []


@pytest.mark.slow
def test_an_acknowledged_one_rests_before_it_climbs(opened):
    opened.run("2026-03-04T10:00")
    assert "rests" in opened.order(onboardings.ack, ACME, on="2026-03-04T11:00")
    looks(opened, (5, 6))
    assert news(opened, MANAGER) == []
    looks(opened, (9, 10, 11, 12))
    assert len(news(opened, MANAGER)) == 1


@pytest.mark.slow
def test_a_snoozed_one_says_nothing_until_then(opened):
    opened.run("2026-03-04T10:00")
    before = len(opened.told(CSM, "Customer 1"))
    opened.order(onboardings.snooze, ACME, until="2026-03-16T09:00", on="2026-03-04T11:00")
    looks(opened, (5, 6, 9, 10, 11, 12, 13))
    assert news(opened, MANAGER) == []
    threads = [post for post in opened.told(CSM, "Customer 1")[before:] if post.get("thread_ts")]
    assert threads == []
    looks(opened, (16, 17, 18, 19, 20))
    assert len(news(opened, MANAGER)) == 1
    with pytest.raises(Refused, match="passed already"):
        opened.order(onboardings.snooze, ACME, until="2026-03-04T09:00", on="2026-03-04T12:00")


@pytest.mark.slow
def test_a_resolved_one_does_not_come_up_again_until_it_changes(opened):
    opened.run("2026-03-04T10:00")
    opened.order(onboardings.resolve, ACME, reason="booked by phone", on="2026-03-04T11:00")
    for day in (5, 6):
        opened.run(f"2026-03-{day:02}T10:00")
    assert opened.status()["escalation_level"] == 0
    assert len(news(opened, CSM)) == 1
    with pytest.raises(Refused, match="nothing is escalated"):
        opened.order(onboardings.ack, ACME, on="2026-03-06T11:00")


@pytest.mark.slow
def test_each_person_gets_one_digest_a_day_in_their_own_morning(office):
    office.user(7, Name="Keiko", Email="keiko@vendor.example", TimeZoneSidKey="Asia/Tokyo", CountryCode="JP")
    office.customer(signed="2026-01-12")
    office.customer(2, signed="2026-01-12")
    office.change("001-0002", OwnerId="005-0007")
    office.run("2026-03-02T22:00")
    assert office.posts == []
    office.run("2026-03-03T00:30")
    assert (len(office.told("keiko@vendor.example", "Onboarding on")), len(office.told(CSM))) == (1, 0)
    for hour in range(9, 17):
        office.run(f"2026-03-03T{hour:02}:00")
    assert len(office.told("keiko@vendor.example", "Onboarding on")) == 1
    assert len(office.told(CSM, "Onboarding on")) == 1
    office.run("2026-03-04T09:00")
    assert len(office.told(CSM, "Onboarding on")) == 1, "nothing is new"
    office.run("2026-03-09T09:00")
    assert len(office.told(CSM, "Onboarding on")) == 2


@pytest.mark.slow
def test_nothing_is_sent_at_a_weekend(opened):
    looks(opened, (7, 8))
    assert opened.posts == []
    opened.run("2026-03-09T09:00")
    assert news(opened, CSM)


@pytest.mark.slow
def test_a_customers_name_cannot_mention_a_user(office):
    office.customer()
    office.change(ACME, Name="<!channel> & <@U123> *bold* @here")
    office.run()
    office.run("2026-03-04T10:00")
    text = json.dumps(office.posts)
    assert "<!channel>" not in text
    assert "<@U123>" not in text


def test_an_owner_who_is_gone_leaves_the_managers_with_it(opened):
    opened.change("005-0002", IsActive="false")
    opened.run("2026-03-04T10:00")
    assert opened.status()["owner"] is None
    assert len(news(opened, MANAGER)) == 1
    assert opened.told(CSM) == []


@pytest.mark.slow
def test_who_takes_over_an_account_hears_of_its_escalation(opened):
    opened.user(7, Name="Nia New", Email="nia@vendor.example", TimeZoneSidKey="Europe/London", CountryCode="GB")
    opened.run("2026-03-04T10:00")
    opened.order(onboardings.reassign, ACME, "csm", "nia@vendor.example", reason="load", on="2026-03-04T11:00")
    opened.run("2026-03-04T12:00")
    assert len(news(opened, "nia@vendor.example")) == 1
    assert len(news(opened, CSM)) == 1


def shown_owner(office, person):
    """Return the owner that a person's message of the stall names now."""
    post = [post for post in office.told(person, "Whose move") if not post.get("thread_ts")][-1]
    return re.search(r"\*Owner\*\\n(\w+ \w+)", json.dumps(post["blocks"])).group(1)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["by order", "in the CRM"])
def test_on_hold_a_sent_message_names_the_new_owner_without_a_notification(opened, how):
    opened.user(7, Name="Nia New", Email="nia@vendor.example", TimeZoneSidKey="Europe/London", CountryCode="GB")
    opened.run("2026-03-04T10:00")
    before = shown_owner(opened, CSM)
    opened.order(onboardings.hold, ACME, reason="merger", until=None, resume="shift", on="2026-03-04T11:00")
    if how == "by order":
        opened.order(onboardings.reassign, ACME, "csm", "nia@vendor.example", reason="load", on="2026-03-04T12:00")
    else:
        opened.change(ACME, OwnerId="005-0007")
    posts, mails = len(opened.posts), len(opened.mails)
    opened.order(deliveries.stop, None, reason="all of it", on="2026-03-04T12:30")
    opened.run("2026-03-04T13:00")
    assert len(opened.posts) == posts, "a stop stops edits too"
    opened.order(deliveries.start, None, on="2026-03-04T13:30")
    for hour in ("14:00", "15:00"):
        opened.run(f"2026-03-04T{hour}")
    assert [post["method"] for post in opened.posts[posts:]] == ["chat.update"]
    assert (before, shown_owner(opened, CSM)) == ("Cleo Csm", "Nia New")
    assert len(opened.mails) == mails


@pytest.mark.slow
def test_a_milestone_overdue_goes_to_the_digest_alone(opened):
    opened.change("006-0001", First90_Kickoff_At__c="2026-03-05T14:00:00Z")
    for name in KICKOFF:
        opened.done(name, on="2026-03-05T15:00")
    for day in (6, 9, 10, 11):
        opened.run(f"2026-03-{day:02}T10:00")
    assert news(opened, CSM) == []
    assert opened.told(CSM, "technical requirements documentation")


@pytest.mark.slow
def test_silence_after_two_logins_is_a_drop_off_once_the_data_reach_that_far(office):
    office.customer()
    office.change("006-0001", First90_Kickoff_At__c="2026-03-04T14:00:00Z")
    office.event("login", "2026-03-03T09:00:00Z", user="ana")
    office.event("login", "2026-03-04T09:00:00Z", user="ana")
    office.run("2026-03-04T10:00")
    for name in KICKOFF:
        office.done(name, on="2026-03-05T10:00")
    office.run("2026-03-13T10:00")
    assert "Logged in" not in " ".join(office.journal())
    office.run("2026-03-16T10:00")
    assert "Logged in" in " ".join(office.journal())


@pytest.mark.slow
def test_a_digest_stands_under_what_is_stopped_when_it_leaves(office):
    office.customer(signed="2026-01-12")
    office.run("2026-03-02T22:00")
    office.order(deliveries.stop, Channel.MAIL, reason="the welcome names another customer")
    office.run("2026-03-03T10:00")
    (digest,) = office.told(CSM, "Onboarding on")
    head, first, *_ = digest["blocks"]
    assert head["text"]["text"].startswith("STOPPED: no mail leaves. Onboarding on ")
    assert first["text"]["text"].startswith(
        "STOPPED: no mail leaves. Since Mon 2 Mar 2026 10:00 UTC, by jo@vendor.example: the welcome names another "
        "customer. Facts and decisions go on, and what is due waits; first90 start --channel mail lets it leave."
    )
    office.order(deliveries.start, None, on="2026-03-03T11:00")
    office.run("2026-03-04T10:00")
    assert len(office.told(CSM, "Onboarding on")) == 2
    assert len(office.told(CSM, "STOPPED")) == 1


@pytest.mark.slow
def test_what_would_be_told_is_read_only_while_somebody_is_at_work(opened, monkeypatch):
    asked = []
    monkeypatch.setattr(overview, "with_digest_content", lambda conn, at: asked.append(at) or [])
    for at in ("2026-03-07T10:00", "2026-03-08T03:00", "2026-03-09T03:00"):
        opened.run(at)
    assert asked == []
    opened.run("2026-03-09T10:00")
    assert len(asked) == 1
