"""The commands that change a playbook while customers are under way, as a person and a pull request use them."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.settings.load import PROJECT

First90 = Callable[..., Any]
ACCOUNT = "Kampong Glam Books Pte. Ltd."
BY = ("--by", "jo@example.com")
TOLD = {"deal_id", "from", "to", "appear", "vanish", "move", "send_now", "kept", "policy", "plan"}


@pytest.fixture
def changed(tmp_path: Path) -> str:
    """A folder of playbooks in which mid has its check-in of day 30 on day 14."""
    folder = tmp_path / "changed"
    shutil.copytree(PROJECT / "config" / "playbooks", folder)
    file = folder / "mid.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("{from: check_ins, days: 30,", "{from: check_ins, days: 14,"), "utf-8")
    return str(folder)


def line_of(first90: First90, account: str = ACCOUNT) -> dict[str, Any]:
    return next(line for line in first90("status", "--json").json if line["account_name"] == account)


def test_what_changed_is_told_in_words_and_as_json(home: Path, first90: First90, changed: str) -> None:
    said = first90("playbook", "diff", "--to", changed)
    assert "~ step check_in_30: due 14 days after check ins (before: 30 days after" in said.out
    assert said.widest <= 80
    (found,) = first90("playbook", "diff", "--to", changed, "--json").json
    assert (found["tier"], found["from"], found["onboardings"] > 1) == ("mid", line_of(first90)["playbook"], True)
    assert [(one["part"], one["name"], one["field"]) for one in found["changes"]] == [("step", "check_in_30", "due")]
    by_hash = first90("playbook", "diff", "--from", found["from"][:6], "--to", changed, "--json").json
    assert by_hash == [found]
    assert "Nothing differs" in first90("playbook", "diff").out


def test_without_from_a_new_or_vanished_tier_and_other_tier_rules_are_told(
    home: Path, first90: First90, changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(changed)
    rules = (PROJECT / "config" / "tiers.yaml").read_text("utf-8")
    (folder / "tiers.yaml").write_text(rules, "utf-8")
    assert "tiers.yaml" not in first90("playbook", "diff", "--to", changed).out
    small = "tier: smb\ntitle: Small\nextends: mid\ntarget: {days: 30, source: ours}\n"
    (folder / "smb.yaml").write_text(small, "utf-8")
    (folder / "tech.yaml").unlink()
    rules = rules.replace("tier: tech", "tier: smb").replace("mid: pin, tech: pin", "mid: follow")
    (folder / "tiers.yaml").write_text(rules.replace("amount_from: 15000", "amount_from: 20000"), "utf-8")
    for place in ("option", "in use"):
        if place == "in use":
            monkeypatch.setenv("FIRST90_PLAYBOOKS", changed)
        said = first90("playbook", "diff", *(("--to", changed) if place == "option" else ()))
        out = " ".join(said.out.split())
        assert re.search(r"smb: \w+ is new, a tier of one side alone", out)
        assert re.search(r"tech: \w+ \(\d+ onboardings in flight\) is gone, a tier of one side alone", out)
        for line in (
            "- rule mid: an amount from 15,000 or 50 seats",
            "+ rule mid: an amount from 20,000 or 50 seats",
            "- rule tech: everybody else",
            "+ rule smb: everybody else",
            "~ on_playbook_change of mid: follow (before: pin)",
        ):
            assert line in out
        assert said.widest <= 80
    assert first90("playbook", "diff", "--json").json[-1]["tier"] is None


@pytest.mark.slow
def test_a_milestone_that_would_be_overdue_at_once_is_warned_of(
    home: Path, first90: First90, changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(changed) / "mid.yaml"
    text, before = file.read_text("utf-8"), "      - name: role_training_delivered"
    added = """      - name: data_cleaned
        title: Clean the data
        side: customer
        owner: champion
        due: {from: stage, hours: 1, source: ours}
        source: ours
"""
    file.write_text(text.replace(before, added + before), "utf-8")
    told = first90("playbook", "plan", "--playbooks", changed)
    assert told.widest <= 80
    words = "would be overdue at once, so it counts from the move"
    assert f"warning: {words}: data_cleaned (" in " ".join(told.out.split())
    marked = first90("playbook", "plan", "--playbooks", changed, "--format", "markdown").out
    assert f"- warning: {words}: data\\_cleaned" in marked
    rows = first90("playbook", "plan", "--playbooks", changed, "--json").json
    (mine,) = [row for row in rows if row["account_name"] == ACCOUNT]
    (appears,) = [one for one in mine["appear"] if one["name"] == "data_cleaned"]
    assert appears["counted_anew"] is True

    monkeypatch.setenv("FIRST90_PLAYBOOKS", changed)
    late_before = line_of(first90)["stalled_since"]
    assert first90("playbook", "adopt", ACCOUNT, "--plan", mine["plan"], *BY).code == 0
    shown = first90("show", ACCOUNT, "--json").json
    (owed,) = [one for one in shown["milestones"] if one["name"] == "data_cleaned"]
    assert (owed["status"], owed["due_at"] > shown["as_of"]) == ("open", True)
    assert line_of(first90)["stalled_since"] == late_before
    assert first90("playbook", "rollback", ACCOUNT, "--reason", "too early", *BY).code == 0
    assert "data_cleaned" not in {one["name"] for one in first90("show", ACCOUNT, "--json").json["milestones"]}


def test_a_version_that_is_not_there_is_named_with_those_that_are(home: Path, first90: First90) -> None:
    said = first90("playbook", "diff", "--from", "zzzz")
    assert said.code == 2
    assert line_of(first90)["playbook"] in said.err


def test_two_folders_are_compared_without_a_database(empty_home: Path, first90: First90, changed: str) -> None:
    bundled = str(PROJECT / "config" / "playbooks")
    assert "check_in_30" in first90("playbook", "diff", "--from", bundled, "--to", changed).out
    small = "tier: smb\ntitle: Small\nextends: mid\ntarget: {days: 30, source: ours}\n"
    (Path(changed) / "smb.yaml").write_text(small, "utf-8")
    assert "is new, a tier of one side alone" in first90("playbook", "diff", "--from", bundled, "--to", changed).out
    assert "is gone, a tier of one side alone" in first90("playbook", "diff", "--from", changed, "--to", bundled).out
    assert first90("playbook", "diff").code == 2
    assert first90("playbook", "plan").code == 2
    assert not empty_home.exists()


@pytest.mark.slow
def test_plan_adopt_and_rollback(home: Path, first90: First90, changed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (home / "first90.db").read_bytes()
    plan = first90("playbook", "plan", "--playbooks", changed, "--tier", "mid", "--json").json
    assert all(row.keys() >= TOLD for row in plan)
    mine = next(row for row in plan if row["account_name"] == ACCOUNT)
    told = first90("playbook", "plan", "--playbooks", changed, "--tier", "mid")
    assert told.widest <= 80
    assert "on another version" in told.out
    assert f"plan {mine['plan']}" in told.out
    assert (home / "first90.db").read_bytes() == before

    monkeypatch.setenv("FIRST90_PLAYBOOKS", changed)
    assert "in flight on an older version" in " ".join(first90("check").out.split())
    dry = first90("playbook", "adopt", ACCOUNT, "--dry-run", "--json", *BY).json
    assert [row["move"] for row in dry] == [mine["move"]]
    assert line_of(first90)["playbook"] == mine["from"]
    assert first90("playbook", "adopt", "--all", "--tier", "mid", "--plan", mine["plan"], *BY).code == 0
    assert line_of(first90)["playbook"] == mine["to"]
    refused = first90("playbook", "adopt", "--all", "--tier", "mid", "--plan", mine["plan"], *BY)
    assert (refused.code, "no longer holds" in refused.err) == (2, True)
    assert first90("playbook", "rollback", ACCOUNT, "--reason", "too early", *BY).code == 0
    assert line_of(first90)["playbook"] == mine["from"]
    assert first90("playbook", "rollback", ACCOUNT, "--reason", "too early", *BY).code == 2


@pytest.mark.slow
def test_the_command_that_a_plan_prints_does_exactly_this_plan(
    home: Path, first90: First90, changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where only one tier was looked at, and another one is changed as well."""
    high = Path(changed) / "high.yaml"
    high.write_text(high.read_text("utf-8").replace("days: 112", "days: 111"), "utf-8")
    elsewhere = first90("playbook", "plan", "--playbooks", changed).out
    assert f"With {changed} as the playbooks in use".replace(" ", "") in "".join(elsewhere.split())
    monkeypatch.setenv("FIRST90_PLAYBOOKS", changed)
    plan = first90("playbook", "plan", "--tier", "mid", "--json").json
    moving = {row["deal_id"] for row in plan if row["from"] != row["to"]}
    told = first90("playbook", "plan", "--tier", "mid").out
    (command,) = re.findall("`first90 (playbook adopt[^`]*)`", told)
    done = first90(*command.split(), "--json", *BY)
    assert (done.code, {row["deal_id"] for row in done.json}) == (0, moving)


@pytest.mark.parametrize(
    "words",
    [
        ["adopt"],
        ["adopt", "--all", ACCOUNT],
        ["adopt", "No such account"],
        ["rollback", "--all", "--reason", " "],
        ["plan", "--tier", "gold"],
        ["plan", "--format", "html"],
        ["plan", "--playbooks", "/no/such/folder"],
        ["policy", ACCOUNT, "now"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_refused(home: Path, first90: First90, words: list[str]) -> None:
    assert first90("playbook", *words).code == 2


def test_the_comment_of_a_pull_request_shows_names_as_they_are(home: Path, first90: First90, changed: str) -> None:
    out = first90("playbook", "plan", "--playbooks", changed, "--format", "markdown").out
    assert "<summary>Big Sky &quot;Outfitters&quot; &lt;!channel&gt; &amp; Co: " in out
    assert "- \\~ step check\\_in\\_30: " in out


def test_the_policy_of_one_account_is_shown_in_the_plan(home: Path, first90: First90, changed: str) -> None:
    assert first90("playbook", "policy", ACCOUNT, "follow", "--reason", "a pilot", *BY).code == 0
    plan = first90("playbook", "plan", "--playbooks", changed, "--json").json
    assert {row["account_name"] for row in plan if row["policy"] == "follow"} == {ACCOUNT}
