"""The language of a customer's mails: from the CRM's fields or the country, over the database, to the mail."""

from collections.abc import Callable, Mapping
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from tests.cli.small_export import export

First90 = Callable[..., Any]
MONDAY = ("--as-of", "2026-03-02T09:00Z")
BRAND = "name: Vendor\npostal: Hauptstr. 1, 10115 Berlin\nprivacy: https://vendor.example/privacy\n"
GERMAN, ENGLISH = "ich bin Cara", "I am Cara"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("account", "champion", "said", "greeting"),
    [
        ({"First90_Language__c": ""}, {}, GERMAN, "Guten Tag Petra Kern,"),
        ({"First90_Language__c": ""}, {"Salutation": "Ms."}, GERMAN, "Guten Tag Frau Kern,"),
        ({"First90_Language__c": "Deutsch"}, {"Salutation": "Dr."}, GERMAN, "Guten Tag Petra Kern,"),
        ({"First90_Language__c": ""}, {"First90_Language__c": "en"}, ENGLISH, "Hello Petra,"),
        ({"First90_Language__c": "English"}, {"First90_Language__c": "de_DE"}, GERMAN, "Guten Tag Petra Kern,"),
        ({"First90_Language__c": "", "BillingCountryCode": "NL"}, {}, ENGLISH, "Hello Petra,"),
    ],
)
def test_a_mail_is_in_the_language_of_contact_account_or_country(
    account: Mapping[str, str],
    champion: Mapping[str, str],
    said: str,
    greeting: str,
    empty_home: Path,
    tmp_path: Path,
    first90: First90,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    export(tmp_path / "export", account=account, champion=champion)
    (tmp_path / "brand.yaml").write_text(BRAND, encoding="utf-8")
    monkeypatch.setenv("FIRST90_BRAND", str(tmp_path / "brand.yaml"))
    monkeypatch.setenv("FIRST90_CRM", f"csv:{tmp_path / 'export'}")
    monkeypatch.setenv("FIRST90_TEAM", str(tmp_path / "export" / "team.yaml"))
    assert first90("run", "--plain", *MONDAY).code == 0
    mails = [
        message_from_bytes(file.read_bytes(), policy=policy.default) for file in (empty_home / "mail/new").iterdir()
    ]
    texts = [body.get_content() for mail in mails if (body := mail.get_body(("plain",)))]
    assert texts
    assert all(text.startswith(greeting) for text in texts)
    assert any(said in text for text in texts)
    shown = first90("preview", "welcome", "Acme GmbH", "--json").json
    assert shown["language"].startswith("de" if said == GERMAN else "en")
    assert first90("preview", "welcome", "Acme GmbH", "--language", "de", "--json").json["language"] == "de"


@pytest.mark.slow
def test_a_language_that_was_not_understood_is_told_and_the_person_is_kept(
    empty_home: Path, tmp_path: Path, first90: First90, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(tmp_path / "export", champion={"First90_Language__c": "Klingon"})
    monkeypatch.setenv("FIRST90_CRM", f"csv:{tmp_path / 'export'}")
    monkeypatch.setenv("FIRST90_TEAM", str(tmp_path / "export" / "team.yaml"))
    ran = first90("run", "--plain", "--json", *MONDAY)
    told = [one for one in ran.json["set_aside"] if one["field"] == "First90_Language__c"]
    assert ["'Klingon' names no language" in one["problem"] for one in told] == [True]
