"""Tiers of an operator's own: five with other names than the bundled ones, from the check to a change between them."""

import csv
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.main import execute
from config.sample_portfolio.sample import make_sample
from config.settings.load import PROJECT
from tests.cli.conftest import DAY
from tests.conftest import MadeOnce

First90 = Callable[..., Any]
BY = ("--by", "jo@example.com")
BUNDLED = PROJECT / "config" / "playbooks"
OWN = {"strategic", "enterprise", "mid-market", "smb", "self-serve"}
RULES = """rules:
  - {tier: strategic, amount_from: 200000, source: ours}
  - {tier: enterprise, amount_from: 100000, seats_from: 500, source: ours}
  - {tier: mid-market, amount_from: 30000, source: ours}
  - {tier: smb, amount_from: 15000, seats_from: 50, source: ours}
  - {tier: self-serve, source: ours}
on_playbook_change: {self-serve: follow}
"""


def make_playbooks(folder: Path) -> Path:
    """Write a folder of playbooks with five tiers, two of which extend another one."""
    folder.mkdir(parents=True)
    for bundled, own in (("high", "strategic"), ("mid", "mid-market"), ("tech", "self-serve")):
        text = (BUNDLED / f"{bundled}.yaml").read_text("utf-8")
        (folder / f"{own}.yaml").write_text(text.replace(f"tier: {bundled}\n", f"tier: {own}\n"), "utf-8")
    (folder / "enterprise.yaml").write_text("tier: enterprise\ntitle: Enterprise\nextends: strategic\n", "utf-8")
    (folder / "smb.yaml").write_text(
        "tier: smb\ntitle: Small customers\nextends: mid-market\ntarget: {days: 30, source: ours}\n", "utf-8"
    )
    (folder / "tiers.yaml").write_text(RULES, "utf-8")
    return folder


@pytest.fixture(scope="session")
def worked(made_once: MadeOnce) -> tuple[Path, str]:
    """Return a folder with the playbooks, and a home over a CSV folder after one cycle. Only to be copied."""
    found: tuple[Path, str] = made_once("own_tiers", _work)
    return found


def _work(folder: Path) -> tuple[Path, str]:
    moment = make_sample(folder / "home" / "crm", DAY).isoformat()
    playbooks = make_playbooks(folder / "playbooks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRST90_HOME", str(folder / "home"))
        patch.setenv("FIRST90_PLAYBOOKS", str(playbooks))
        assert execute(["run", "--plain", "--as-of", moment, "--json"]) == 0
    return folder, moment


@pytest.fixture
def place(worked: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of the test's own, with playbooks and a home in which one cycle has run."""
    copy = tmp_path / "own"
    shutil.copytree(worked[0], copy)
    monkeypatch.setenv("FIRST90_HOME", str(copy / "home"))
    monkeypatch.setenv("FIRST90_PLAYBOOKS", str(copy / "playbooks"))
    return copy


def status(first90: First90) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = first90("status", "--json").json
    return lines


@pytest.mark.slow
def test_the_portfolio_has_the_own_tiers_and_each_is_reported(place: Path, first90: First90) -> None:
    lines = status(first90)
    assert {one["tier"] for one in lines} == OWN
    report = first90("report", "--json").json
    assert report["metrics"][0]["groups"]["tier"]
    assert {group["group"] for one in report["metrics"] for group in one["groups"].get("tier", ())} == OWN
    only = first90("report", "--tier", "Mid-Market", "--json").json
    assert {one["tier"] for one in only["accounts"]} == {"mid-market"}
    assert first90("report", "--out", str(place / "report.html")).code == 0
    assert "self-serve" in (place / "report.html").read_text("utf-8")
    with (place / "home" / "crm" / "Onboarding__c.csv").open(encoding="utf-8") as rows:
        assert {row["Tier__c"] for row in csv.DictReader(rows)} == OWN


@pytest.mark.slow
def test_check_board_digest_and_simulation_know_them(place: Path, first90: First90, worked: tuple[Path, str]) -> None:
    assert first90("playbook", "check", str(place / "playbooks")).code == 0
    assert first90("playbook", "show", "smb", "--json").json[0]["target_days"] == 30
    assert [one["tier"] for one in first90("playbook", "show", "--json").json] == re.findall(r"tier: ([\w-]+)", RULES)
    assert first90("board", "--out", str(place / "board")).code == 0
    page = next(iter(sorted((place / "board").glob("*.html")))).read_text("utf-8")
    assert all(f"{tier}</" in page for tier in OWN)
    digests = [one for one in first90("effects", "--json").json if one["kind"] == "digest"]
    assert digests
    assert {one["state"] for one in digests} == {"sent"}
    assert first90("simulate", "--days", "8", "--from", worked[1], "--out", str(place / "out")).code == 0


def test_a_customer_moves_between_own_tiers_and_to_no_other(place: Path, first90: First90) -> None:
    one = next(line for line in status(first90) if line["tier"] == "smb" and line["status"] == "active")
    for wrong, meant in (("enterprize", "did you mean 'enterprise'"), ("mid", "use one of")):
        said = first90("retier", one["deal_id"], "--to", wrong, "--reason", "grew", *BY)
        assert (said.code, f"{wrong!r} is no tier" in said.err, meant in said.err) == (2, True, True)
    assert first90("retier", one["deal_id"], "--to", "Enterprise", "--reason", "grew", *BY).code == 0
    moved = next(line for line in status(first90) if line["deal_id"] == one["deal_id"])
    newest = first90("playbook", "show", "enterprise", "--json").json[0]["hash"]
    assert (moved["tier"], moved["playbook"]) == ("enterprise", newest)


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (
            "tiers.yaml",
            "tier: smb",
            "tier: smbs",
            r"tiers.yaml, line 5, rules\[3\].tier: there is no playbook of tier 'smbs'. Mend: did you mean 'smb',",
        ),
        (
            "tiers.yaml",
            "self-serve: follow",
            "selfserve: follow",
            r"tiers.yaml, line 7, on_playbook_change.selfserve: there is no playbook of tier 'selfserve'. Mend: did",
        ),
        ("smb.yaml", "tier: smb", "tier: Small ones", r"smb.yaml, line 1, tier: 'Small ones' does not fit"),
    ],
)
def test_a_misspelt_tier_is_named_with_its_place(
    place: Path, first90: First90, file: str, old: str, new: str, told: str
) -> None:
    path = place / "playbooks" / file
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    for command in (("playbook", "check", str(place / "playbooks")), ("run", "--plain", "--dry-run")):
        said = first90(*command)
        assert (said.code, bool(re.search(told, " ".join((said.err + said.out).split())))) == (2, True)


@pytest.mark.parametrize(
    ("file", "added", "told"),
    [
        (
            "smb.yaml",
            "stalls: {no_activity: {when: {tier: [smbs]}}}\n",
            "smb.yaml, line 5, stalls.no_activity.when.tier[0]",
        ),
        (
            "policies.yaml",
            "policies:\n  - {name: few, says: Few mails, tiers: [smbs], messages: {}, at_most: 9, within: {days: 1}}\n",
            "policies.yaml, line 2, policies[0].tiers[0]",
        ),
    ],
)
def test_a_misspelt_tier_in_conditions_and_policies_is_found(
    place: Path, first90: First90, file: str, added: str, told: str
) -> None:
    with (place / "playbooks" / file).open("a", encoding="utf-8") as out:
        out.write(added)
    said = " ".join(first90("playbook", "check", str(place / "playbooks")).err.split())
    assert f"{told}: there is no playbook of tier 'smbs'. Mend: did you mean 'smb'," in said


@pytest.mark.slow
def test_a_misspelt_tier_of_a_team_member_is_named(
    place: Path, first90: First90, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = place / "team.yaml"
    team.write_text("members:\n  - {email: a@vendor.example, roles: [csm], tiers: [smb, gold]}\n", "utf-8")
    monkeypatch.setenv("FIRST90_TEAM", str(team))
    said = " ".join(first90("run", "--plain", "--dry-run").err.split())
    assert "line 2, members[0].tiers[1]: there is no playbook of tier 'gold'. Mend: use one of enterprise, mid-" in said
    assert "no playbook of tier 'gold'" in " ".join(first90("check").out.split())


def tiers_aside(first90: First90) -> list[dict[str, str]]:
    """Run once, and return what is set aside for its tier."""
    aside = first90("run", "--plain", "--json").json["set_aside"]
    return [one for one in aside if one["field"] == "First90_Tier__c"]


@pytest.mark.slow
def test_an_unknown_tier_in_the_crm_is_set_aside_until_there_is_a_playbook(place: Path, first90: First90) -> None:
    accounts = place / "home" / "crm" / "Account.csv"
    rows = list(csv.DictReader(accounts.read_text("utf-8").splitlines()))
    rows[0]["First90_Tier__c"], rows[1]["First90_Tier__c"] = "golden", "SMB"
    with accounts.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (mine,) = tiers_aside(first90)
    assert mine["source"] == "Account.csv"
    assert mine["problem"].startswith("is no tier; use one of")
    (place / "playbooks" / "golden.yaml").write_text("tier: golden\ntitle: Golden\nextends: strategic\n", "utf-8")
    assert not [
        one for one in first90("run", "--plain", "--json").json["set_aside"] if one["field"] == "First90_Tier__c"
    ]
    found = {one["account_id"]: one["tier"] for one in status(first90)}
    for row, tier in ((rows[0], "golden"), (rows[1], "smb")):
        assert found.get(row["Id"], tier) == tier


@pytest.mark.slow
def test_a_tier_that_is_gone_is_told_and_its_customers_go_on(place: Path, first90: First90) -> None:
    (place / "playbooks" / "smb.yaml").unlink()
    rules = place / "playbooks" / "tiers.yaml"
    rules.write_text(rules.read_text("utf-8").replace("tier: smb", "tier: self-serve", 1), "utf-8")
    rules.write_text(re.sub(r"  - \{tier: self-serve, amount.*\n", "", rules.read_text("utf-8")), "utf-8")
    mine = [line for line in status(first90) if line["tier"] == "smb"]
    ran = first90("run", "--plain", "--json")
    assert ran.code == 0
    assert [line["playbook"] for line in status(first90) if line["tier"] == "smb"] == [one["playbook"] for one in mine]
    assert "no playbook any more of smb" in " ".join(first90("check").out.split())
    plan = first90("playbook", "plan")
    assert plan.code == 1
    assert "there is no playbook of its tier smb any more" in " ".join((plan.out + plan.err).split())
    assert first90("report", "--tier", "smb", "--json").json["accounts"]
