"""Queries run by the real client over TLS."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simple_salesforce.api import Salesforce
from simple_salesforce.format import format_soql

from tests.examples import examples
from tests.salesforce_fixtures import Sandbox
from tests.sandbox.conftest import Said

Names = Callable[[str], list[str]]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Name = 'ACME'", {"acme"}),
        ("Name = 'ångström ab'", {"Ångström AB"}),
        ("Industry = 'STEEL'", {"acme", "Ångström AB"}),
        ("Industry = null", {"O'Neil \\ Sons"}),
        ("Industry != null", {"acme", "Ångström AB", "50% off_", "zebra"}),
        # an empty field differs from every value
        ("Industry != 'Steel'", {"50% off_", "O'Neil \\ Sons", "zebra"}),
        ("Industry <> 'Steel'", {"50% off_", "O'Neil \\ Sons", "zebra"}),
        ("Industry NOT IN ('steel', 'zoo')", {"50% off_", "O'Neil \\ Sons"}),
        ("Industry IN ('steel', null)", {"acme", "Ångström AB", "O'Neil \\ Sons"}),
        ("AnnualRevenue > 19.5", {"acme", "Ångström AB"}),
        ("AnnualRevenue <= 20", {"acme", "zebra"}),
        ("AnnualRevenue = -1", {"zebra"}),
        ("First90_Churned_On__c = 2026-02-01", {"acme"}),
        ("First90_Churned_On__c < 2026-02-01", set()),
        ("Name LIKE 'a%'", {"acme"}),
        ("Name LIKE '%NEIL%'", {"O'Neil \\ Sons"}),
        ("Name LIKE 'acm_'", {"acme"}),
        ("Name LIKE 'acm'", set()),
        (r"Name LIKE '50\% off\_'", {"50% off_"}),
        (r"Name LIKE '_0\%%'", {"50% off_"}),
        (r"Name LIKE 'acm\_'", set()),
        (r"Name LIKE 'a\%'", set()),
        (r"Name LIKE '%\\%'", {"O'Neil \\ Sons"}),
        (r"Name = 'O\'Neil \\ Sons'", {"O'Neil \\ Sons"}),
        ("Name > 'b'", {"O'Neil \\ Sons", "zebra", "Ångström AB"}),
        ("NOT (Industry = 'Steel')", {"50% off_", "O'Neil \\ Sons", "zebra"}),
        ("(Industry = 'zoo' OR Industry = 'retail') AND AnnualRevenue != null", {"zebra"}),
        ("SystemModstamp > 2026-03-01T09:00:02Z", {"O'Neil \\ Sons", "zebra"}),
        # milliseconds are not compared
        ("SystemModstamp > 2026-03-01T09:00:02.900Z", {"O'Neil \\ Sons", "zebra"}),
        ("SystemModstamp <= 2026-03-01T10:00:01+01:00", {"Ångström AB", "acme"}),
        ("IsDeleted = false", {"acme", "Ångström AB", "50% off_", "O'Neil \\ Sons", "zebra"}),
        ("nAmE = 'zebra'", {"zebra"}),
    ],
)
def test_where(names: Names, portfolio: dict[str, str], where: str, found: set[str]) -> None:
    assert set(names(f"WHERE {where}")) == found


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("AnnualRevenue", ["50% off_", "O'Neil \\ Sons", "zebra", "acme", "Ångström AB"]),
        ("AnnualRevenue NULLS LAST", ["zebra", "acme", "Ångström AB", "50% off_", "O'Neil \\ Sons"]),
        ("AnnualRevenue DESC NULLS LAST", ["Ångström AB", "acme", "zebra", "50% off_", "O'Neil \\ Sons"]),
        ("AnnualRevenue DESC", ["50% off_", "O'Neil \\ Sons", "Ångström AB", "acme", "zebra"]),
    ],
)
def test_order(names: Names, portfolio: dict[str, str], order: str, found: list[str]) -> None:
    key, _, rest = order.partition(" ")
    assert names(f"ORDER BY {key} {rest}, Name") == found


def test_limit_offset_and_count(client: Salesforce, names: Names, portfolio: dict[str, str]) -> None:
    assert names("ORDER BY Name LIMIT 2 OFFSET 1") == ["acme", "O'Neil \\ Sons"]
    counted = client.query("SELECT COUNT() FROM Account WHERE Industry = 'steel'")
    assert (counted["totalSize"], counted["records"], counted["done"]) == (2, [], True)


def test_no_order_by_is_no_order(names: Names, sandbox: Sandbox) -> None:
    for number in range(20):
        sandbox.others.create("Account", {"Name": f"{number:02}"})
    seen = {tuple(names("")) for _ in range(5)}
    assert len(seen) > 1
    assert {frozenset(one) for one in seen} == {frozenset(f"{number:02}" for number in range(20))}


def test_ids_of_15_and_18_characters_name_one_record(client: Salesforce, portfolio: dict[str, str]) -> None:
    full = portfolio["acme"]
    for given_id in (full, full[:15]):
        (row,) = client.query(format_soql("SELECT Id FROM Account WHERE Id = {}", given_id))["records"]
        assert row["Id"] == full
    assert client.query(format_soql("SELECT Id FROM Account WHERE Id IN {}", [full[:15], full]))["totalSize"] == 1


def test_relationships_lead_to_parents(client: Salesforce, sandbox: Sandbox, portfolio: dict[str, str]) -> None:
    boss = sandbox.others.create("User", {"LastName": "Boss", "Name": "Boss", "Email": "boss@vendor.example"})
    seller = sandbox.others.create(
        "User", {"LastName": "Seller", "Name": "Seller", "Email": "s@vendor.example", "ManagerId": boss}
    )
    sandbox.others.edit("Account", portfolio["acme"], OwnerId=seller)
    closed = {"StageName": "Closed Won", "CloseDate": date(2026, 3, 1)}
    sandbox.others.create("Opportunity", {"Name": "with", "AccountId": portfolio["acme"], **closed})
    sandbox.others.create("Opportunity", {"Name": "without", **closed})
    soql = "SELECT Name, Account.Name, account.owner.manager.EMAIL FROM Opportunity ORDER BY Name"
    first, second = client.query(soql)["records"]
    assert first["Account"]["Name"] == "acme"
    assert first["Account"]["attributes"]["type"] == "Account"
    assert first["Account"]["Owner"]["Manager"]["Email"] == "boss@vendor.example"
    assert second["Account"] is None
    found = client.query("SELECT Name FROM Opportunity WHERE Account.Owner.Manager.Name = 'boss'")["records"]
    assert [row["Name"] for row in found] == ["with"]


def test_a_semi_join_takes_ids_from_another_query(client: Salesforce, portfolio: dict[str, str]) -> None:
    inner = "SELECT Id FROM Account WHERE Industry = 'Zoo'"
    assert client.query(f"SELECT Name FROM Account WHERE Id IN ({inner})")["totalSize"] == 1
    assert client.query(f"SELECT Name FROM Account WHERE Id NOT IN ({inner})")["totalSize"] == 4


def test_values_are_answered_in_salesforces_forms(client: Salesforce, sandbox: Sandbox) -> None:
    at = datetime(2026, 3, 1, 9, 30, 15, 999_999, tzinfo=UTC)
    sandbox.at(at)
    sandbox.others.create(
        "Opportunity",
        {
            "Name": "deal",
            "StageName": "Closed Won",
            "IsWon": True,
            "CloseDate": date(2026, 3, 1),
            "Amount": 5000.0,
            "First90_Signed_At__c": at.replace(microsecond=0),
        },
    )
    fields = "Amount, IsWon, IsClosed, CloseDate, First90_Signed_At__c, SystemModstamp, AccountId"
    (row,) = client.query(f"SELECT {fields} FROM Opportunity")["records"]
    assert {name: value for name, value in row.items() if name != "attributes"} == {
        "Amount": 5000.0,
        "IsWon": True,
        "IsClosed": False,
        "CloseDate": "2026-03-01",
        "First90_Signed_At__c": "2026-03-01T09:30:15.000+0000",
        "SystemModstamp": "2026-03-01T09:30:15.000+0000",
        "AccountId": None,
    }


@pytest.mark.parametrize(
    ("soql", "code", "part"),
    [
        ("SELECT Id, Colour__c FROM Account", "INVALID_FIELD", "No such column 'Colour__c' on entity 'Account'."),
        ("SELECT Id FROM Account WHERE Colour__c = 'x'", "INVALID_FIELD", "No such column 'Colour__c'"),
        ("SELECT Id FROM Account ORDER BY Colour__c", "INVALID_FIELD", "No such column 'Colour__c'"),
        ("SELECT Owner.Colour__c FROM Account", "INVALID_FIELD", "No such column 'Colour__c' on entity 'User'."),
        ("SELECT Boss.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Boss' in field path."),
        ("SELECT Id FROM Invoice__c", "INVALID_TYPE", "sObject type 'Invoice__c' is not supported."),
        ("SELECT Id, id FROM Account", "INVALID_FIELD", "duplicate field selected: id"),
        (
            "SELECT Id FROM Account WHERE CreatedDate > '2026-01-01'",
            "INVALID_FIELD",
            "should not be enclosed in quotes",
        ),
        ("SELECT Id FROM Account WHERE CreatedDate > 2026-01-01", "INVALID_FIELD", "must be of type dateTime"),
        (
            "SELECT Id FROM Opportunity WHERE CloseDate > 2026-01-01T00:00:00Z",
            "INVALID_FIELD",
            "value of filter criterion for field 'CloseDate' must be of type date and",
        ),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD", "must be of type string and should be enclosed"),
        ("SELECT Id FROM Opportunity WHERE Amount > '5'", "INVALID_FIELD", "must be of type currency and should not"),
        ("SELECT Id FROM Opportunity WHERE IsWon = 'true'", "INVALID_FIELD", "must be of type boolean"),
        ("SELECT Id FROM Opportunity WHERE First90_Goals__c = 'x'", "INVALID_FIELD", "can not be filtered in a query"),
        ("SELECT Id FROM Opportunity ORDER BY First90_Goals__c", "INVALID_FIELD", "can not be sorted in a query call"),
        ("SELECT Id FROM Account WHERE Id = 'nonsense'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: nonsense"),
        (
            "SELECT Id FROM Account WHERE Id = '0015fQw00000001ZZZ'",  # its last three characters are wrong
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid ID field",
        ),
        ("SELECT Id FROM Account WHERE Id LIKE '001%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
        ("SELECT Id FROM Account WHERE Name > null", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
        ("SELECT Id FROM Opportunity WHERE IsWon > false", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
        ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"),
    ],
)
def test_what_salesforce_refuses(client: Salesforce, said: Said, soql: str, code: str, part: str) -> None:
    status, its_code, message = said(lambda: client.query(soql))
    assert (status, its_code) == (400, code)
    assert part in message


CONDITIONS = st.sampled_from(
    ["Industry = 'Steel'", "Industry = null", "AnnualRevenue > 0", "Name LIKE '%e%'", "Name IN ('acme', 'zebra')"]
)


@given(one=CONDITIONS, other=CONDITIONS)
@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_condition_and_its_opposite_part_the_rows(
    names: Names, portfolio: dict[str, str], one: str, other: str
) -> None:
    both = f"({one}) AND ({other})"
    inside, outside = set(names(f"WHERE {both}")), set(names(f"WHERE NOT ({both})"))
    assert inside | outside == set(portfolio)
    assert not inside & outside
    assert outside == set(names(f"WHERE (NOT ({one})) OR (NOT ({other}))"))


@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=40))
@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hostile_names_are_found_as_they_were_written(client: Salesforce, sandbox: Sandbox, text: str) -> None:
    made = sandbox.others.create("Account", {"Name": text})
    found: list[Any] = client.query(format_soql("SELECT Id, Name FROM Account WHERE Name = {}", text))["records"]
    assert (made, text) in [(row["Id"], row["Name"]) for row in found]
    found = client.query(format_soql("SELECT Id FROM Account WHERE Name LIKE '{:like}%'", text))["records"]
    assert made in [row["Id"] for row in found]
