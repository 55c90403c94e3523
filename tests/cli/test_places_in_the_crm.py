"""Countries and zones of customers as their CRM spells them: when mails leave, and what is said of unknown ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.small_export import ACCOUNT, CHAMPION, export

Run = Callable[..., Any]
BERLIN_MORNING = ("--as-of", "2026-03-02T09:30Z")


@pytest.fixture
def crm(empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the export."""
    monkeypatch.setenv("FIRST90_CRM", f"csv:{tmp_path / 'crm'}")
    monkeypatch.setenv("FIRST90_TEAM", str(tmp_path / "crm" / "team.yaml"))
    return tmp_path / "crm"


def _mails(first90: Run, moment: str) -> int:
    ran = first90("run", "--plain", "--json", "--as-of", f"2026-03-02T{moment}Z")
    assert (ran.code, ran.json["set_aside"]) == (0, [])
    return len([one for one in first90("effects", "--json").json if one["channel"] == "mail"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("country", "state", "early", "morning"),
    [
        ("Estados Unidos", "California", "16:30", "17:10"),
        ("Vereinigte Staaten", "", "13:30", "14:10"),
        ("Nederland", "Noord-Holland", "07:30", "08:10"),
        ("Czech Rep.", "", "07:30", "08:10"),
    ],
)
def test_mails_leave_in_the_mornings_of_the_country_that_the_crm_names_in_its_own_language(
    crm: Path, first90: Run, country: str, state: str, early: str, morning: str
) -> None:
    export(crm, account={"BillingCountryCode": "", "BillingCountry": country, "BillingState": state})
    assert _mails(first90, early) == 0
    assert _mails(first90, morning) == 2


@pytest.mark.slow
def test_an_unknown_country_or_state_is_named_with_its_mend_and_holds_nothing_up(crm: Path, first90: Run) -> None:
    export(
        crm,
        account={"BillingCountryCode": "", "BillingCountry": "Narnia"},
        champion={"MailingCountry": "US", "MailingState": "Atlantis"},
    )
    ran = first90("run", "--plain", "--json", *BERLIN_MORNING)
    assert (ran.code, ran.json["intake"]["opened"]) == (0, 1)
    assert [(one["source"], one["record"], one["field"]) for one in ran.json["set_aside"]] == [
        ("Account.csv", ACCOUNT, "BillingCountry"),
        ("Contact.csv", CHAMPION, "MailingState"),
    ]
    country, state = (one["problem"] for one in ran.json["set_aside"])
    assert country == (
        "'Narnia' is no country that we know; until it is corrected mails leave by the clock of UTC. "
        "Mend: write its ISO code, such as DE, or fill in First90_Time_Zone__c"
    )
    assert "'Atlantis' is no part of US that we know" in state
    shown = first90("show", "Acme GmbH")
    assert "'Narnia' is no country that we know" in " ".join(shown.out.split())
    export(crm, account={"BillingCountryCode": "", "BillingCountry": "Narnia", "First90_Time_Zone__c": "Europe/Oslo"})
    assert first90("run", "--plain", "--json", "--as-of", "2026-03-02T10:00Z").json["set_aside"] == []
