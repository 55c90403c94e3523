"""Describe, field-level security, pages and their locators, sizes, limits, versions: read by the real client."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from tests.salesforce_fixtures import Sandbox
from tests.sandbox.conftest import Said

SMALL = {"Sforce-Query-Options": "batchSize=200"}


@pytest.fixture
def many(sandbox: Sandbox) -> set[str]:
    """Make 450 deals; return their ids."""
    closed = {"StageName": "Closed Won", "CloseDate": date(2026, 3, 1)}
    return {sandbox.others.create("Opportunity", {"Name": f"deal {number}", **closed}) for number in range(450)}


def test_describe_tells_of_the_package_and_of_what_the_user_may_do(client: Salesforce) -> None:
    listed = {one["name"]: one for one in client.describe()["sobjects"]}
    assert set(listed) == {
        "User",
        "Account",
        "Contact",
        "Opportunity",
        "OpportunityContactRole",
        "OpportunityLineItem",
        "Product2",
        "Onboarding__c",
        "Onboarding_Milestone__c",
    }
    assert not listed["Opportunity"]["updateable"]
    assert listed["Onboarding__c"]["createable"]
    fields = {one["name"]: one for one in client.Onboarding__c.describe()["fields"]}
    key = fields["First90_Key__c"]
    assert (key["type"], key["externalId"], key["unique"], key["nillable"]) == ("string", True, True, False)
    assert fields["Account__c"]["referenceTo"] == ["Account"]
    assert fields["Account__c"]["relationshipName"] == "Account__r"
    assert {value["value"] for value in fields["Status__c"]["picklistValues"]} > {"active", "on_hold"}
    assert not fields["SystemModstamp"]["updateable"]
    goals = {one["name"]: one for one in client.Opportunity.describe()["fields"]}["First90_Goals__c"]
    assert (goals["type"], goals["filterable"], goals["sortable"]) == ("textarea", False, False)


def test_a_hidden_field_is_as_if_it_were_not_there(sandbox: Sandbox, client: Salesforce, said: Said) -> None:
    sandbox.org.rights.hidden.update({"Onboarding__c.Health__c", "Opportunity.AccountId"})
    assert "Health__c" not in {one["name"] for one in client.Onboarding__c.describe()["fields"]}
    assert (
        "No such column 'Health__c' on entity" in said(lambda: client.query("SELECT Health__c FROM Onboarding__c"))[2]
    )
    assert said(lambda: client.Onboarding__c.create({"First90_Key__c": "k", "Health__c": 5})) == (
        400,
        "INVALID_FIELD",
        "No such column 'Health__c' on sobject of type Onboarding__c",
    )
    # a path over a hidden reference is refused as well
    assert "relationship 'Account'" in said(lambda: client.query("SELECT Account.Name FROM Opportunity"))[2]


def test_what_the_permission_set_does_not_grant_is_hidden(client: Salesforce, said: Said) -> None:
    assert "AnnualRevenue" not in {one["name"] for one in client.Account.describe()["fields"]}
    assert said(lambda: client.query("SELECT AnnualRevenue FROM Account"))[1] == "INVALID_FIELD"


def test_a_missing_object_is_unknown_everywhere(sandbox: Sandbox, client: Salesforce, said: Said) -> None:
    sandbox.org.rights.missing.add("Onboarding__c")
    assert "Onboarding__c" not in {one["name"] for one in client.describe()["sobjects"]}
    assert said(client.Onboarding__c.describe)[:2] == (404, "NOT_FOUND")
    assert said(lambda: client.query("SELECT Id FROM Onboarding__c"))[1] == "INVALID_TYPE"
    assert said(lambda: client.Onboarding__c.create({"First90_Key__c": "k"}))[:2] == (404, "NOT_FOUND")


def test_pages_hold_every_row_once(client: Salesforce, sandbox: Sandbox, many: set[str]) -> None:
    first = client.query("SELECT Id FROM Opportunity", headers=SMALL)
    assert (first["totalSize"], len(first["records"]), first["done"]) == (450, 200, False)
    rows = [row["Id"] for row in client.query_all_iter("SELECT Id FROM Opportunity", headers=SMALL)]
    assert len(rows) == 450
    assert set(rows) == many
    assert [call.records for call in sandbox.calls.of("query_more")] == [200, 50]


@pytest.mark.parametrize(("asked", "given"), [(1, 200), (200, 200), (300, 300), (2000, 450), (9999, 450)])
def test_a_page_has_200_to_2000_rows(client: Salesforce, many: set[str], asked: int, given: int) -> None:
    page = client.query("SELECT Id FROM Opportunity", headers={"Sforce-Query-Options": f"batchSize={asked}"})
    assert len(page["records"]) == given


def test_the_org_may_give_smaller_pages_than_asked(client: Salesforce, sandbox: Sandbox, many: set[str]) -> None:
    sandbox.org.page_limit = 100
    assert len(client.query("SELECT Id FROM Opportunity")["records"]) == 100


def test_a_locator_that_was_left_alone_is_lost(
    client: Salesforce, sandbox: Sandbox, many: set[str], said: Said
) -> None:
    first = client.query("SELECT Id FROM Opportunity", headers=SMALL)
    sandbox.later(timedelta(minutes=16))
    more = first["nextRecordsUrl"]
    assert said(lambda: client.query_more(more, identifier_is_url=True)) == (
        400,
        "INVALID_QUERY_LOCATOR",
        "invalid query locator",
    )
    assert said(lambda: client.query_more("nonsense"))[1] == "INVALID_QUERY_LOCATOR"


def test_the_bin_shows_in_query_all_alone(client: Salesforce, sandbox: Sandbox, portfolio: dict[str, str]) -> None:
    sandbox.others.delete("Account", portfolio["acme"])
    assert client.query("SELECT Id FROM Account")["totalSize"] == 4
    rows = client.query("SELECT Name, IsDeleted FROM Account", include_deleted=True)["records"]
    assert {row["Name"] for row in rows if row["IsDeleted"]} == {"acme"}
    assert client.query("SELECT Id FROM Account WHERE IsDeleted = true", include_deleted=True)["totalSize"] == 1
    sandbox.others.undelete("Account", portfolio["acme"])
    assert client.query("SELECT Id FROM Account")["totalSize"] == 5
    sandbox.others.delete("Account", portfolio["acme"])
    sandbox.others.empty_bin("Account", portfolio["acme"])
    assert client.query("SELECT Id FROM Account", include_deleted=True)["totalSize"] == 4


def test_a_merged_record_names_its_master(client: Salesforce, sandbox: Sandbox, portfolio: dict[str, str]) -> None:
    master, loser = portfolio["acme"], portfolio["zebra"]
    contact = sandbox.others.create("Contact", {"LastName": "X", "AccountId": loser})
    sandbox.at(datetime(2026, 4, 1, 9, tzinfo=UTC))
    sandbox.others.merge("Account", master, loser)
    (gone,) = client.query("SELECT Id, MasterRecordId FROM Account WHERE IsDeleted = true", include_deleted=True)[
        "records"
    ]
    assert (gone["Id"], gone["MasterRecordId"]) == (loser, master)
    (moved,) = client.query("SELECT AccountId, SystemModstamp FROM Contact")["records"]
    assert (moved["AccountId"], moved["SystemModstamp"]) == (master, "2026-04-01T09:00:00.000+0000")
    assert contact


def test_a_change_shows_when_its_transaction_ends_and_carries_an_older_stamp(
    client: Salesforce, sandbox: Sandbox
) -> None:
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    sandbox.at(at)
    account = sandbox.others.create("Account", {"Name": "before"})
    sandbox.later(timedelta(minutes=1))
    sandbox.others.edit("Account", account, Name="after", visible_at=at + timedelta(minutes=5))
    sandbox.others.create("Account", {"Name": "new"}, visible_at=at + timedelta(minutes=5))
    soql = "SELECT Name, SystemModstamp FROM Account ORDER BY Name"
    (row,) = client.query(soql)["records"]
    assert (row["Name"], row["SystemModstamp"]) == ("before", "2026-03-01T09:00:00.000+0000")
    sandbox.at(at + timedelta(minutes=5))
    rows = client.query(soql)["records"]
    assert [(row["Name"], row["SystemModstamp"]) for row in rows] == [
        ("after", "2026-03-01T09:01:00.000+0000"),
        ("new", "2026-03-01T09:01:00.000+0000"),
    ]


@pytest.mark.parametrize(("length", "status"), [(16_200, 431), (16_400, 414), (200_000, 414)])
def test_a_long_url_is_refused_in_html(client: Salesforce, length: int, status: int) -> None:
    soql = "SELECT Id FROM Account WHERE Name = '".ljust(length, "x") + "'"
    with pytest.raises(SalesforceError) as refused:
        client.query(soql)
    assert refused.value.status == status
    assert refused.value.content.startswith("<html>")


def test_every_answer_counts_and_says_so(client: Salesforce, sandbox: Sandbox, said: Said) -> None:
    sandbox.org.allowance = 3
    client.query("SELECT Id FROM Account")
    assert client.api_usage["api-usage"].used == 1  # type: ignore[union-attr]
    said(lambda: client.query("nonsense"))
    left = client.limits()["DailyApiRequests"]
    assert (left["Max"], left["Remaining"]) == (3, 0)
    assert said(lambda: client.query("SELECT Id FROM Account")) == (
        403,
        "REQUEST_LIMIT_EXCEEDED",
        "TotalRequests Limit exceeded.",
    )


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/services/data/v62.0/nothing", 404, "NOT_FOUND"),
        ("/services/data/v62.0/sobjects/Invoice__c/describe", 404, "NOT_FOUND"),
        ("/services/data/v99.0/limits", 404, "NOT_FOUND"),
        ("/services/data/62/limits", 404, "NOT_FOUND"),
        ("/services/data/v30.0/limits", 410, "UNSUPPORTED_API_VERSION"),
        ("/services/data/v62.0/query", 400, "MALFORMED_QUERY"),
        ("/services/data/v62.0/sobjects/Account/0065fQw00000001AAA", 400, "MALFORMED_ID"),
        ("/services/data/v62.0/sobjects/Account/0015fQw00000001", 404, "NOT_FOUND"),
        ("/services/data/v62.0/sobjects/Account/Name/acme", 404, "NOT_FOUND"),
        ("/services/data/v62.0/composite/sobjects", 405, "METHOD_NOT_ALLOWED"),
    ],
)
def test_addresses(sandbox: Sandbox, path: str, status: int, code: str) -> None:
    headers = {"Authorization": f"Bearer {sandbox.org.sessions.open()}"}
    answer = requests.get(sandbox.url + path, headers=headers, timeout=10)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)


@pytest.mark.parametrize(
    ("header", "code"),
    [(None, "INVALID_AUTH_HEADER"), ("Bearer", "INVALID_AUTH_HEADER"), ("Bearer gone", "INVALID_SESSION_ID")],
)
def test_without_a_session_nothing_is_told(sandbox: Sandbox, header: str | None, code: str) -> None:
    headers = {"Authorization": header} if header else {}
    answer = requests.get(f"{sandbox.url}/services/data/v62.0/limits", headers=headers, timeout=10)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, code)
    assert requests.get(f"{sandbox.url}/services/data", timeout=10).json()[-1]["version"] == "66.0"


def test_records_are_read_by_id_and_by_key(client: Salesforce, sandbox: Sandbox, said: Said) -> None:
    made = sandbox.others.create("Onboarding__c", {"First90_Key__c": "006:a/b", "Name": "The first"})
    sandbox.others.create("Onboarding__c", {"First90_Key__c": "b"})
    assert client.Onboarding__c.get(made[:15])["First90_Key__c"] == "006:a/b"
    assert client.Onboarding__c.get_by_custom_id("First90_Key__c", "006:a/b")["Id"] == made
    # a slash that is not encoded splits the path
    assert said(lambda: client.restful("sobjects/Onboarding__c/First90_Key__c/006:a/b"))[0] == 404
    sandbox.others.delete("Onboarding__c", made)
    assert said(lambda: client.Onboarding__c.get(made))[:2] == (404, "ENTITY_IS_DELETED")


def test_collections_are_read_in_the_order_asked(client: Salesforce, portfolio: dict[str, str], said: Said) -> None:
    def read(ids: list[str], fields: list[str]) -> Any:
        body = {"ids": ids, "fields": fields}
        return client.restful("composite/sobjects/Account", method="POST", json=body)

    ids = [portfolio["zebra"], "0015fQw99999999AAA"[:15], portfolio["acme"][:15]]
    rows = read(ids, ["Name"])
    assert [row and row["Name"] for row in rows] == ["zebra", None, "acme"]
    assert said(lambda: read(ids, ["Colour__c"]))[1] == "INVALID_FIELD"
    assert said(lambda: read(["nonsense"], ["Name"]))[1] == "MALFORMED_ID"
    assert said(lambda: read(ids * 667, ["Name"]))[1] == "EXCEEDED_ID_LIMIT"


def test_who_is_logged_in_is_told_where_the_app_may_ask(sandbox: Sandbox, client: Salesforce) -> None:
    told: Callable[..., Any] = client.oauth2
    assert told("userinfo")["preferred_username"] == sandbox.org.secrets.username
    sandbox.org.sessions.tells_who = False
    with pytest.raises(SalesforceError) as refused:
        told("userinfo")
    assert (refused.value.status, refused.value.content) == (403, "Bad_OAuth_Token")
