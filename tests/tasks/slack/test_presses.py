"""Buttons in Slack: each does what the command does, once, under the person's name, and answers with the result."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from database.outbox.leased import kept_payload
from tasks.commands import absences
from tasks.commands.absences import Leave
from tasks.slack.presses import handle_press
from tasks.slack.showing import FAULT
from tests.integrations.slack.block_rules import options_in
from tests.integrations.slack.far_slack import Message
from tests.tasks.conftest import moment
from tests.tasks.slack.conftest import CLEO, MAX, PRESSED, Floor


def about_the_stall(floor: Floor) -> list[Message]:
    return [one for one in floor.slack.inbox(CLEO) if ":stall:" in one.key]


@pytest.mark.slow
def test_taking_it_up_is_in_the_journal_under_the_name_of_who_pressed_and_shows_in_the_message(floor: Floor) -> None:
    assert floor.press("ack") == "Acknowledged: it rests before it climbs."
    assert [line["by"] for line in floor.journal("ack")] == [CLEO]
    assert "Taken up by Cleo Csm" in floor.stall.text
    assert floor.stall.edits == 1
    assert len(about_the_stall(floor)) == 1, "an edit pings nobody"
    _, told = floor.slack.answers[-1]
    assert told == {"text": floor.slack.said[-1], "response_type": "ephemeral", "replace_original": False}


def test_pressing_again_says_so_and_changes_nothing(floor: Floor) -> None:
    floor.press("ack")
    assert floor.press("ack", on="2026-03-05T11:05") == "Nothing was changed: you are on it already."
    assert len(floor.journal("ack")) == 1
    assert floor.stall.edits == 1


@pytest.mark.slow
def test_what_slack_tells_twice_is_heard_once(floor: Floor) -> None:
    thursday = floor.pressed("snooze", "2026-03-12")
    floor.hear(thursday)
    floor.press("snooze", "2026-03-13", on="2026-03-05T11:05")
    assert "heard before" in floor.hear(thursday, "2026-03-05T11:10")
    assert [line["because"][:10] for line in floor.journal("snooze")] == ["2026-03-12", "2026-03-13"]


@pytest.mark.slow
def test_a_hundred_clicks_at_once_are_one_line_of_the_journal(whole_floor: Floor, proof: Callable[[str], None]) -> None:
    floor = whole_floor
    message, user = floor.stall, floor.people[CLEO]
    clicks = [floor.slack.press(message, user, "ack") for _ in range(100)]
    with floor.office.context() as context:
        threads = [threading.Thread(target=handle_press, args=(context, one, moment(PRESSED))) for one in clicks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    proof(f"CLICKS {floor.office.opened.database.dialect} n=100 journal={len(floor.journal('ack'))}")
    assert len(floor.journal("ack")) == 1
    assert len(floor.slack.answers) == 100
    assert sum("Acknowledged" in said for said in floor.slack.said) == 1
    assert FAULT not in floor.slack.said
    assert floor.stall.edits == 1


def test_snoozing_rests_until_the_morning_of_that_day_where_the_person_is(floor: Floor) -> None:
    floor.slack.users[floor.people[CLEO]]["tz"] = "America/New_York"
    assert floor.press("snooze", "2026-03-12") == "It rests until Thursday, 12 March."
    (line,) = floor.journal("snooze")
    assert datetime.fromisoformat(line["because"]) == datetime(2026, 3, 12, 4, tzinfo=UTC)
    assert "Rests until" in floor.stall.text
    assert "rests until then already" in floor.press("snooze", "2026-03-12", on="2026-03-05T11:05")


@pytest.mark.parametrize(
    "zone", ["Pacific/Kiritimati", "Pacific/Auckland", "Asia/Kolkata", "Europe/Berlin", "UTC", "Pacific/Pago_Pago"]
)
def test_a_snooze_answers_shows_and_keeps_one_and_the_same_day(floor: Floor, zone: str) -> None:
    floor.slack.users[floor.people[CLEO]]["tz"] = zone
    assert floor.press("snooze", "2026-03-12") == "It rests until Thursday, 12 March."
    assert "Rests until Thu 12 Mar, " in floor.stall.text
    assert "- Rests until Thu 12 Mar, " in floor.press("why", on="2026-03-05T11:05")
    (line,) = floor.journal("snooze")
    until = datetime.fromisoformat(line["because"])
    there = until.astimezone(ZoneInfo(zone)).date()
    assert (until.astimezone(UTC).date(), there) == (date(2026, 3, 12), date(2026, 3, 12))


@pytest.mark.parametrize("day", ["2026-03-05", "2026-03-01", "", "soon"])
def test_a_day_that_is_none_is_refused(floor: Floor, day: str) -> None:
    said = floor.press("snooze", day)
    assert "a day" in said or "no day" in said
    assert floor.journal("snooze") == []


def test_handing_over_makes_another_person_the_csm_and_tells_them(floor: Floor) -> None:
    assert floor.press("reassign", floor.people[MAX]) == "CSM is Max Manager now."
    (line,) = floor.journal("reassign")
    assert (line["by"], line["because"]) == (CLEO, "handed over in Slack")
    assert floor.office.status()["owner"] == MAX
    assert "*Owner*\\nMax Manager" in floor.stall.text
    assert [one.key for one in floor.slack.inbox(MAX) if ":stall:" in one.key], "the new owner is told"
    assert "has it already" in floor.press("reassign", floor.people[MAX], on="2026-03-05T11:05")


@pytest.mark.parametrize("who", ["stranger", "bot", "guest", "nobody of ours"])
def test_an_onboarding_goes_only_to_a_person_who_can_have_it(floor: Floor, who: str) -> None:
    more: dict[str, Any] = {
        "stranger": {"team_id": "T0OTHER"},
        "bot": {"is_bot": True},
        "guest": {"is_restricted": True},
        "nobody of ours": {},
    }[who]
    chosen = floor.slack.person("New", "new@vendor.example", **more)
    assert floor.press("reassign", chosen).startswith("Nothing was changed")
    assert floor.journal("reassign") == []


def test_marking_a_milestone_done_moves_the_onboarding_on(floor: Floor) -> None:
    assert floor.press("done", "kickoff_held").startswith("Done: ")
    assert floor.office.milestones()["kickoff_held"]["status"] == "done"
    (line,) = floor.journal("milestone")
    assert (line["about"], line["by"], line["because"]) == ("kickoff_held", CLEO, "done on 5 March 2026")
    assert "006-0001:kickoff_held" not in floor.stall.text


def test_a_milestone_that_is_done_meanwhile_is_not_done_again(floor: Floor) -> None:
    late = floor.slack.press(floor.stall, floor.people[CLEO], "done", "cadence_agreed")
    floor.office.done("cadence_agreed", on="2026-03-05T10:30")
    assert "this is done already" in floor.hear(late)


def test_why_tells_what_explain_tells_and_changes_nothing(floor: Floor) -> None:
    before = len(floor.journal("ack", "snooze", "note"))
    said = floor.press("why")
    assert said.startswith("Customer 1 is in Kickoff on day 3")
    assert "It stands still because:" in said
    assert len(floor.journal("ack", "snooze", "note")) == before
    assert floor.stall.edits == 0


def test_why_names_no_command_and_the_time_of_who_asked_also_while_nobody_covers(floor: Floor) -> None:
    for absent, backup in ((CLEO, MAX), (MAX, CLEO)):
        leave = Leave(until=date(2026, 3, 9), backup=backup)
        floor.office.order(absences.go_away, absent, leave, on="2026-03-05T10:30")
    floor.slack.users[floor.people[CLEO]]["tz"] = "Asia/Kolkata"
    floor.press("ack")
    said = floor.press("why", on="2026-03-05T11:05")
    assert "nobody covers; name a backup in the team file." in said
    assert "first90 " not in said
    assert "Taken up by csm@vendor.example on Thu 5 Mar, 16:30." in said


def test_a_button_of_a_stall_that_is_over_answers_politely(floor: Floor) -> None:
    late = floor.slack.press(floor.stall, floor.people[CLEO], "ack")
    from tasks.commands import onboardings

    floor.office.order(onboardings.resolve, "001-0001", reason="booked by phone", on="2026-03-05T10:30")
    assert floor.hear(late) == "Nothing was changed: this stall is over, Customer 1 goes on."


def test_a_button_of_an_onboarding_that_is_over_answers_politely(floor: Floor) -> None:
    late = floor.slack.press(floor.stall, floor.people[CLEO], "done", "cadence_agreed")
    from tasks.commands import onboardings

    floor.office.order(onboardings.close, "001-0001", "churned", reason="wound up", on="2026-03-05T10:30")
    assert floor.hear(late) == "Nothing was changed: the onboarding of Customer 1 is churned."


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"is_restricted": True}, "guests"),
        ({"is_ultra_restricted": True}, "guests"),
        ({"is_stranger": True}, "guests"),
        ({"team_id": "T0OTHER"}, "own workspace"),
        ({"deleted": True}, "deactivated"),
        ({"profile": {}}, "no mail address"),
    ],
)
def test_only_members_of_our_workspace_are_heard(floor: Floor, more: dict[str, Any], told: str) -> None:
    other = floor.slack.person("Other", "other@elsewhere.example", **more)
    assert told in floor.press("ack", by=other)
    assert floor.journal("ack") == []


def test_another_workspaces_press_is_not_heard(floor: Floor) -> None:
    assert "another workspace" in floor.press("ack", team={"id": "T0OTHER"})
    assert floor.journal("ack") == []


def test_resolving_on_the_command_line_shows_in_slack(floor: Floor) -> None:
    from tasks.commands import onboardings

    floor.office.order(onboardings.resolve, "001-0001", reason="booked by phone", on="2026-03-05T10:30")
    floor.office.run("2026-03-05T11:00")
    floor.office.run("2026-03-05T12:00")
    assert "over: " in floor.stall.text
    assert not any(block["type"] == "actions" for block in floor.stall.body["blocks"])
    assert len(about_the_stall(floor)) == 2, "the message, and one reply in its thread"
    assert floor.stall.edits == 1


def test_at_night_the_message_is_brought_up_to_date_all_the_same(floor: Floor) -> None:
    floor.press("ack", on="2026-03-05T23:30")
    assert "Taken up by" in floor.stall.text


def test_a_slack_that_is_down_loses_no_press_that_was_carried_out(floor: Floor) -> None:
    floor.slack.mood = lambda method, number: "page 503" if method.startswith("chat.") else "accept"
    assert "Acknowledged" in floor.press("ack")
    assert floor.stall.edits == 0
    floor.slack.mood = lambda method, number: "accept"
    floor.office.run("2026-03-05T12:00")
    assert "Taken up by" in floor.stall.text


def test_an_edit_that_is_tried_again_says_how_things_stand_by_then_and_that_is_kept(floor: Floor) -> None:
    floor.slack.mood = lambda method, number: "page 503" if method.startswith("chat.") else "accept"
    floor.press("ack")
    floor.slack.mood = lambda method, number: "accept"
    floor.press("snooze", "2026-03-12", on="2026-03-05T11:05")
    assert "Rests until" in floor.stall.text
    edit = next(one for one in floor.office.effects(kind="stall", state="sent") if one["attempts"] == 2)
    with floor.office.context() as context, context.database.reading() as conn:
        kept = kept_payload(conn, edit["key"])
    assert kept is not None
    assert any("Rests until" in line for line in kept["post"]["lines"])


def test_an_error_of_our_own_code_is_answered_without_names(floor: Floor, caplog: pytest.LogCaptureFixture) -> None:
    press = floor.slack.press(floor.stall, floor.people[CLEO], "ack")
    floor.slack.mood = lambda method, number: "error user_not_found" if method == "users.info" else "accept"
    assert "Nothing was changed: Slack refused users.info" in floor.hear(press)
    assert CLEO not in caplog.text


@pytest.mark.slow
def test_the_digest_offers_what_can_be_done_on_the_spot(floor: Floor) -> None:
    floor.office.run("2026-03-17T10:00")
    offered = [
        (one, option["value"].partition(":")[2])
        for one in floor.slack.messages
        if one.key.startswith("digest:")
        for block in one.body["blocks"]
        if block["type"] == "actions"
        for option in options_in(block["elements"][0])
    ]
    assert offered
    message, milestone = offered[0]
    assert floor.press("done", milestone, of=message, on="2026-03-17T11:00").startswith("Done: ")
    assert floor.office.milestones()[milestone]["status"] == "done"


def test_a_message_leads_to_the_accounts_page_by_its_readers_own_link(floor: Floor) -> None:
    floor.office.setenv("FIRST90_PUBLIC_URL", "https://onboarding.vendor.example")
    floor.office.setenv("FIRST90_LINK_SECRET", "n" * 40)
    floor.press("ack")
    assert "<https://onboarding.vendor.example/board/006-0001?link=" in floor.stall.text
    assert "|Open its page>" in floor.stall.text


def test_no_message_to_a_csm_has_a_command_line(floor: Floor) -> None:
    floor.office.run("2026-03-17T10:00")
    assert not [one.text for one in floor.slack.inbox(CLEO) if "first90 " in one.text]
