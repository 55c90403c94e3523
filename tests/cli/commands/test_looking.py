import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

First90 = Callable[..., Any]
PROMISED = {
    "account_id",
    "account_name",
    "deal_id",
    "tier",
    "playbook",
    "status",
    "stage",
    "stage_entered_at",
    "stage_due_at",
    "signed_at",
    "target_at",
    "go_live_at",
    "activated_at",
    "next_touchpoint",
    "next_touchpoint_at",
    "adopted",
    "stalled_since",
    "stall_cause",
    "waiting_on",
    "escalation_level",
    "owner",
    "health",
    "health_band",
}
EFFECT = {
    "key",
    "account_id",
    "deal_id",
    "channel",
    "kind",
    "recipient",
    "role",
    "due_at",
    "state",
    "attempts",
    "sent_at",
    "provider_id",
    "error",
    "because",
}
ACCOUNT = "Kampong Glam Books Pte. Ltd."
OPTED_OUT = "Almhütte & Söhne KG"


def test_status_has_every_promised_field(home: Path, first90: First90) -> None:
    lines = first90("status", "--json").json
    assert len(lines) > 20
    for line in lines:
        assert set(line) >= PROMISED


def test_status_is_one_line_an_onboarding_in_eighty_columns(home: Path, first90: First90) -> None:
    said = first90("status")
    shown = [line for line in said.out.splitlines() if line.strip()]
    assert len(shown) == len(first90("status", "--json").json) + 2
    assert said.widest <= 80
    assert "first90 explain KEY tells the whole cause" in shown[-1], "a cause that is cut at 80 columns"


def test_status_can_be_narrowed_to_a_stage_to_stalls_and_to_an_owner(home: Path, first90: First90) -> None:
    everything = first90("status", "--json").json
    owner = next(line["owner"] for line in everything if line["owner"])
    assert {line["stage"] for line in first90("status", "--json", "--stage", "setup").json} == {"setup"}
    assert all(line["stalled_since"] for line in first90("status", "--json", "--stalled").json)
    assert {line["owner"] for line in first90("status", "--json", "--owner", owner).json} == {owner}
    assert {line["owner"] for line in first90("status", "--json", "--owner", owner.upper()).json} == {owner}


def test_an_unknown_stage_is_refused_with_the_known_ones(home: Path, first90: First90) -> None:
    said = first90("status", "--stage", "warmup")
    assert said.code == 2
    assert "first_value" in said.err


@pytest.mark.parametrize("command", [["status"], ["show", "x"], ["explain", "x"], ["effects"]], ids=lambda c: c[0])
def test_without_a_database_the_message_says_what_to_do(command: list[str], empty_home: Path, first90: First90) -> None:
    said = first90(*command)
    assert said.code == 2
    assert "first90 run" in said.err
    assert not empty_home.exists()


@pytest.mark.parametrize("column", ["account_id", "deal_id", "account_name"])
def test_an_onboarding_answers_to_each_of_its_keys(column: str, home: Path, first90: First90) -> None:
    line = next(line for line in first90("status", "--json").json if line["account_name"] == ACCOUNT)
    shown = first90("show", line[column], "--json").json
    assert shown["deal_id"] == line["deal_id"]
    assert first90("show", line["deal_id"][:15], "--json").json["deal_id"] == line["deal_id"]


def test_show_tells_everything_on_one_onboarding(home: Path, first90: First90) -> None:
    said = first90("show", ACCOUNT)
    assert said.code == 0
    for heading in ("Stages", "Milestones", "Goals", "People", "Our team", "Messages", "Ahead", "Journal"):
        assert heading in said.out
    assert said.widest <= 80
    whole = first90("show", ACCOUNT, "--json").json
    for line in whole["journal"]:
        assert f"{line['kind']} {line['about']}"[:60].strip() in said.out, "no name is broken to fit a column"
    assert set(whole) >= PROMISED | {"milestones", "goals", "people", "touchpoints", "escalations", "journal"}


def test_show_names_a_task_of_the_account_with_its_title(home: Path, first90: First90) -> None:
    title = "Answer the long questionnaire of the procurement department, and send it back by mail"
    asked = ("--side", "vendor", "--owner", "csm", "--due", "2099-01-12")
    name = first90("record", ACCOUNT, "task", title, *asked).out.partition("(")[2].partition(")")[0]
    said = first90("show", ACCOUNT)
    assert said.widest <= 80
    assert re.search(rf" {name} +vendor +Answer the long", said.out)


def test_an_empty_list_of_messages_says_so(home: Path, first90: First90) -> None:
    keys = {line["key"].partition(":")[0] for line in first90("effects", "--json").json if line["channel"] != "crm"}
    silent = next(line["deal_id"] for line in first90("status", "--json").json if line["deal_id"] not in keys)
    shown = first90("show", silent).out
    assert "nothing yet" in shown.partition("\nMessages\n")[2].partition("\nAhead\n")[0]


def test_explain_says_why_and_what_happens_next(home: Path, first90: First90) -> None:
    said = first90("explain", ACCOUNT)
    assert said.code == 0
    assert ACCOUNT in said.out
    assert "What happens next" in said.out
    assert first90("explain", ACCOUNT, "--json").json["next"]


def test_explain_knows_what_became_of_a_touchpoint(home: Path, first90: First90) -> None:
    said = first90("explain", ACCOUNT, "welcome")
    assert said.code == 0
    assert "welcome" in said.out


def test_explain_refuses_an_unknown_touchpoint_with_the_known_ones(home: Path, first90: First90) -> None:
    said = first90("explain", ACCOUNT, "birthday")
    assert said.code == 2
    assert "check_in_30" in said.err


def test_a_key_that_means_nothing_is_refused(home: Path, first90: First90) -> None:
    said = first90("explain", "Nobody & Sons")
    assert said.code == 2
    assert "Nobody & Sons" in said.err


@pytest.mark.slow
def test_effects_have_every_promised_field_and_can_be_narrowed(home: Path, first90: First90) -> None:
    everything = first90("effects", "--json").json
    assert set(everything[0]) >= EFFECT
    assert {line["channel"] for line in everything} == {"mail", "slack", "crm"}
    assert {line["channel"] for line in first90("effects", "--json", "--channel", "mail").json} == {"mail"}
    assert {line["state"] for line in first90("effects", "--json", "--state", "planned").json} == {"planned"}
    rows = first90("effects", "--channel", "crm").out
    assert "access_configured\n" in rows
    assert "()" not in rows, "a row in the CRM is nobody's role"
    (deal,) = {line["deal_id"] for line in first90("effects", ACCOUNT, "--json").json}
    assert deal == next(line["deal_id"] for line in first90("status", "--json").json if line["account_name"] == ACCOUNT)


def test_effects_refuses_an_unknown_state_with_the_known_ones(home: Path, first90: First90) -> None:
    said = first90("effects", "--state", "lost")
    assert said.code == 2
    assert "withheld" in said.err


def test_a_preview_is_the_message_with_real_data(home: Path, first90: First90) -> None:
    said = first90("preview", "welcome", ACCOUNT)
    assert said.code == 0
    assert "Subject:" in said.out
    assert ACCOUNT in said.out
    assert first90("preview", "welcome", ACCOUNT, "--html").out.lstrip().lower().startswith("<!doctype html")
    assert first90("preview", "birthday", ACCOUNT).code == 2


def test_show_and_explain_name_who_may_not_be_written_to(home: Path, first90: First90) -> None:
    reason = "wants no automated mail; one of our people writes instead"
    explained, shown = first90("explain", OPTED_OUT), first90("show", OPTED_OUT)
    for said in (explained, shown):
        assert said.code == 0
        assert said.widest <= 80
        assert f"Waltraud Österreicher (champion) {reason}" in " ".join(said.out.split())
    people = first90("show", OPTED_OUT, "--json").json["people"]
    assert {one["name"]: one["unwritten"] for one in people if one["unwritten"]} == {"Waltraud Österreicher": reason}
    assert "Not written to" not in first90("explain", ACCOUNT).out


def test_explain_says_why_what_is_planned_does_not_leave(home: Path, first90: First90) -> None:
    assert first90("stop", "--channel", "mail", "--reason", "wrong template", "--by", "jo@example.com").code == 0
    try:
        said = " ".join(first90("explain", ACCOUNT).out.split())
    finally:
        assert first90("start").code == 0
    assert "Nothing leaves on mail: stopped by jo@example.com on" in said
    assert "wrong template" in said
    assert "Nothing leaves" not in first90("explain", ACCOUNT).out


def test_a_stage_lists_only_who_is_in_it(home: Path, first90: First90) -> None:
    everybody = first90("status", "--json").json
    gone = {line["deal_id"] for line in everybody if line["status"] in ("churned", "cancelled")}
    assert gone, "the sample has a customer that left"
    for stage in ("handoff", "kickoff", "setup", "training", "first_value", "done"):
        listed = {line["deal_id"] for line in first90("status", "--stage", stage, "--json").json}
        assert listed == {line["deal_id"] for line in everybody if line["stage"] == stage} - gone


@pytest.mark.slow
def test_a_stall_has_a_short_name_in_the_table_and_effects_say_once_when_they_were_sent(
    home: Path, first90: First90
) -> None:
    stalled = [line for line in first90("status", "--json", "--stalled").json if not line["blocked"]]
    shown = first90("status", "--stalled").out
    assert stalled
    for line in stalled:
        assert f"{line['waiting_on']}: {line['stall_kind'].replace('_', ' ')}"[:20] in shown
    sent = first90("effects", "--state", "sent").out
    assert sent
    assert ", sent 2" not in sent
