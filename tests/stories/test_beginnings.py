"""Stories of customers that have just signed. ``seen`` is what is there after one cycle over the sample."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.sample_portfolio.stories import Story, stories
from onboarding.model.phrases import moment_words

A_SUNDAY = datetime(2026, 3, 8, 21, tzinfo=UTC)


@pytest.mark.slow
def test_fresh_signature_is_welcomed_within_the_hour_and_reaches_the_kickoff_stage(seen: Any) -> None:
    line = seen.line("fresh_signature")
    assert (line["status"], line["stage"], line["tier"], line["adopted"]) == ("active", "kickoff", "mid", False)
    assert seen.kinds("fresh_signature", "sent") == {"welcome", "kickoff_invitation"}
    welcome = next(mail for mail in seen.inbox("fresh_signature") if "Nordlicht" in mail.as_string())
    assert "jurgen.mullerludenscheidt@nordlicht-optik.example" in str(welcome["To"])
    assert "jonas.weber@northbeam.example" in str(welcome["Reply-To"])
    assert [row["Stage__c"] for row in seen.crm("fresh_signature")] == ["kickoff"]
    assert seen.milestone("fresh_signature", "handoff_documented")["Status__c"] == "Done"


def test_fresh_signature_is_asked_nothing_that_the_handoff_answers(seen: Any) -> None:
    assert line_of(seen, "fresh_signature")["stalled_since"] is None
    assert seen.milestone("fresh_signature", "goals_confirmed")["Status__c"] == "Done"


def test_without_a_handoff_document_the_welcome_goes_out_and_the_stage_stays(seen: Any) -> None:
    assert line_of(seen, "no_handoff_document")["stage"] == "handoff"
    assert seen.kinds("no_handoff_document", "sent") == {"welcome", "kickoff_invitation"}
    told = seen.slack("lea", "Brûlerie Saint-Élise")[0]["text"]
    for item in ("goals", "success metrics", "commitments", "technical requirements", "timeline"):
        assert item in told
    assert "Lucía Ramos" in told  # the seller who owes them


def test_without_a_handoff_document_the_seller_is_told_which_items_are_missing(seen: Any) -> None:
    asked = seen.slack("lucia", "Brûlerie Saint-Élise")
    assert asked, "the seller hears nothing"
    assert "technical requirements" in str(asked)


def test_each_of_many_stakeholders_gets_a_stream_of_their_own(seen: Any) -> None:
    found = {(one["kind"], one["role"]) for one in seen.owed("many_stakeholders")}
    assert found == {("welcome", "champion"), ("kickoff_call", "champion"), ("security_pack", "it_security")}
    line = line_of(seen, "many_stakeholders")
    assert (line["tier"], line["stage"]) == ("high", "kickoff")
    # The kickoff is agreed for next week, so no person is asked to book it.
    assert "kickoff_invitation" not in seen.kinds("many_stakeholders")


def test_an_address_that_two_contacts_share_gets_each_step_once(seen: Any) -> None:
    mails = seen.inbox("same_address")
    assert sorted(one["kind"] for one in seen.owed("same_address", state="sent")) == ["kickoff_invitation", "welcome"]
    assert len(mails) == 2


def test_where_nobody_can_be_written_to_the_csm_is_told_and_nothing_is_sent(seen: Any) -> None:
    assert seen.inbox("no_address") == []
    assert "nobody to write to" in line_of(seen, "no_address")["stall_cause"]
    assert "João Patrão" in seen.slack("lea", "Cortiça do Sado")[0]["text"]


def test_nothing_is_addressed_to_an_owner_who_is_gone(seen: Any) -> None:
    assert seen.slack("frank") == []
    line = line_of(seen, "owner_gone")
    assert line["owner"] != "frank.dalton@northbeam.example"
    assert line["owner"] in ("arjun.nair@northbeam.example", "keiko.sato@northbeam.example")
    # It is night where they are: the welcome in the new owner's name waits for their morning.
    assert {(one["kind"], one["state"]) for one in seen.owed("owner_gone")} == {
        ("welcome", "planned"),
        ("kickoff_invitation", "planned"),
    }
    assert "Frank Dalton" in line["stall_cause"]


def test_without_an_accountable_person_nobody_is_written_to_and_the_manager_is_told(seen: Any) -> None:
    line = line_of(seen, "nobody_answers_for_it")
    assert (line["owner"], line["stage"], line["waiting_on"]) == (None, "handoff", "vendor")
    assert seen.owed("nobody_answers_for_it") == []
    told = {one["recipient"] for one in seen.owed("nobody_answers_for_it", "slack")}
    assert told == {"mei.tanaka@northbeam.example", "ben.tuilagi@northbeam.example"}, "the seller owes the handoff"


def test_who_opted_out_gets_no_automated_mail_and_the_csm_gets_the_work(seen: Any) -> None:
    assert seen.inbox("opted_out") == []
    digest = seen.slack("jonas", "Waltraud Österreicher")
    assert len(digest) == 1
    assert "wants no automated mail" in digest[0]["text"]


@pytest.mark.slow
def test_a_kickoff_not_booked_is_told_to_the_csm_by_a_clock_that_could_be_met(
    begun: Callable[[datetime], Any],
) -> None:
    seen = begun(A_SUNDAY)
    line = line_of(seen, "kickoff_not_booked")
    assert (line["escalation_level"], line["stage"], line["stall_cause"]) == (0, "kickoff", None), "seen late"
    first = moment_words(seen.as_of)
    assert f"Signed on 2 March 2026, first seen on {first}" in seen.explained("kickoff_not_booked")
    assert not seen.slack("siobhan", "De Wit")
    for hours in (37, 49, 97):
        seen.run(seen.as_of + timedelta(hours=hours))
    line = line_of(seen, "kickoff_not_booked")
    assert line["escalation_level"] == 1
    limit = moment_words(seen.as_of + timedelta(hours=48))
    assert line["stall_cause"].startswith(f"No kickoff is booked; it was to be booked by {limit}.")
    assert f"first seen on {first}" in line["stall_cause"]
    posts = seen.slack("siobhan", "De Wit")
    assert any("kickoff" in post["text"] and "Next step" in post["text"] for post in posts)
    assert seen.milestone("kickoff_not_booked", "kickoff_booked")["Status__c"] == "Open"


def test_vague_goals_keep_the_stage_and_say_what_is_missing(seen: Any) -> None:
    assert line_of(seen, "vague_goals")["stage"] == "kickoff"
    assert seen.milestone("vague_goals", "kickoff_held")["Status__c"] == "Done"
    why = seen.explained("vague_goals")
    assert "Get up and running" in why
    assert "Happier staff" in why
    assert "metric | baseline | target | unit | date" in why


def test_a_booked_kickoff_is_not_asked_for(seen: Any) -> None:
    assert seen.kinds("kickoff_ahead") == {"welcome"}
    assert line_of(seen, "kickoff_ahead")["stalled_since"] is None


def test_one_person_in_two_roles_gets_each_step_once(seen: Any) -> None:
    steps = [(one["kind"], one["recipient"]) for one in seen.owed("two_roles")]
    assert sorted(steps) == [
        ("kickoff_invitation", "wanjiru.kamau@savanna-solar.example"),
        ("welcome", "wanjiru.kamau@savanna-solar.example"),
    ]


def test_a_slack_command_in_a_customers_name_calls_nobody(seen: Any) -> None:
    posts = seen.slack("siobhan", "Outfitters")
    assert posts
    for post in seen.posts:
        raw = str(post["text"]) + str(post["blocks"])
        for command in ("<!channel>", "<!here>", "<@U012AB3CD>"):
            assert command not in raw
    assert any("&lt;!channel&gt;" in str(post["text"]) for post in posts)


@pytest.mark.parametrize("name", ["far_east", "owner_gone"])
def test_whoever_sleeps_is_written_to_in_their_own_morning(seen: Any, name: str) -> None:
    waiting = seen.owed(name)
    assert {one["state"] for one in waiting} == {"planned"}
    for one in waiting:
        assert one["due_at"] > seen.as_of
        assert (one["due_at"] - seen.as_of).total_seconds() < 24 * 3600


@pytest.mark.parametrize("name", ["channel_in_the_name", "tech_setup"])
def test_in_a_country_of_many_zones_people_live_where_their_company_does(seen: Any, name: str) -> None:
    zone = ZoneInfo(told(name).account.zone)
    for one in seen.owed(name):
        assert 9 <= one["due_at"].astimezone(zone).hour < 17


def told(name: str) -> Story:
    return next(story for story in stories() if story.story == name)


def line_of(seen: Any, name: str) -> Any:
    line = seen.line(name)
    assert line is not None, f"{name} was not taken in"
    return line
