"""From a CRM's name fields to the first line of the mail that its people get."""

from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from tests.cli.small_export import ACCOUNT, export

Run = Callable[..., Any]
MONDAY = ("--as-of", "2026-03-02T09:00Z")


@pytest.fixture
def crm(empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the export."""
    monkeypatch.setenv("FIRST90_CRM", f"csv:{tmp_path / 'crm'}")
    monkeypatch.setenv("FIRST90_TEAM", str(tmp_path / "crm" / "team.yaml"))
    return tmp_path / "crm"


def _mails(home: Path) -> list[tuple[str, str]]:
    read = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in (home / "mail" / "new").iterdir()]
    return [(str(mail["To"]), mail.get_body(("plain",)).get_content()) for mail in read]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "last", "greeting", "to"),
    [
        ("Petra", "van Dyk", "Hello Petra,", "Petra van Dyk"),
        ("", "van Dyk", "Hello van Dyk,", "van Dyk"),
        ("", "[not provided]", "Hello,", "Petra"),
        ("n/a", "Kern", "Hello Kern,", "Kern"),
        ("Accounts", "Payable", "Hello,", "Accounts Payable"),
    ],
)
def test_a_mail_greets_by_the_first_name_of_the_crm_or_the_whole_name_or_without_a_name(
    crm: Path, empty_home: Path, first90: Run, first: str, last: str, greeting: str, to: str
) -> None:
    export(crm, champion={"FirstName": first, "LastName": last})
    ran = first90("run", "--plain", "--json", *MONDAY)
    assert (ran.code, ran.json["set_aside"]) == (0, [])
    found = _mails(empty_home)
    assert len(found) == 2
    for address, text in found:
        assert address == f"{to} <petra@acme.example>"
        assert text.splitlines()[0] == greeting


def test_our_own_people_are_named_by_the_same_rule(crm: Path, empty_home: Path, first90: Run) -> None:
    export(crm, csm={"FirstName": "[not provided]", "LastName": "van der Quill"})
    assert first90("run", "--plain", "--json", *MONDAY).code == 0
    for _, text in _mails(empty_home):
        assert "A reply goes straight to van der Quill." in text
        assert "not provided" not in text


@pytest.mark.slow
def test_a_company_whose_name_is_a_placeholder_is_set_aside_and_not_written_to(
    crm: Path, empty_home: Path, first90: Run
) -> None:
    export(crm, account={"Name": "[not provided]"})
    told = first90("run", "--plain", "--json", *MONDAY).json
    assert [(one["source"], one["record"], one["field"]) for one in told["set_aside"]][:1] == [
        ("Account.csv", ACCOUNT, "Name")
    ]
    assert "write the company's name" in told["set_aside"][0]["problem"]
    assert not (empty_home / "mail" / "new").exists() or not _mails(empty_home)
    export(crm)
    assert first90("run", "--plain", "--json", *MONDAY).json["set_aside"] == []
    assert len(_mails(empty_home)) == 2
