"""A small portfolio in the sandbox, as sellers would create it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.salesforce_fixtures import Sandbox

OWNER_ZONE = "Europe/Berlin"


@dataclass
class Customers:
    """Creates records as other users do."""

    sandbox: Sandbox
    owner: str = field(init=False)

    def __post_init__(self) -> None:
        self.owner = self.user("Ada Seller")

    def user(self, name: str, **values: Any) -> str:
        mail = f"{name.lower().replace(' ', '.')}@vendor.example"
        given = {"Name": name, "LastName": name, "Email": mail, "IsActive": True, "TimeZoneSidKey": OWNER_ZONE}
        return self.sandbox.others.create("User", given | values)

    def account(self, name: str = "Acme", **values: Any) -> str:
        return self.sandbox.others.create("Account", {"Name": name, "OwnerId": self.owner} | values)

    def contact(self, account: str, name: str = "Ben Champion", **values: Any) -> str:
        mail = f"{name.lower().replace(' ', '.')}@customer.example"
        return self.sandbox.others.create(
            "Contact", {"AccountId": account, "Name": name, "LastName": name, "Email": mail} | values
        )

    def deal(self, account: str | None, **values: Any) -> str:
        given = {
            "AccountId": account,
            "Name": "Deal",
            "OwnerId": self.owner,
            "StageName": "Closed Won",
            "IsWon": True,
            "IsClosed": True,
            "CloseDate": date(2026, 3, 2),
        }
        return self.sandbox.others.create("Opportunity", given | values)

    def part(self, deal: str, contact: str, role: str = "Champion", **values: Any) -> str:
        return self.sandbox.others.create(
            "OpportunityContactRole", {"OpportunityId": deal, "ContactId": contact, "Role": role} | values
        )

    def customer(self, name: str = "Acme") -> tuple[str, str, str]:
        """Create an account with a champion and a won deal."""
        account = self.account(name)
        contact, deal = self.contact(account, f"{name} Champion"), self.deal(account)
        self.part(deal, contact, IsPrimary=True)
        return account, contact, deal
