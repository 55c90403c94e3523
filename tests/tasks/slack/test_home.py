"""The App Home and ``/first90``: a person's accounts with their next steps and buttons, found by part of a name."""

from typing import Any

import pytest

from tasks.commands import onboardings
from tasks.slack import accounts
from tasks.slack.home import handle_event
from tasks.slack.slash import HELP, handle_command
from tests.integrations.slack.block_rules import options_in
from tests.integrations.slack.far_slack import View
from tests.tasks.conftest import moment
from tests.tasks.slack.conftest import CLEO, DANA, MAX, PRESSED, Floor, opened

KICKOFF = ("kickoff_held", "contacts_introduced", "plan_agreed", "cadence_agreed", "stakeholders_identified")


def asked(floor: Floor, text: str, who: str = CLEO) -> str:
    with floor.office.context() as context:
        handle_command(context, floor.slack.command(floor.people.get(who, who), text), moment(PRESSED))
    return floor.slack.said[-1]


def headers(home: View) -> list[str]:
    return [block["text"]["text"] for block in home.body["blocks"] if block["type"] == "header"]


def press(floor: Floor, action: str, chosen: str = "", **more: Any) -> None:
    payload = floor.slack.press(opened(floor), floor.people[CLEO], action, chosen, **more)
    floor.receive(payload)


@pytest.mark.slow
def test_the_home_tells_who_needs_me_why_and_what_to_do_next(floor: Floor) -> None:
    home = opened(floor)
    assert headers(home) == ["Needs you (1)"]
    assert "🔴 *Customer 1* · Kickoff, day 3" in home.text
    assert "No kickoff is booked" in home.text
    assert "*Next step (us):* Call Person 1 and offer two times" in home.text
    assert "As of Thu 5 Mar, 11:00 (Europe/London)" in home.text
    actions = [
        one["action_id"] for block in home.body["blocks"] for one in block.get("elements", ()) if "action_id" in one
    ]
    assert actions[:3] == ["first90.ack", "first90.why", "first90.form.call"]


def test_an_account_is_shown_only_to_those_whom_it_concerns(floor: Floor) -> None:
    assert "No account is yours" in opened(floor, MAX).text
    floor.office.order(onboardings.reassign, "001-0001", "csm", MAX, on="2026-03-05T10:30", reason="leave")
    assert headers(opened(floor, MAX)) == ["Needs you (1)"]
    assert "Customer 1" not in opened(floor, DANA).text


def test_a_button_of_the_home_acts_and_the_home_says_so(floor: Floor) -> None:
    press(floor, "ack")
    home = floor.slack.homes[floor.people[CLEO]]
    assert "Acknowledged: it rests before it climbs." in home.text
    assert [line["by"] for line in floor.journal("ack")] == [CLEO]
    assert floor.slack.answers == []
    assert "Taken up by Cleo Csm" in floor.stall.text


def test_a_form_of_the_home_is_carried_out_and_the_home_shows_it(floor: Floor) -> None:
    press(floor, "form.call")
    view = floor.slack.modal
    assert floor.send(view, day="2026-03-10", time="10:30") == {}
    home = floor.slack.homes[floor.people[CLEO]]
    assert "Agreed for Tue 10 Mar, 10:30" in home.text
    assert "No kickoff is booked" not in home.text


def test_a_snoozed_account_needs_nobody_today(floor: Floor) -> None:
    press(floor, "form.snooze")
    floor.send(floor.slack.modal, until="2026-03-12")
    assert "Needs you" not in " ".join(headers(floor.slack.homes[floor.people[CLEO]]))


def test_what_is_due_this_week_can_be_marked_as_done_from_the_home(floor: Floor) -> None:
    floor.office.order(onboardings.resolve, "001-0001", reason="by phone", on="2026-03-05T10:30")
    home = opened(floor)
    assert headers(home) == ["Due this week (1)"]
    (menu,) = [
        one for block in home.body["blocks"] for one in block.get("elements", ()) if one["type"] == "static_select"
    ]
    name = next(one["value"].split(":")[1] for one in options_in(menu) if not one["value"].endswith(":call"))
    due = home.text
    press(floor, "done", name)
    assert floor.office.milestones()[name]["status"] == "done"
    assert floor.slack.homes[floor.people[CLEO]].text != due


@pytest.mark.slow
def test_a_person_with_many_accounts_sees_the_most_urgent_and_how_many_more(floor: Floor) -> None:
    for number in range(2, 37):
        floor.office.customer(number, signed="2026-03-04")
    floor.office.run("2026-03-05T10:40")
    home = opened(floor)
    assert len(home.body["blocks"]) <= 100
    assert home.text.count("*Customer ") == 30
    assert "and 6 more" in home.text


@pytest.mark.slow
def test_more_accounts_than_are_read_are_counted_too(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2, 37):
        floor.office.customer(number, signed="2026-03-04")
    floor.office.run("2026-03-05T10:40")
    monkeypatch.setattr(accounts, "MOST_READ", 31)
    assert "and 6 more" in opened(floor).text


@pytest.mark.slow
def test_who_has_accounts_of_their_own_sees_their_work_on_others_too(floor: Floor) -> None:
    floor.office.order(onboardings.reassign, "001-0001", "implementation_engineer", MAX, on="2026-03-05T10:10")
    for name in KICKOFF:
        floor.office.done(name, on="2026-03-05T10:20")
    floor.office.customer(2, signed="2026-03-04")
    floor.office.change("001-0002", First90_CSM__c="005-0003")
    floor.office.run("2026-03-05T10:40")
    home = opened(floor, MAX)
    assert "*Customer 2*" in home.text
    assert "Provide the technical requirements documentation: due Sat 7 Mar" in home.text
    assert "Provide the technical requirements" not in opened(floor, DANA).text


def test_who_is_away_sees_their_accounts_and_is_not_asked(floor: Floor) -> None:
    asked(floor, f"away until 2026-03-09 {MAX}")
    floor.office.run("2026-03-05T11:30")
    assert headers(opened(floor, MAX, "2026-03-05T11:30")) == ["Needs you (1)"]
    assert headers(opened(floor, on="2026-03-05T11:30")) == ["All quiet (1)"]
    assert "Customer 1" in asked(floor, "status")
    assert "Customer 1" in asked(floor, "status", MAX)


@pytest.mark.slow
def test_names_lead_to_the_board_by_the_readers_own_link(floor: Floor) -> None:
    floor.office.setenv("FIRST90_PUBLIC_URL", "https://onboarding.vendor.example")
    floor.office.setenv("FIRST90_LINK_SECRET", "n" * 40)
    text = opened(floor).text
    assert "<https://onboarding.vendor.example/board/006-0001?link=" in text
    assert "|Customer 1>*" in text


def test_a_stranger_sees_no_account(floor: Floor) -> None:
    floor.people["guest"] = floor.slack.person("Guest", "guest@elsewhere.example", is_restricted=True)
    home = opened(floor, "guest")
    assert "guests of the workspace" in home.text
    assert "Customer" not in home.text
    assert "guests of the workspace" in asked(floor, "status", "guest")


def test_every_moment_is_in_the_zone_of_its_reader(floor: Floor) -> None:
    """Also those in the sentence of a stall, which is stored with UTC."""
    floor.slack.users[floor.people[CLEO]]["tz"] = "Asia/Tokyo"
    shown = {
        "home": opened(floor).text,
        "status": asked(floor, "status"),
        "find": asked(floor, "find customer"),
        "explain": asked(floor, "explain customer"),
        "why": floor.press("why"),
        "snooze": floor.ask_for("snooze").text,
        "resolve": floor.ask_for("resolve").text,
    }
    for place, text in shown.items():
        assert "UTC" not in text, place
        assert "was to be booked by Wed 4 Mar, 09:00" in text, place


def test_the_messages_tab_is_no_home(floor: Floor) -> None:
    with floor.office.context() as context:
        handle_event(context, floor.slack.home_opened(floor.people[CLEO], tab="messages"), moment(PRESSED))
    assert floor.slack.homes == {}


@pytest.mark.parametrize("text", ["", "help", "  HELP "])
def test_help_names_what_can_be_asked(floor: Floor, text: str) -> None:
    assert asked(floor, text) == HELP.replace("&", "&amp;")


def test_an_account_is_found_by_part_of_its_name(floor: Floor) -> None:
    assert asked(floor, "find stomer 1").startswith("🔴 Customer 1 (Kickoff, csm@vendor.example): No kickoff is booked")
    assert asked(floor, "status CUSTOMER") == asked(floor, "status")
    assert asked(floor, "explain ustomer").startswith("Customer 1 is in Kickoff on day 3")
    assert asked(floor, "find nothing like it") == "No account has “nothing like it” in its name."
    assert asked(floor, "explain nothing") == "Sorry: no account has “nothing” in its name."
    assert "write a part of the account's name" in asked(floor, "explain")
    assert "I do not know “dance”" in asked(floor, "dance now")


def test_two_accounts_of_one_name_are_told_apart_and_none_is_guessed(floor: Floor) -> None:
    floor.office.customer(2, signed="2026-03-04")
    floor.office.change("001-0002", Name="Customer 1", First90_CSM__c="005-0003")
    floor.office.run("2026-03-05T10:40")
    said = asked(floor, "explain customer 1")
    assert "Customer 1 (csm@vendor.example, id 001-0001), Customer 1 (manager@vendor.example, id 001-0002)" in said
    assert said.endswith("write more of it, or the id.")
    assert asked(floor, "explain 001-0002").startswith("Customer 1 is in Kickoff on day 1")


def test_an_account_is_found_by_a_name_that_slack_escapes(floor: Floor) -> None:
    floor.office.change("001-0001", Name="Ebb & <Flow>")
    floor.office.run("2026-03-05T10:40")
    assert asked(floor, "explain ebb & <flow>").startswith("Ebb &amp; &lt;Flow&gt; is in Kickoff")


def test_a_person_says_in_slack_that_they_are_away_and_back(floor: Floor) -> None:
    said = asked(floor, f"away until 2026-03-09 <mailto:{MAX}|{MAX}>")
    assert said == "Cleo Csm is away from 5 March 2026 until 9 March 2026; Max Manager covers."
    assert asked(floor, f"away until 2026-03-09 {MAX}") == said, "a repeat changes nothing"
    assert asked(floor, "back") == "Cleo Csm is back."
    assert "is not away" in asked(floor, "back")


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        ("", "away until 2026-12-24"),
        ("until", "is no day"),
        ("until tomorrow", "“tomorrow” is no day"),
        ("until 2026-03-05", "give the first day on which they are back"),
        ("until 2026-03-09", "give the address of who does"),
        ("until 2026-03-09 nobody@vendor.test", "is no active user of the CRM"),
        ("until 2026-03-09 a@vendor.test b@vendor.test", "the address of who covers"),
    ],
)
def test_an_absence_that_cannot_be_noted_is_told_with_its_mend(floor: Floor, words: str, mend: str) -> None:
    said = asked(floor, f"away {words}".strip())
    assert mend in said
    assert "--" not in said, "no command line in Slack"


def test_of_several_accounts_with_the_part_none_is_guessed(floor: Floor) -> None:
    for number in (2, 10):
        floor.office.customer(number, signed="2026-03-04")
    floor.office.run("2026-03-05T10:40")
    assert "several accounts have “customer” in their name: Customer 1, Customer 10, Customer 2" in asked(
        floor, "explain customer"
    )
    assert asked(floor, "explain customer 1").startswith("Customer 1 is in"), "the whole name is meant"
    assert asked(floor, "status").startswith("🔴 Customer 1 "), "the most urgent first"
    assert asked(floor, "status", MAX).startswith("No account is yours")
