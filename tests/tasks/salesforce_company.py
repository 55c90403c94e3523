"""A company with random activity in a sandbox org, and what our database should hold of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, select

from database.tables import AccountRow, DealRow, PersonRow, StakeholderRow
from tests.salesforce_fixtures import Sandbox
from tests.sandbox.others import Others

Known = dict[str, set[tuple[Any, ...]]]
LATE = timedelta(minutes=9)
"""The longest transaction, shorter than the overlap of ten minutes between readings."""


@dataclass
class Company:
    """Random changes by sellers in an org. Every choice comes from the seed."""

    sandbox: Sandbox
    dice: Random
    late: bool = True
    """Whether some transactions stay open for minutes."""
    ids: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in ("User", "Account", "Contact")})
    merged: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.ids |= {"Opportunity": [], "OpportunityContactRole": []}
        for number in range(3):
            self._new("User", LastName=f"U{number}", Name=f"User {number}", Email=f"u{number}@v.example", IsActive=True)
        late, self.late = self.late, False
        for _ in range(3):
            self.customer()
        self.late = late

    @property
    def others(self) -> Others:
        return self.sandbox.others

    def customer(self) -> None:
        """Add an account, its people, and a deal that may be won."""
        account = self._new("Account", Name=self._word(), OwnerId=self._one("User"))
        for _ in range(self.dice.randint(1, 2)):
            self.contact(account)
        self.deal(account)

    def contact(self, account: str) -> str:
        return self._new(
            "Contact", LastName="P", Name=self._word(), AccountId=account, Email=f"{self._word()}@c.example"
        )

    def deal(self, account: str) -> None:
        won = self.dice.random() < 0.7
        deal = self._new(
            "Opportunity",
            Name=self._word(),
            AccountId=account,
            OwnerId=self._one("User"),
            CloseDate=date(2026, 3, 2),
            Amount=float(self.dice.randint(1, 9) * 1000),
            **_stage(won),
        )
        people = [row["Id"] for row in self.others.rows("Contact") if row.get("AccountId") == account]
        for person in people[: self.dice.randint(0, 2)]:
            self._new("OpportunityContactRole", OpportunityId=deal, ContactId=person, Role="Champion", IsPrimary=False)

    def flood(self, many: int) -> None:
        """Update many deals in one second, in transactions that end at once."""
        late, self.late = self.late, False
        for _ in range(many):
            self.deal(self._there("Account"))
        self.late = late

    def lives(self, deeds: int) -> None:
        """Make so many random changes, each in a second of its own or in the same one."""
        for _ in range(deeds):
            if self.dice.random() < 0.5:
                self.sandbox.later(timedelta(seconds=self.dice.randint(0, 90)))
            self.dice.choice(self._deeds())()

    def _deeds(self) -> list[Callable[[], None]]:
        return [
            self.customer,
            lambda: self.deal(self._there("Account")),
            lambda: self._edit("Opportunity", **_stage(self.dice.random() < 0.5)),
            lambda: self._edit("Opportunity", Amount=float(self.dice.randint(10, 99) * 1000)),
            lambda: self._edit("Account", OwnerId=self._one("User")),
            lambda: self._edit("Account", Name=self._word()),
            lambda: self._edit("Contact", Email=f"{self._word()}@c.example"),
            lambda: self._edit("Contact", AccountId=self._there("Account")),
            lambda: self._edit("OpportunityContactRole", Role=self.dice.choice(["Champion", "Technical Buyer"])),
            lambda: self._delete(self.dice.choice(["Opportunity", "OpportunityContactRole", "Contact"])),
            lambda: self._undelete(self.dice.choice(["Opportunity", "Contact"])),
            lambda: self._merge(self.dice.choice(["Account", "Contact"])),
        ]

    def _new(self, sobject: str, **values: Any) -> str:
        made = self.others.create(sobject, values, visible_at=self._ends() if sobject != "User" else None)
        self.ids[sobject].append(made)
        return made

    def _edit(self, sobject: str, **values: Any) -> None:
        if row := self._there(sobject):
            self.others.edit(sobject, row, visible_at=self._ends(), **values)

    def _delete(self, sobject: str) -> None:
        if row := self._there(sobject):
            self.others.delete(sobject, row)

    def _undelete(self, sobject: str) -> None:
        binned = [row.id for row in self.sandbox.org.records.all(sobject) if row.deleted and row.id not in self.merged]
        if binned:
            self.others.undelete(sobject, self.dice.choice(binned))

    def _merge(self, sobject: str) -> None:
        one, other = self._there(sobject), self._there(sobject)
        if one != other:
            self.others.merge(sobject, one, other)
            self.merged.add(other)

    def _ends(self) -> datetime | None:
        if not self.late or self.dice.random() < 0.7:
            return None
        return self.sandbox.org.clock() + LATE * self.dice.random()

    def _there(self, sobject: str) -> str:
        """Return a visible record; empty where there is none."""
        seen = [row["Id"] for row in self.others.rows(sobject)]
        return self.dice.choice(seen) if seen else ""

    def _one(self, sobject: str) -> str:
        return self.dice.choice(self.ids[sobject])

    def _word(self) -> str:
        return f"w{self.dice.randrange(10**9)}"

    def truth(self) -> Known:
        """Return the org's won deals and all records that belong to them."""
        rows = {name: self.others.rows(name) for name in self.ids}
        deals = [row for row in rows["Opportunity"] if row["IsWon"]]
        ids, accounts = {row["Id"] for row in deals}, {row["AccountId"] for row in deals}
        return {
            "deals": {(row["Id"], row["AccountId"], row["Name"], row["OwnerId"], row["Amount"]) for row in deals},
            "accounts": {(row["Id"], row["Name"], row["OwnerId"]) for row in rows["Account"] if row["Id"] in accounts},
            "contacts": {
                (row["Id"], row["AccountId"], row["Name"], row["Email"])
                for row in rows["Contact"]
                if row["AccountId"] in accounts
            },
            "roles": {
                (row["OpportunityId"], row["ContactId"], row["Role"])
                for row in rows["OpportunityContactRole"]
                if row["OpportunityId"] in ids
            },
        }


def known(conn: Connection) -> Known:
    """Return the same from our database."""
    query = select(DealRow).where(DealRow.won, DealRow.removed_at.is_(None))
    deals = conn.execute(query).all()
    ids, accounts = {row.id for row in deals}, {row.account_id for row in deals}
    shown = conn.execute(select(AccountRow).where(AccountRow.gone_at.is_(None))).all()
    people = conn.execute(select(PersonRow).where(PersonRow.gone_at.is_(None))).all()
    return {
        "deals": {(row.id, row.account_id, row.name, row.seller_id, row.amount) for row in deals},
        "accounts": {(row.id, row.name, row.owner_id) for row in shown if row.id in accounts},
        "contacts": {(row.id, row.account_id, row.name, row.email) for row in people if row.account_id in accounts},
        "roles": {
            (row.deal_id, row.person_id, row.spelling)
            for row in conn.execute(select(StakeholderRow).where(StakeholderRow.gone_at.is_(None))).all()
            if row.deal_id in ids
        },
    }


def _stage(won: bool) -> dict[str, Any]:
    return {"StageName": "Closed Won" if won else "Negotiation", "IsWon": won, "IsClosed": won}
