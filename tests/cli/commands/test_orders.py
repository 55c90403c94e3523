"""Facts and decisions of a person: each is kept, shows at once, and is in the journal with who said it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

First90 = Callable[..., Any]
ACCOUNT = "Kampong Glam Books Pte. Ltd."
BY = ("--by", "jo@example.com")


def journal(first90: First90, account: str = ACCOUNT) -> list[dict[str, Any]]:
    return list(first90("show", account, "--json").json["journal"])


def line_of(first90: First90, account: str = ACCOUNT) -> dict[str, Any]:
    return next(line for line in first90("status", "--json").json if line["account_name"] == account)


def test_a_hold_stops_the_clock_and_resume_starts_it(home: Path, first90: First90) -> None:
    assert first90("hold", ACCOUNT, "--reason", "merger", *BY).code == 0
    assert line_of(first90)["status"] == "on_hold"
    assert journal(first90)[-1]["by"] == "jo@example.com" or any(
        entry["by"] == "jo@example.com" for entry in journal(first90)
    )
    again = first90("hold", ACCOUNT, "--reason", "merger", *BY)
    assert again.code == 2
    assert first90("resume", ACCOUNT, *BY).code == 0
    assert line_of(first90)["status"] == "active"
    assert first90("resume", ACCOUNT, *BY).code == 2


def test_a_milestone_counts_as_of_when_it_happened(home: Path, first90: First90) -> None:
    said = first90("record", ACCOUNT, "milestone", "resources_shared", "--at", "2026-03-01T10:00Z", *BY)
    assert said.code == 0
    shown = first90("show", ACCOUNT, "--json").json["milestones"]
    (milestone,) = [one for one in shown if one["name"] == "resources_shared"]
    assert milestone["done_at"] == "2026-03-01T10:00:00Z"
    assert milestone["done_by"] == "jo@example.com"
    first90("record", ACCOUNT, "milestone", "resources_shared", "--undo", *BY)
    shown = first90("show", ACCOUNT, "--json").json["milestones"]
    assert next(one for one in shown if one["name"] == "resources_shared")["status"] == "open"


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["milestone", "resources_shared"],
        ["goal", "--metric", "orders", "--baseline", "2", "--target", "9", "--unit", "a day", "--due", "2026-06-30"],
        ["handoff", "timeline", "live before the summer"],
        ["stakeholder", "someone@kampong.example", "--role", "manager"],
        ["signal", "login", "--user", "ana", "--count", "2"],
        ["survey", "effort", "7"],
        ["promise", "single sign-on before go-live", "--due", "2026-05-31"],
        ["ticket", "T-17", "--topic", "import"],
        ["reply", "someone@kampong.example"],
        ["bounce", "someone@kampong.example"],
        ["note", "new CFO in May"],
    ],
    ids=lambda words: words[0],
)
def test_a_fact_is_kept_and_journalled_and_a_repeat_does_no_harm(
    words: list[str], home: Path, first90: First90
) -> None:
    said = first90("record", ACCOUNT, *words, "--at", "2026-03-01T08:00Z", *BY)
    assert (said.code, said.err) == (0, "")
    told = [entry for entry in journal(first90) if entry["by"] == "jo@example.com"]
    assert [entry["kind"] for entry in told] == [words[0]]
    assert "someone@" not in str(told), "the journal holds no address of a customer"
    assert first90("record", ACCOUNT, *words, "--at", "2026-03-01T08:00Z", *BY).code == 0
    again = [entry for entry in journal(first90) if entry["by"] == "jo@example.com"]
    assert again == told or words[0] == "note"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["milestone", "party"], "party"),
        (["goal", "--metric", "up", "--baseline", "1", "--target", "1", "--unit", "x", "--due", "2026-06-30"], "goal"),
        (["handoff", "wishes", "none"], "wishes"),
        (["stakeholder", "nobody", "--role", "champion"], "address"),
        (["stakeholder", "a@b.example", "--role", "king"], "king"),
        (["survey", "effort", "11"], "10"),
        (["survey", "ces", "8"], "1 (very hard) to 7 (very easy)"),
        (["survey", "mood", "8"], "mood"),
        (["promise", "none"], "promises nothing"),
        (["promise", "abc123", "--kept"], "no promise"),
        (["promise", "x", "--kept", "--broken"], "either kept or broken"),
        (["ticket", "T-1", "--topic", "tbd"], "topic"),
        (["ticket", "T-1", "--topic", "import", "--sentiment", "3"], "outside -1"),
        (["reply", "ana"], "address"),
        (["signal", "login", "--count", "0"], "count"),
        (["milestone", "go_live", "--at", "2036-01-01"], "ahead"),
        (["milestone", "kickoff_booked", "--no-show", "--meeting-at", "2026-03-05T14:00Z"], "one of --meeting-at"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_fact_that_cannot_be_is_refused_and_changes_nothing(
    words: list[str], told: str, home: Path, first90: First90
) -> None:
    before = journal(first90)
    said = first90("record", ACCOUNT, *words, *BY)
    assert said.code == 2
    assert told in said.err
    assert journal(first90) == before


def test_a_stage_is_skipped_by_a_named_person_with_a_reason(home: Path, first90: First90) -> None:
    before = line_of(first90)["stage"]
    assert first90("skip-stage", ACCOUNT, *BY).code == 2
    assert first90("skip-stage", ACCOUNT, "--reason", "", *BY).code == 2
    assert line_of(first90)["stage"] == before
    assert first90("skip-stage", ACCOUNT, "--reason", "live in the pilot", *BY).code == 0
    assert line_of(first90)["stage"] != before
    assert any("live in the pilot" in entry["because"] for entry in journal(first90))


def test_tier_and_owner_can_be_changed(home: Path, first90: First90) -> None:
    team = first90("show", ACCOUNT, "--json").json["team"]
    other = team["cs_manager"]["email"]
    assert first90("reassign", ACCOUNT, "--role", "csm", "--to", other, *BY).code == 0
    assert line_of(first90)["owner"] == other
    assert first90("reassign", ACCOUNT, "--role", "csm", "--to", "nobody@example.com", *BY).code == 2
    assert first90("retier", ACCOUNT, "--to", "high", "--reason", "board deal", *BY).code == 0
    assert line_of(first90)["tier"] == "high"
    assert first90("retier", ACCOUNT, "--to", "gold", "--reason", "x", *BY).code == 2
    assert first90("playbook", "adopt", ACCOUNT, *BY).code == 0


def test_closing_gives_up_what_is_owed(home: Path, first90: First90) -> None:
    account = next(
        line["account_name"] for line in first90("status", "--json").json if line["stage"] in ("kickoff", "setup")
    )
    assert first90("close", account, "--as", "lost", "--reason", "x", *BY).code == 2
    assert first90("close", account, "--as", "churned", "--reason", "wound up", *BY).code == 0
    assert line_of(first90, account)["status"] == "churned"
    owed = [line for line in first90("effects", account, "--json").json if line["channel"] == "mail"]
    assert all(line["state"] in ("sent", "cancelled") for line in owed)


def test_an_escalation_can_be_acknowledged_snoozed_and_resolved(home: Path, first90: First90) -> None:
    stalled = next(line for line in first90("status", "--json").json if line["escalation_level"])
    key = stalled["account_id"]
    assert first90("ack", key, *BY).code == 0
    assert first90("snooze", key, "--until", "2020-01-01", *BY).code == 2
    assert first90("snooze", key, "--until", "2036-01-01", *BY).code == 0
    assert first90("resolve", key, "--reason", "agreed", *BY).code == 0
    assert first90("ack", key, *BY).code == 2


@pytest.mark.slow
def test_after_a_stop_nothing_leaves_until_it_is_started(home: Path, first90: First90) -> None:
    assert first90("stop", "--reason", "wrong template", *BY).code == 0
    stopped = first90("run", "--plain", "--json", "--as-of", "2026-03-06T09:30Z").json["effects"]
    assert stopped["mail"]["planned"] > 0
    assert {channel["sent"] for channel in stopped.values()} == {0}
    assert first90("start", *BY).code == 0
    started = first90("run", "--plain", "--json", "--as-of", "2026-03-06T09:40Z").json["effects"]
    assert started["mail"]["sent"] > 0


def test_what_is_owed_can_be_cancelled_and_tried_again(home: Path, first90: First90) -> None:
    first, second = [line["key"] for line in first90("effects", "--state", "planned", "--json").json][:2]
    assert first90("effects", "cancel", first, "--reason", "not needed", *BY).code == 0
    assert first in {line["key"] for line in first90("effects", "--state", "cancelled", "--json").json}
    assert first90("effects", "retry", second, *BY).code == 0
    assert first90("effects", "retry", "no:such:effect", *BY).code == 2
    assert first90("effects", "sent", second, "--reason", "seen", *BY).code == 2


def test_adopting_needs_a_name_or_all(home: Path, first90: First90) -> None:
    assert first90("adopt", *BY).code == 2
    assert first90("adopt", "--all", ACCOUNT, *BY).code == 2
    assert first90("adopt", "--all", *BY).code == 0
    assert first90("adopt", ACCOUNT, *BY).code == 0


@pytest.mark.slow
def test_an_absence_hands_the_work_to_a_backup_and_ends_early_by_a_command(home: Path, first90: First90) -> None:
    team = first90("show", ACCOUNT, "--json").json["team"]
    csm, manager = team["csm"]["email"], team["cs_manager"]["email"]
    assert first90("away", csm, "--until", "2000-01-01", "--backup", manager, *BY).code == 2
    assert first90("away", csm, "--back", "--until", "2090-01-01", *BY).code == 2
    assert first90("away", csm, "--until", "2090-01-01", "--backup", manager, *BY).code == 0
    shown = first90("show", ACCOUNT, "--json").json
    assert shown["owner"] == manager
    assert (shown["covers_for"], shown["covers"]["csm"]["absent"]["email"]) == (csm, csm)
    told = first90("explain", ACCOUNT).out
    assert "covers for" in told
    assert "1 January 2090" in " ".join(told.split())
    assert " for " in first90("show", ACCOUNT).out
    assert first90("away", csm, "--back", *BY).code == 0
    assert first90("show", ACCOUNT, "--json").json["owner"] == csm
