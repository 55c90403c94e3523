from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.pages.outcome import RunOutcome
from onboarding.model.vocabulary import Channel

First90 = Callable[..., Any]


def files_under(folder: Path) -> dict[str, bytes]:
    """Return every file with its content: two of these are equal if nothing was changed."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def zeroes(effects: dict[str, dict[str, int]]) -> bool:
    return not any(count for channel in effects.values() for count in channel.values())


@pytest.mark.slow
def test_a_run_tells_what_the_contract_promises(empty_home: Path, first90: First90) -> None:
    said = first90("run", "--plain", "--json", "--as-of", first90("sample").out.strip())
    assert said.code == 0
    told = said.json
    assert told["dry_run"] is False
    assert told["as_of"].endswith("Z")
    assert told["intake"]["seen"] >= 24
    assert 0 < told["intake"]["opened"] <= told["intake"]["seen"]
    assert set(told["stages"]) == {"handoff", "kickoff", "setup", "training", "first_value"}
    assert all(set(counts) == {"reviewed", "left"} for counts in told["stages"].values())
    for counts in told["effects"].values():
        assert set(counts) == {"planned", "sent", "failed", "unknown"}
        assert counts["sent"] > 0
        assert counts["failed"] == counts["unknown"] == 0
    assert {"source", "record", "field", "problem"} == set(told["set_aside"][0])


@pytest.mark.slow
def test_json_stands_alone_on_standard_output_and_progress_on_standard_error(
    home: Path, moment: str, first90: First90
) -> None:
    said = first90("run", "--plain", "--json", "--as-of", moment)
    assert said.out.startswith("{")
    assert said.out.rstrip().endswith("}")
    assert "onboard-accounts" in said.err


@pytest.mark.slow
def test_a_second_run_at_the_same_moment_opens_and_sends_nothing(home: Path, moment: str, first90: First90) -> None:
    before = {name for name in files_under(home) if not name.startswith("first90.db")}
    said = first90("run", "--plain", "--json", "--as-of", moment)
    assert said.code == 0
    assert said.json["intake"]["opened"] == 0
    assert zeroes(said.json["effects"])
    assert {name for name in files_under(home) if not name.startswith("first90.db")} == before


@pytest.mark.slow
def test_the_summary_fits_eighty_columns_and_says_where_to_look_next(home: Path, moment: str, first90: First90) -> None:
    said = first90("run", "--plain", "--as-of", moment)
    assert said.code == 0
    for heading in ("Came in", "Who is where", "Sent", "Set aside until corrected", "Where to look next"):
        assert heading in said.out
    tables = said.out.partition("Where to look next")[0]
    assert max(len(line) for line in tables.splitlines()) <= 80
    assert str(home / "mail") in said.out


@pytest.mark.slow
def test_a_dry_run_before_anything_else_touches_nothing(empty_home: Path, first90: First90) -> None:
    said = first90("run", "--dry-run", "--json")
    assert said.code == 0
    assert said.json["dry_run"] is True
    assert said.json["intake"]["opened"] > 20
    assert said.json["messages"]
    assert not empty_home.exists()


@pytest.mark.slow
def test_a_dry_run_on_a_running_portfolio_touches_nothing(home: Path, first90: First90) -> None:
    before = files_under(home)
    said = first90("run", "--dry-run", "--as-of", "2026-03-05T09:30Z")
    assert said.code == 0
    assert "nothing was written or sent" in said.out
    assert "Mails, and to whom, now: " in said.out
    assert "Mails, and to whom, for later: " in said.out
    assert files_under(home) == before


@pytest.mark.slow
def test_a_dry_run_decides_what_the_run_then_does(home: Path, first90: First90) -> None:
    ahead = first90("run", "--dry-run", "--json", "--as-of", "2026-03-06T09:30Z").json
    done = first90("run", "--plain", "--json", "--as-of", "2026-03-06T09:30Z").json
    assert ahead["messages"]
    for promised, kept in zip(ahead["messages"], done["messages"], strict=True):
        assert promised == kept
    for part in ("intake", "stages", "effects"):
        assert ahead[part] == done[part]


@pytest.mark.slow
def test_a_run_for_one_account_leaves_the_others_alone(empty_home: Path, first90: First90) -> None:
    as_of = first90("sample").out.strip()
    first90("run", "--plain", "--json", "--as-of", as_of, "--account", "Kampong Glam Books Pte. Ltd.")
    (line,) = first90("status", "--json").json
    assert line["account_name"] == "Kampong Glam Books Pte. Ltd."


def test_an_unknown_account_is_refused_before_anything_happens(home: Path, first90: First90) -> None:
    said = first90("run", "--plain", "--account", "Nobody & Sons")
    assert said.code == 2
    assert "Nobody & Sons" in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("FIRST90_CRM", "csv:/no/such/folder", "/no/such/folder"),
        ("FIRST90_MAIL", "pigeon:/tmp", "FIRST90_MAIL"),
        ("FIRST90_FRESH_DAYS", "soon", "FIRST90_FRESH_DAYS"),
        ("FIRST90_DATABASE_URL", "mysql://x/y", "FIRST90_DATABASE_URL"),
        ("FIRST90_MAIL_REDIRCT", "me@example.com", "FIRST90_MAIL_REDIRECT"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_in_one_message(
    empty_home: Path, first90: First90, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(variable, value)
    said = first90("run", "--plain")
    assert said.code == 2
    assert told in said.err
    assert "Traceback" not in said.err
    assert said.out == ""
    assert not empty_home.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("Opportunity.csv", None, "Opportunity.csv is missing; export it there"),
        ("Contact.csv", None, "Contact.csv is missing; export it there"),
        ("Contact.csv", b"", "Contact.csv is empty"),
        ("Contact.csv", b"Id;AccountId;Email\n", "Contact.csv: its cells are separated by semicolons"),
        ("User.csv", b"sep=,\r\nId,Email\r\n", "User.csv begins with Excel's line 'sep=,'"),
        ("Account.csv", "Id,Name\n".encode("utf-16"), "Account.csv is UTF-16"),
        ("Onboarding__c.csv", b"Key\n", "Onboarding__c.csv has no column First90_Key__c"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_by_check_rehearsal_and_run_and_nothing_changes(
    home: Path, first90: First90, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | None, said: str
) -> None:
    monkeypatch.setenv("FIRST90_CRM", f"csv:{home / 'crm'}")
    if content is None:
        (home / "crm" / name).unlink()
    else:
        (home / "crm" / name).write_bytes(content)
    before = files_under(home)
    for command in (("run", "--plain"), ("run", "--dry-run", "--json"), ("run", "--as-of", "2026-03-06T09:30Z")):
        answer = first90(*command)
        assert (answer.code, answer.out) == (2, "")
        assert said in " ".join(answer.err.split())
        assert "Traceback" not in answer.err
    checked = first90("check")
    assert checked.code == 1
    assert said in " ".join(checked.out.split())
    assert files_under(home) == before


@pytest.mark.slow
def test_a_deal_whose_account_is_not_in_the_export_is_counted_by_check_and_named_by_run_and_explain(
    home: Path, moment: str, first90: First90, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRST90_CRM", f"csv:{home / 'crm'}")
    monkeypatch.setenv("FIRST90_CRM_SINCE", "2025-01-01")
    path = home / "crm" / "Opportunity.csv"
    header, *rows = path.read_text("utf-8").splitlines()
    columns = header.split(",")
    said = {"Id": "0065g0000000001AAA", "AccountId": "000000000000000AAA", "Name": "Acme", "IsWon": "true"}
    said |= {"StageName": "Closed Won", "CloseDate": moment[:10]}
    line = ",".join(said.get(column, "") for column in columns)
    path.write_text("\n".join([header, *rows, line, ""]), "utf-8")
    checked = " ".join(first90("check").out.split())
    assert "000000000000000AAA" in checked
    for command in (("run", "--dry-run", "--json"), ("run", "--plain", "--json")):
        answer = first90(*command, "--as-of", moment)
        assert answer.code == 0
        assert [one["field"] for one in answer.json["set_aside"] if one["record"] == said["Id"]] == ["AccountId"]
    assert "Account.csv has no 000000000000000AAA" in first90("explain", said["Id"]).err


def test_what_was_given_up_before_it_left_is_not_told_as_for_later() -> None:
    def line(state: str) -> dict[str, object]:
        return {"channel": "slack", "state": state, "kind": "digest", "account_name": None, "due_at": state}

    made = [line(state) for state in ("sent", "planned", "cancelled")]
    outcome = object.__new__(RunOutcome)
    object.__setattr__(outcome, "made", made)
    assert [one["state"] for one in outcome.effects(Channel.SLACK, sent=False)] == ["planned"]
    assert [one["state"] for one in outcome.effects(Channel.SLACK, sent=True)] == ["sent"]
