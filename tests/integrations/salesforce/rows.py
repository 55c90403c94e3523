"""Rows as tasks/delivery/payloads.py makes them, and an org with their deal."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from config.company.mapping import CrmMapping, load_mapping
from integrations.ports import OutgoingMessage
from integrations.salesforce.api.session import Session
from integrations.salesforce.writing import BULK_ABOVE, Writer
from onboarding.effects.send_result import SendResult
from tests.salesforce_fixtures import Sandbox

ONBOARDING, MILESTONE = "Onboarding__c", "Onboarding_Milestone__c"
KEY = "First90_Key__c"


class Clock:
    """A clock that advances only by waiting."""

    def __init__(self) -> None:
        self.now, self.waits = 1000.0, list[float]()

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


class OrgWriter:
    """A writer over the real TLS socket, and the org's content afterwards."""

    def __init__(
        self,
        sandbox: Sandbox,
        mapping: CrmMapping | None = None,
        way: Literal["session", "client"] = "session",
        bulk_above: int = BULK_ABOVE,
        **session: Any,
    ) -> None:
        self.sandbox, self.clock = sandbox, Clock()
        self.session = Session(sandbox.choice(way), wait=self.clock.wait, clock=self.clock, **session)
        self.writer = Writer(
            self.session, mapping or load_mapping(), wait=self.clock.wait, clock=self.clock, bulk_above=bulk_above
        )
        records = sandbox.org.records
        self.account = records.put("Account", {"Name": "Nordwind"}, by=None)
        self.deals = [
            records.put("Opportunity", {"Name": "Deal", "AccountId": self.account}, by=None) for _ in range(3)
        ]
        self.deal = self.deals[0]

    def write(self, messages: Iterable[OutgoingMessage]) -> list[SendResult]:
        return self.writer.write(list(messages))

    def onboarding(self, deal: str = "", **fields: Any) -> OutgoingMessage:
        key = deal or self.deal
        values = {
            KEY: key,
            "Account__c": self.account,
            "Opportunity__c": key,
            "Stage__c": "setup",
            "Status__c": "active",
            "Tier__c": "mid",
            "Playbook__c": "0123456789abcdef",
            "Signed_At__c": "2026-03-01T00:00:00Z",
            "Target_On__c": "2026-05-30",
            "Go_Live_At__c": None,
            "Escalation_Level__c": "0",
            "Owner_Email__c": "csm@vendor.example",
            "Health__c": "71",
        }
        return outgoing(ONBOARDING, key, values | fields)

    def milestone(
        self, name: str = "admin_trained", *, deal: str = "", base: Any = None, **fields: Any
    ) -> OutgoingMessage:
        parent = deal or self.deal
        values = {
            KEY: f"{parent}:{name}",
            "Onboarding__c": parent,
            "Stage__c": "training",
            "Milestone__c": "Train the admins",
            "Status__c": "Open",
            "Due_On__c": "2026-04-10",
            "Completed_At__c": None,
            "Completed_By__c": None,
            "Owner_Role__c": "csm",
            "Side__c": "vendor",
        }
        return outgoing(MILESTONE, f"{parent}:{name}", values | fields, base)

    def milestones(self, number: int) -> list[OutgoingMessage]:
        return [self.milestone(f"m{place:04d}") for place in range(number)]

    def rows(self, sobject: str = MILESTONE) -> dict[str, Mapping[str, Any]]:
        found = [row.values for row in self.sandbox.org.records.all(sobject) if not row.deleted]
        assert len({row[KEY].lower() for row in found}) == len(found), "a key stands there twice"
        return {row[KEY]: row for row in found}

    def row(self, name: str = "admin_trained") -> Mapping[str, Any]:
        return self.rows()[f"{self.deal}:{name}"]


def outgoing(sobject: str, key: str, fields: Mapping[str, Any], base: Any = None) -> OutgoingMessage:
    return OutgoingMessage(
        key=f"effect:{key}", payload={"object": sobject, "key": key, "fields": dict(fields), "base": base or {}}
    )


def states(outcomes: Iterable[SendResult]) -> list[str]:
    return [outcome.state for outcome in outcomes]


def named(*keys: str) -> Callable[[str, Mapping[str, Any]], bool]:
    """Return a matcher for the records of these keys, new or known."""
    return lambda _sobject, values: values.get(KEY) in keys
