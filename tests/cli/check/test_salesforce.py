"""``first90 check`` where Salesforce is the CRM, as ops see it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.integrations.salesforce.customers import Customers
from tests.salesforce_fixtures import Sandbox

TODAY = datetime.now(UTC).date()
First90 = Callable[..., Any]


@pytest.fixture(autouse=True)
def settings_of_the_sandbox(sandbox: Sandbox, empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in sandbox.environment(empty_home).items():
        monkeypatch.setenv(name, value)


def test_check_says_who_is_logged_in_and_what_is_left(empty_home: Path, first90: First90, sandbox: Sandbox) -> None:
    said = first90("check", "--json")
    assert said.code == 0
    crm = [one["said"] for one in said.json if one["what"] == "CRM"]
    assert sandbox.org.secrets.username in crm[0]
    assert "calls of the last 24 hours are left" in crm[-2]
    assert crm[-1].endswith(": 0 won deals")
    [writes] = [one["said"] for one in said.json if one["what"] == "writes"]
    assert writes.startswith("Onboarding__c and Onboarding_Milestone__c alone in the CRM")
    assert not empty_home.exists()
    assert all(call.method == "GET" for call in sandbox.calls.calls if call.kind != "login")


@pytest.mark.slow
def test_references_that_lead_nowhere_are_counted_as_in_a_folder(
    empty_home: Path, first90: First90, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers = Customers(sandbox)
    _, contact, deal = customers.customer()
    lost = customers.deal("001000000000009AAA", CloseDate=TODAY)
    sandbox.others.edit("Opportunity", deal, CloseDate=TODAY, OwnerId="005000000000009AAA")
    customers.part(deal, "003000000000009AAA", "Technical Buyer")
    broken = customers.part(deal, contact, "Executive Sponsor")
    sandbox.others.edit("OpportunityContactRole", broken, ContactId=None)
    said = first90("check", "--json")
    assert said.code == 0
    [line] = [one["said"] for one in said.json if one["what"] == "CRM" and "won deals" in one["said"]]
    assert "2 won deals, 4 records to be set aside" in line
    assert f"Opportunity, {lost}: AccountId: leads nowhere: Account has no 001000000000009AAA" in line
    assert f"Opportunity, {deal}: OwnerId: leads nowhere: User has no 005000000000009AAA" in line
    assert f"OpportunityContactRole, {deal}: ContactId: leads nowhere" in line
    assert f"OpportunityContactRole, {broken}: ContactId: is empty" in line


def test_without_a_usable_database_the_org_is_read_all_the_same(
    empty_home: Path, first90: First90, sandbox: Sandbox
) -> None:
    Customers(sandbox).customer()
    empty_home.mkdir()
    (empty_home / "first90.db").write_text("no database")
    said = first90("check", "--json")
    assert [one["what"] for one in said.json if not one["ok"]] == ["database"]
    assert any("1 won deals" in one["said"] for one in said.json)


@pytest.mark.slow
def test_who_of_the_team_works_in_the_org_is_told_as_in_a_folder(
    empty_home: Path, tmp_path: Path, first90: First90, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers = Customers(sandbox)
    customers.user("Cara Csm")
    customers.user("Ines Inactive", IsActive=False)
    account, _, _ = customers.customer()
    prospect = customers.account("Prospect")
    monkeypatch.setenv("FIRST90_CRM_SINCE", "2026-01-01")
    monkeypatch.setenv("FIRST90_TEAM", str(tmp_path / "team.yaml"))
    people = ("cara.csm", "ines.inactive", "nobody")
    members = "".join(f"  - {{email: {name}@vendor.example, roles: [csm]}}\n" for name in people)
    (tmp_path / "team.yaml").write_text(f"members:\n{members}")
    for pilot, told in ((account, "won deals: 1"), (prospect, "0 of 1 accounts have a won deal")):
        monkeypatch.setenv("FIRST90_ACCOUNTS", pilot)
        said = {one["what"]: one for one in first90("check", "--json").json}
        assert said["team"]["warning"]
        assert "ines.inactive@vendor.example, nobody@vendor.example" in said["team"]["said"]
        assert "cara.csm" not in said["team"]["said"]
        assert told in said["pilot"]["said"]


def test_a_wrong_secret_is_one_line_without_it(
    empty_home: Path, first90: First90, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CONSUMER_KEY", "PRIVATEKEY_FILE"):
        monkeypatch.delenv(f"FIRST90_SALESFORCE_{name}")
    for name in ("PASSWORD", "SECURITY_TOKEN"):
        monkeypatch.setenv(f"FIRST90_SALESFORCE_{name}", "canary4711")
    said = first90("check")
    assert said.code == 1
    [line] = [line for line in said.out.splitlines() if "Salesforce, login" in line]
    assert "INVALID_LOGIN" in line
    assert "canary4711" not in said.out + said.err
