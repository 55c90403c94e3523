"""The real client, simple-salesforce, and a small portfolio for it to read."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from tests.salesforce_fixtures import Sandbox

Said = Callable[[Callable[[], Any]], tuple[int, str, str]]


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Salesforce]:
    """Return simple-salesforce with a valid session."""
    with requests.Session() as wire:
        yield Salesforce(session_id=sandbox.org.sessions.open(), instance_url=sandbox.url, version="62.0", session=wire)


@pytest.fixture
def said() -> Said:
    """Return a function that gives status, code and message of a refused call's one error."""

    def of(call: Callable[[], Any]) -> tuple[int, str, str]:
        with pytest.raises(SalesforceError) as refused:
            call()
        (error,) = refused.value.content
        return refused.value.status, error["errorCode"], error["message"]

    return of


@pytest.fixture
def names(client: Salesforce) -> Callable[[str], list[str]]:
    """Return a function that gives the names found by a query of accounts, in the order of the response."""
    return lambda rest: [row["Name"] for row in client.query(f"SELECT Name FROM Account {rest}")["records"]]


@pytest.fixture
def portfolio(sandbox: Sandbox) -> dict[str, str]:
    """Make five accounts with values for all queries; return their ids by name."""
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    given: dict[str, dict[str, Any]] = {
        "Ångström AB": {"Industry": "Steel", "AnnualRevenue": 500.0},
        "acme": {"Industry": "steel", "AnnualRevenue": 20.0, "First90_Churned_On__c": date(2026, 2, 1)},
        "50% off_": {"Industry": "Retail"},
        "O'Neil \\ Sons": {},
        "zebra": {"Industry": "Zoo", "AnnualRevenue": -1.0},
    }
    ids = {}
    sandbox.org.rights.granted.add("Account.AnnualRevenue")
    for number, (name, values) in enumerate(given.items()):
        stamp = at.replace(second=number)
        ids[name] = sandbox.others.create("Account", {"Name": name, **values, "SystemModstamp": stamp})
    return ids
