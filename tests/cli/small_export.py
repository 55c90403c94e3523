"""A CRM export of one customer that is easy to change: five files as a person would write them."""

import csv
from collections.abc import Mapping
from pathlib import Path

ACCOUNT, DEAL, CHAMPION = "0015g0000000001AAA", "0065g0000000001AAA", "0035g0000000001AAA"
TEAM = """\
members:
  - {email: cara@vendor.example, roles: [csm]}
  - {email: olaf@vendor.example, roles: [onboarding_specialist]}
  - {email: imke@vendor.example, roles: [implementation_engineer]}
  - {email: mona@vendor.example, roles: [cs_manager]}
  - {email: xena@vendor.example, roles: [executive_sponsor]}
"""
OURS = ("Cara Quill", "Olaf Stone", "Imke Dahl", "Mona Berg", "Xena Rook", "Sal Vend")


def export(
    folder: Path,
    *,
    account: Mapping[str, str] | None = None,
    champion: Mapping[str, str] | None = None,
    csm: Mapping[str, str] | None = None,
) -> None:
    """Write the files; each argument replaces cells of a row, and a column that is new to it is added."""
    users = [
        {
            "Id": f"0055g000000000{number}AAA",
            "FirstName": name.split()[0],
            "LastName": name.split()[1],
            "Email": f"{name.split()[0].lower()}@vendor.example",
            "IsActive": "true",
            "TimeZoneSidKey": "Europe/Berlin",
        }
        for number, name in enumerate(OURS, start=1)
    ]
    users[0] |= csm or {}
    person = {"Id": CHAMPION, "AccountId": ACCOUNT, "FirstName": "Petra", "LastName": "Kern"}
    deal = {
        "Id": DEAL,
        "AccountId": ACCOUNT,
        "Name": "Acme - 120 seats",
        "OwnerId": users[5]["Id"],
        "StageName": "Closed Won",
        "IsWon": "true",
        "CloseDate": "2026-03-02",
        "Amount": "48000.00",
        "First90_Goals__c": "Quotes are slow",
        "First90_Success_Metrics__c": "quote turnaround | 48 | 4 | hours | 2026-05-25",
        "First90_Commitments__c": "Two trainings",
        "First90_Technical_Requirements__c": "SSO",
        "First90_Timeline__c": "six weeks",
    }
    role = {"OpportunityId": DEAL, "ContactId": CHAMPION, "Role": "Champion", "IsPrimary": "true"}
    company = {"Id": ACCOUNT, "Name": "Acme GmbH", "OwnerId": users[5]["Id"], "BillingCountryCode": "DE"}
    company |= {"First90_Language__c": "en"}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "team.yaml").write_text(TEAM)
    _write(folder / "User.csv", users)
    _write(folder / "Account.csv", [company | (account or {})])
    _write(folder / "Contact.csv", [person | {"Email": "petra@acme.example"} | (champion or {})])
    _write(folder / "Opportunity.csv", [deal])
    _write(folder / "OpportunityContactRole.csv", [role])


def _write(file: Path, rows: list[dict[str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(dict.fromkeys(name for row in rows for name in row)), restval="")
        writer.writeheader()
        writer.writerows(rows)
