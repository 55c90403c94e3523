"""Faults on demand: each has its effect, at the selected calls, and no longer than requested."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from sandbox.org.call_log import LoggedCall
from tests.salesforce_fixtures import Sandbox
from tests.sandbox.conftest import Said

SOQL = "SELECT Id FROM Account"
SMALL = {"Sforce-Query-Options": "batchSize=200"}


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("REQUEST_LIMIT_EXCEEDED", 403),
        ("QUERY_TIMEOUT", 400),
        ("SERVER_UNAVAILABLE", 503),
        ("UNABLE_TO_LOCK_ROW", 400),
        ("INVALID_SESSION_ID", 401),
    ],
)
def test_a_whole_call_is_refused(client: Salesforce, sandbox: Sandbox, said: Said, code: str, status: int) -> None:
    sandbox.faults.refuse(code, "query")
    assert said(lambda: client.query(SOQL))[:2] == (status, code)
    client.query(SOQL)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_load_balancer_answers_in_html(client: Salesforce, sandbox: Sandbox, status: int) -> None:
    sandbox.faults.outage(status, "limits")
    client.query(SOQL)
    with pytest.raises(SalesforceError) as refused:
        client.limits()
    assert refused.value.status == status
    assert refused.value.content.startswith("<html>")


def test_faults_wait_for_their_call(client: Salesforce, sandbox: Sandbox) -> None:
    sandbox.faults.outage(503, "query", sobject="Account", skip=1, times=2)
    answered = []
    for soql in (SOQL, "SELECT Id FROM Contact", SOQL, SOQL, SOQL):
        try:
            client.query(soql)
            answered.append(True)
        except SalesforceError:
            answered.append(False)
    assert answered == [True, True, False, False, True]
    sandbox.faults.outage(503, times=None)
    for _ in range(3):
        with pytest.raises(SalesforceError):
            client.query(SOQL)
    sandbox.faults.clear()
    client.query(SOQL)


@pytest.mark.parametrize(("moment", "rows"), [("before", 0), ("after", 1)])
def test_a_connection_is_cut_before_or_after_the_write(
    client: Salesforce, sandbox: Sandbox, moment: str, rows: int
) -> None:
    sandbox.faults.cut("write_record", moment=moment)
    with pytest.raises(requests.exceptions.ConnectionError):
        client.Onboarding__c.upsert("First90_Key__c/k1", {"Stage__c": "handoff"})
    assert len(sandbox.others.rows("Onboarding__c")) == rows
    assert sandbox.calls.calls[-1].status is None
    client.Onboarding__c.upsert("First90_Key__c/k1", {"Stage__c": "handoff"})
    assert len(sandbox.others.rows("Onboarding__c")) == 1


def test_a_session_dies_on_page_two(client: Salesforce, sandbox: Sandbox, said: Said) -> None:
    for number in range(450):
        sandbox.others.create("Account", {"Name": f"{number}"})
    sandbox.faults.add(lambda _: sandbox.org.sessions.end_all(), "query_more", skip=1)
    rows = client.query_all_iter(SOQL, headers=SMALL)
    for _ in range(400):
        next(rows)
    assert said(lambda: next(rows)) == (401, "INVALID_SESSION_ID", "Session expired or invalid")


def test_a_locator_is_lost_on_page_one(client: Salesforce, sandbox: Sandbox, said: Said) -> None:
    for number in range(250):
        sandbox.others.create("Account", {"Name": f"{number}"})
    sandbox.faults.add(lambda _: sandbox.org.locators.lose(), "query_more")
    rows = client.query_all_iter(SOQL, headers=SMALL)
    for _ in range(200):
        next(rows)
    assert said(lambda: next(rows))[1] == "INVALID_QUERY_LOCATOR"


def test_chosen_records_are_locked(client: Salesforce, sandbox: Sandbox) -> None:
    sandbox.faults.spoil("UNABLE_TO_LOCK_ROW", lambda _, values: values["First90_Key__c"] == "b", times=1)

    def write() -> Any:
        records = [{"attributes": {"type": "Onboarding__c"}, "First90_Key__c": key} for key in "abc"]
        path = "composite/sobjects/Onboarding__c/First90_Key__c"
        return client.restful(path, method="PATCH", json={"records": records})

    first = write()
    assert [one["success"] for one in first] == [True, False, True]
    assert first[1]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert [one["success"] for one in write()] == [True, True, True]


def test_another_user_edits_at_a_chosen_moment(client: Salesforce, sandbox: Sandbox) -> None:
    made = sandbox.others.create("Account", {"Name": "before"})
    sandbox.faults.add(lambda _: sandbox.others.edit("Account", made, Name="after"), "query", moment="after")
    assert client.query("SELECT Name FROM Account")["records"][0]["Name"] == "before"
    assert client.query("SELECT Name FROM Account")["records"][0]["Name"] == "after"


def test_a_slow_call_does_not_keep_others_waiting(sandbox: Sandbox) -> None:
    sandbox.faults.slow(1.0, "query")
    headers = {"Authorization": f"Bearer {sandbox.org.sessions.open()}"}

    def ask(path: str) -> float:
        begun = time.monotonic()
        assert requests.get(f"{sandbox.url}/services/data/v62.0/{path}", headers=headers, timeout=10).ok
        return time.monotonic() - begun

    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(ask, f"query?q={SOQL}")
        while not sandbox.calls.of("query"):
            time.sleep(0.001)
        quick = ask("limits")
        assert quick < slow.result()
        assert slow.result() >= 1.0
    sandbox.faults.slow(1.0, "limits")
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(f"{sandbox.url}/services/data/v62.0/limits", headers=headers, timeout=0.2)


def test_the_log_tells_kind_object_and_records(client: Salesforce, sandbox: Sandbox) -> None:
    client.query("SELECT Id FROM Contact WHERE LastName = 'x'")
    client.Onboarding__c.describe()
    made = client.Onboarding__c.create({"First90_Key__c": "k1"})
    client.Onboarding__c.get(made["id"])
    told = [
        (call.number, call.method, call.kind, call.sobject, call.records, call.status) for call in sandbox.calls.calls
    ]
    assert told == [
        (1, "GET", "query", "Contact", 0, 200),
        (2, "GET", "describe", "Onboarding__c", 0, 200),
        (3, "POST", "write_record", "Onboarding__c", 1, 201),
        (4, "GET", "record", "Onboarding__c", 1, 200),
    ]
    assert sandbox.calls.calls[0].soql == "SELECT Id FROM Contact WHERE LastName = 'x'"
    assert (sandbox.calls.count(), sandbox.calls.count("query"), sandbox.calls.logins()) == (4, 1, 0)


@pytest.mark.parametrize(
    ("asked", "works"),
    [
        ({"outage": 503, "kinds": ["query"]}, False),
        ({"refuse": "QUERY_TIMEOUT", "kinds": ["query"]}, False),
        ({"cut": True, "kinds": ["query"], "moment": "after"}, False),
        ({"end_sessions": True}, False),
        ({"hide": ["Account.Website"]}, False),
        ({"allowance": 0}, False),
        ({"slow": 0.01}, True),
        ({"spoil": "UNABLE_TO_LOCK_ROW", "times": 1}, True),
        ({"outage": 503, "kinds": ["limits"]}, True),
    ],
)
def test_faults_are_switched_over_http(
    client: Salesforce, sandbox: Sandbox, asked: dict[str, Any], works: bool
) -> None:
    switched = requests.post(f"{sandbox.url}/sandbox/faults", json=asked, timeout=10)
    assert switched.status_code == 200
    try:
        client.query("SELECT Website FROM Account")
        answered = True
    except (SalesforceError, requests.exceptions.ConnectionError):
        answered = False
    assert answered == works
    assert requests.get(f"{sandbox.url}/sandbox/calls", timeout=10).json()[-1]["kind"] == "query"


def test_a_fault_that_is_not_known_is_said_to_be_so(sandbox: Sandbox) -> None:
    for body in ("{}", "[]", "nonsense", '{"outage": "soon"}'):
        assert requests.post(f"{sandbox.url}/sandbox/faults", body, timeout=10).status_code == 400


def test_visibility_by_delay_of_every_write(sandbox: Sandbox, client: Salesforce) -> None:
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    sandbox.at(at)
    account = sandbox.others.create("Account", {"Name": "x"})
    deal = {"Name": "deal", "StageName": "Closed Won", "CloseDate": date(2026, 3, 1), "AccountId": account}
    sandbox.others.create("Opportunity", deal, visible_at=at.replace(minute=10))
    assert client.query("SELECT Id FROM Opportunity")["totalSize"] == 0
    sandbox.at(at.replace(minute=9, second=59))
    assert client.query("SELECT Id FROM Opportunity")["totalSize"] == 0
    sandbox.at(at.replace(minute=10))
    assert client.query("SELECT Id FROM Opportunity")["totalSize"] == 1


def test_a_call_can_be_looked_at_when_it_comes(sandbox: Sandbox, client: Salesforce) -> None:
    seen: list[LoggedCall] = []
    sandbox.faults.add(seen.append, times=None)
    client.query(SOQL)
    client.limits()
    assert [call.kind for call in seen] == ["query", "limits"]
