"""``first90 check`` where Salesforce is the CRM, as ops see it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.salesforce_fixtures import Sandbox

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
    assert "calls of the last 24 hours are left" in crm[-1]
    assert not empty_home.exists()
    assert all(call.method == "GET" for call in sandbox.calls.calls if call.kind != "login")


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
