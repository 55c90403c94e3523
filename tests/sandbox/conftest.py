"""The real client, as others use it, and a small portfolio for it to look at."""

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
    """simple-salesforce with a session that holds."""
    with requests.Session() as wire:
        yield Salesforce(session_id=sandbox.org.sessions.open(), instance_url=sandbox.url, version="62.0", session=wire)


@pytest.fixture
def said() -> Said:
    """What a refused call says: status, code and message of the one error in the array."""

    def of(call: Callable[[], Any]) -> tuple[int, str, str]:
        with pytest.raises(SalesforceError) as refused:
            call()
        (error,) = refused.value.content
        return refused.value.status, error["errorCode"], error["message"]

    return of


@pytest.fixture
def names(client: Salesforce) -> Callable[[str], list[str]]:
    """The names that a query of accounts finds, in the order of the answer."""
    return lambda rest: [row["Name"] for row in client.query(f"SELECT Name FROM Account {rest}")["records"]]


@pytest.fixture
def portfolio(sandbox: Sandbox) -> dict[str, str]:
    """Five accounts with what queries are asked about; names to ids."""
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
