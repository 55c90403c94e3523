"""A model of the small company in plain Python: its CRM's records, what people asked for, and what was ordered. Mails
that arrived are checked against it, never against our tables."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any

from config.company.calendars import calendar_of
from onboarding.dates.working_time import is_open
from onboarding.model.schedule import Hours
from tests.tasks.conftest import ident

Row = Mapping[str, Any]
LONG_AGO = datetime.min.replace(tzinfo=UTC)
HOURS = (Hours(start=time(9), end=time(17)),)
WHERE = {1: ("GB", "Europe/London"), 2: ("US", "America/New_York")}
"""Country and zone of each account. Few accounts, so that events concern the same ones."""


@dataclass(frozen=True)
class Letter:
    """A mail that arrived at the provider."""

    key: str
    to: str
    purpose: str
    calls_off: bool
    """Whether it cancels a call in the reader's calendar."""

    @staticmethod
    def of(key: str, payload: Row) -> "Letter":
        calendar = payload["calendar"] or {}
        return Letter(key, payload["to"].lower(), payload["purpose"], calendar.get("method") == "CANCEL")

    @property
    def deal(self) -> str:
        return self.key.split(":")[0]

    @property
    def account(self) -> int:
        return account_of(self.deal)

    @property
    def step(self) -> tuple[str, str, str]:
        """Return onboarding, step and occurrence."""
        deal, step, occurrence, *_ = self.key.split(":")
        return deal, step, occurrence

    @property
    def person(self) -> str:
        return self.key.split(":")[4]


def account_of(deal: str) -> int:
    """Return the account of a deal, by the company's numbering."""
    return int(deal[-1])


@dataclass
class Known:
    """The model's present state."""

    tables: Mapping[str, Sequence[Row]]
    """The CRM's records."""
    silenced: dict[str, datetime] = field(default_factory=dict)
    """The last request, by person or address; of an unsubscription and its end the later one counts."""
    speaking: dict[str, datetime] = field(default_factory=dict)
    bounced: set[str] = field(default_factory=set)
    held: dict[int, datetime | None] = field(default_factory=dict)
    """Accounts on hold, and until when."""
    held_people: set[str] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    decided: set[str] = field(default_factory=set)
    """Effects that a person marked as sent, or cancelled."""
    repeats: Counter[str] = field(default_factory=Counter)
    """How often a person had an effect sent again: it then counts as not arrived."""

    def record(self, name: str, ident: str) -> Row | None:
        return next((row for row in self.tables[name] if row["Id"] == ident), None)

    def on_hold(self, account: int, now: datetime) -> bool:
        until = self.held.get(account, LONG_AGO)
        return until is None or now < until

    def lost(self, deal: str) -> bool:
        row = self.record("Opportunity.csv", deal)
        return row is None or row["IsWon"] != "true"

    def over(self, account: int) -> bool:
        row = self.record("Account.csv", ident("001", account))
        return account in self.closed or bool(row and row["First90_Churned_On__c"])

    def rests(self, deal: str, now: datetime) -> str:
        """Return why nothing is sent for an onboarding now; empty where something may be, or all is over."""
        if self.over(account_of(deal)):
            return ""
        if self.on_hold(account_of(deal), now):
            return "on hold"
        return "its deal is lost" if self.lost(deal) else ""

    def forbids(self, letter: Letter, now: datetime) -> str:
        """Return why a mail must not have been sent now; empty where it may."""
        if self.stopped & {"all", "mail"}:
            return "everything is stopped"
        if rests := self.rests(letter.deal, now):
            return rests
        if self.over(letter.account) and not letter.calls_off:
            return "the onboarding is over"
        reader = self.record("Contact.csv", letter.person)
        if reader is None:
            return "the CRM does not know the reader any more"
        if reader["HasOptedOutOfEmail"] == "true":
            return "opted out in the CRM"
        if reader["First90_Left_On__c"]:
            return "has left"
        if letter.to != reader["Email"].lower():
            return f"the reader has another address: {reader['Email']}"
        if letter.person in self.held_people:
            return "the reader is on hold"
        if letter.to in self.bounced:
            return "the address bounced"
        if letter.purpose == "promotional" and (self.silent(letter.person) or self.silent(letter.to)):
            return "unsubscribed"
        country, zone = WHERE[letter.account]
        if not is_open(now, zone, calendar_of(country, range(2025, 2029)), HOURS):
            return f"nobody works at {now} in {zone}"
        return ""

    def silent(self, subject: str) -> bool:
        return self.silenced.get(subject, LONG_AGO) > self.speaking.get(subject, LONG_AGO)
