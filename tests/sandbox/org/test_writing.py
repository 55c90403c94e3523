"""Records written one by one and in collections: every check, in Salesforce's codes."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceMoreThanOneRecord
from simple_salesforce.format import format_external_id

from tests.examples import examples
from tests.salesforce_fixtures import Sandbox
from tests.sandbox.conftest import Said

Write = Callable[..., list[dict[str, Any]]]
KEY = "First90_Key__c"


@pytest.fixture
def parents(sandbox: Sandbox) -> dict[str, str]:
    """Make an account, a deal and an onboarding."""
    account = sandbox.others.create("Account", {"Name": "acme"})
    deal = {"Name": "deal", "StageName": "Closed Won", "AccountId": account}
    return {
        "account": account,
        "deal": sandbox.others.create("Opportunity", deal),
        "onboarding": sandbox.others.create("Onboarding__c", {KEY: "k"}),
    }


@pytest.fixture
def upsert(client: Salesforce) -> Write:
    """Upsert records of one object as a collection."""

    def write(sobject: str, *records: Mapping[str, Any], **options: Any) -> list[dict[str, Any]]:
        marked = [{"attributes": {"type": sobject}, **record} for record in records]
        answer = client.restful(
            f"composite/sobjects/{sobject}/{KEY}", method="PATCH", json={"records": marked, **options}
        )
        assert isinstance(answer, list)
        return answer

    return write


def test_a_key_is_made_once_and_then_changed(client: Salesforce, sandbox: Sandbox) -> None:
    made = client.Onboarding__c.upsert(f"{KEY}/k1", {"Stage__c": "handoff"}, raw_response=True)
    assert (made.status_code, made.json()["created"]) == (201, True)
    again = client.Onboarding__c.upsert(f"{KEY}/K1", {"Stage__c": "kickoff"}, raw_response=True)
    assert (again.status_code, again.json()["created"]) == (200, False)
    assert again.json()["id"] == made.json()["id"]
    (row,) = sandbox.others.rows("Onboarding__c")
    assert (row[KEY], row["Stage__c"]) == ("k1", "kickoff")
    assert row["Name"]


@given(key=st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=40))
@example(key="/")
@example(key="a/b?c=d&e#f%2F+")
@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_key_finds_its_record_again(client: Salesforce, sandbox: Sandbox, key: str) -> None:
    assume(key.strip("."))  # dots as a step of a path lead to another path
    path = format_external_id(KEY, key)
    client.Onboarding__c.upsert(path, {"Stage__c": "handoff"})
    assert client.Onboarding__c.upsert(path, {"Stage__c": "kickoff"}) == 200
    assert client.Onboarding__c.get(path)[KEY].casefold() == key.casefold()


def test_create_update_and_delete(client: Salesforce, sandbox: Sandbox, said: Said) -> None:
    made = client.Onboarding__c.create({KEY: "k1", "Stage__c": "handoff"})
    assert made["success"]
    assert client.Onboarding__c.update(made["id"], {"Stage__c": None}) == 204
    assert client.Onboarding__c.get(made["id"])["Stage__c"] is None
    # the package's permission set does not let first90 delete
    assert said(lambda: client.Onboarding__c.delete(made["id"]))[1] == "INSUFFICIENT_ACCESS_OR_READONLY"
    sandbox.others.delete("Onboarding__c", made["id"])
    assert said(lambda: client.Onboarding__c.update(made["id"], {"Stage__c": "kickoff"}))[1] == "ENTITY_IS_DELETED"


@pytest.mark.parametrize(
    ("values", "code", "part"),
    [
        ({"Stage__c": "handoff"}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [First90_Key__c]"),
        ({KEY: "x" * 256}, "STRING_TOO_LONG", "data value too large"),
        ({KEY: "k1", "Colour__c": 1}, "INVALID_FIELD", "No such column 'Colour__c' on sobject of type Onboarding__c"),
        ({KEY: "k1", "Status__c": "bogus"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted"),
        ({KEY: "k1", "Health__c": "five"}, "JSON_PARSER_ERROR", "Cannot deserialize instance of double from"),
        ({KEY: "k1", "Health__c": True}, "JSON_PARSER_ERROR", "Cannot deserialize instance of double from VALUE_TRUE"),
        ({KEY: "k1", "Health__c": 10**12}, "NUMBER_OUTSIDE_VALID_RANGE", "value outside of valid range"),
        ({KEY: "k1", "Target_On__c": "01.03.2026"}, "JSON_PARSER_ERROR", "instance of date from VALUE_STRING value"),
        ({KEY: "k1", "Target_On__c": "2026-02-30"}, "JSON_PARSER_ERROR", "instance of date from VALUE_STRING value"),
        ({KEY: "k1", "Target_On__c": 20260301}, "JSON_PARSER_ERROR", "instance of date from VALUE_NUMBER value"),
        ({KEY: "k1", "Signed_At__c": "2026-03-01"}, "JSON_PARSER_ERROR", "instance of datetime from"),
        ({KEY: "k1", "Signed_At__c": "2026-03-01T09:00:00"}, "JSON_PARSER_ERROR", "instance of datetime from"),
        ({KEY: "k1", "Stage__c": ["handoff"]}, "JSON_PARSER_ERROR", "START_ARRAY"),
        ({KEY: "k1", "Account__c": "acme"}, "MALFORMED_ID", "id value of incorrect type: acme"),
        ({KEY: "k1", "Account__c": "0065fQw00000001"}, "FIELD_INTEGRITY_EXCEPTION", "id value of incorrect type"),
        ({KEY: "k1", "Account__c": "0015fQw00000001"}, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
        ({KEY: "k1", "Account__r": {"Name": "acme"}}, "INVALID_FIELD", "No such column 'Name'"),
        ({KEY: "k1", "Owner_Email__c": "nobody"}, "INVALID_EMAIL_ADDRESS", "invalid email address: nobody"),
        ({KEY: "k1", "SystemModstamp": "2026-03-01T09:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "SystemModstamp"),
        ({KEY: "k1", "Id": "a005fQw00000001"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id"),
        ({KEY: "K"}, "DUPLICATE_VALUE", "duplicate value found: First90_Key__c duplicates value on record with id: a"),
    ],
)
def test_what_one_record_is_refused_for(
    client: Salesforce, parents: dict[str, str], said: Said, values: dict[str, Any], code: str, part: str
) -> None:
    status, its_code, message = said(lambda: client.Onboarding__c.create(values))
    assert (status, its_code) == (400, code)
    assert part in message


def test_a_single_upsert_names_its_key_in_the_path_alone(client: Salesforce, said: Said) -> None:
    for name in (KEY, "Id"):
        assert said(lambda name=name: client.Onboarding__c.upsert(f"{KEY}/k1", {name: "k1"})) == (
            400,
            "INVALID_FIELD",
            f"The {name} field should not be specified in the sobject data.",
        )
    assert said(lambda: client.Onboarding__c.upsert("Stage__c/handoff", {}))[:2] == (404, "NOT_FOUND")


def test_what_is_no_json_of_a_record_is_refused(client: Salesforce, said: Said) -> None:
    def post(**options: Any) -> Any:
        return client.restful("sobjects/Onboarding__c", method="POST", **options)

    assert said(lambda: post(data="{"))[1] == "JSON_PARSER_ERROR"
    assert said(lambda: post(json=[1]))[1] == "JSON_PARSER_ERROR"
    assert said(lambda: post(data="{}", headers={"Content-Type": "text/plain"}))[:2] == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_several_records_of_one_key_are_refused(client: Salesforce, sandbox: Sandbox) -> None:
    for _ in range(2):
        sandbox.others.create("Onboarding__c", {KEY: "twin"})
    with pytest.raises(SalesforceMoreThanOneRecord):
        client.Onboarding__c.upsert(f"{KEY}/twin", {"Stage__c": "handoff"})


def test_an_object_that_may_only_be_read_is_not_written(
    client: Salesforce, parents: dict[str, str], said: Said
) -> None:
    assert said(lambda: client.Account.create({"Name": "x"}))[1] == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert said(lambda: client.Account.update(parents["account"], {"Name": "x"}))[1] == (
        "INSUFFICIENT_ACCESS_OR_READONLY"
    )


def test_a_field_that_may_only_be_read_is_not_written(sandbox: Sandbox, client: Salesforce, said: Said) -> None:
    sandbox.org.rights.read_only.add("Onboarding__c.Stage__c")
    _, code, message = said(lambda: client.Onboarding__c.create({KEY: "k1", "Stage__c": "handoff"}))
    assert code == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert "Stage__c" in message


def test_text_is_trimmed_and_an_empty_one_is_nothing(client: Salesforce, sandbox: Sandbox) -> None:
    client.Onboarding__c.create({KEY: " k1 ", "Stage__c": ""})
    (row,) = sandbox.others.rows("Onboarding__c")
    assert (row[KEY], row.get("Stage__c")) == ("k1", None)


def test_a_parent_is_named_by_its_key(upsert: Write, sandbox: Sandbox, parents: dict[str, str]) -> None:
    milestone = {KEY: "m1", "Milestone__c": "welcome_sent", "Onboarding__r": {KEY: "k"}}
    stranger = {KEY: "m2", "Milestone__c": "welcome_sent", "Onboarding__r": {KEY: "nobody"}}
    orphan = {KEY: "m3", "Milestone__c": "welcome_sent"}
    made, refused, alone = upsert("Onboarding_Milestone__c", milestone, stranger, orphan)
    assert made["created"]
    assert refused["errors"][0]["message"] == (
        "Foreign key external ID: nobody not found for field First90_Key__c in entity Onboarding__c"
    )
    assert alone["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    (row,) = sandbox.others.rows("Onboarding_Milestone__c")
    assert row["Onboarding__c"] == parents["onboarding"]
    sandbox.others.delete("Onboarding__c", parents["onboarding"])
    assert sandbox.others.rows("Onboarding_Milestone__c") == []
    (lost,) = upsert("Onboarding_Milestone__c", {KEY: "m4", "Onboarding__c": parents["onboarding"]})
    assert lost["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"


def test_each_record_of_a_collection_has_a_result_of_its_own(upsert: Write, sandbox: Sandbox) -> None:
    results = upsert(
        "Onboarding__c",
        {KEY: "a", "Stage__c": "handoff"},
        {KEY: "b", "Status__c": "bogus"},
        {KEY: "c"},
        {"Stage__c": "handoff"},
    )
    assert [one["success"] for one in results] == [True, False, True, False]
    assert results[1]["errors"] == [
        {
            "statusCode": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "message": "Status: bad value for restricted picklist field: bogus",
            "fields": ["Status__c"],
        }
    ]
    assert "id" not in results[1]
    assert results[3]["errors"][0]["statusCode"] == "MISSING_ARGUMENT"
    assert {row[KEY] for row in sandbox.others.rows("Onboarding__c")} == {"a", "c"}
    assert [one.get("created") for one in upsert("Onboarding__c", {KEY: "a"}, {KEY: "d"})] == [False, True]


def test_the_same_key_twice_fails_both(upsert: Write, sandbox: Sandbox) -> None:
    results = upsert("Onboarding__c", {KEY: "a"}, {KEY: "b"}, {KEY: "A"})
    assert [one["success"] for one in results] == [False, True, False]
    assert results[0]["errors"][0]["statusCode"] == "DUPLICATE_VALUE"
    assert results[0]["errors"][0]["message"] == "Duplicate external id specified: a"
    assert [row[KEY] for row in sandbox.others.rows("Onboarding__c")] == ["b"]


def test_all_or_none_takes_everything_back(upsert: Write, sandbox: Sandbox) -> None:
    upsert("Onboarding__c", {KEY: "old", "Stage__c": "handoff"})
    records = ({KEY: "old", "Stage__c": "kickoff"}, {KEY: "new"}, {KEY: "bad", "Status__c": "bogus"})
    results = upsert("Onboarding__c", *records, allOrNone=True)
    assert [one["errors"][0]["statusCode"] for one in results] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    ]
    assert [(row[KEY], row["Stage__c"]) for row in sandbox.others.rows("Onboarding__c")] == [("old", "handoff")]


def test_what_cannot_be_parsed_refuses_the_whole_collection(upsert: Write, sandbox: Sandbox, said: Said) -> None:
    for bad in ({"Colour__c": 1}, {"Target_On__c": "soon"}):
        status, code, _ = said(lambda bad=bad: upsert("Onboarding__c", {KEY: "a"}, {KEY: "b", **bad}))
        assert (status, code) in {(400, "INVALID_FIELD"), (400, "JSON_PARSER_ERROR")}
    assert sandbox.others.rows("Onboarding__c") == []


def test_a_collection_has_at_most_200_records_in_10_chunks(client: Salesforce, upsert: Write, said: Said) -> None:
    assert len(upsert("Onboarding__c", *({KEY: str(number)} for number in range(200)))) == 200
    status, code, message = said(lambda: upsert("Onboarding__c", *({KEY: str(number)} for number in range(201))))
    assert (status, code) == (400, "EXCEEDED_ID_LIMIT")
    assert message == "record limit reached. cannot submit more than 200 records into this call"
    kinds = ["Onboarding__c", "Onboarding_Milestone__c"] * 6
    mixed = [{"attributes": {"type": kind}, KEY: f"x{number}"} for number, kind in enumerate(kinds[:11])]

    def create(records: list[dict[str, Any]]) -> Any:
        return client.restful("composite/sobjects", method="POST", json={"records": records})

    assert said(lambda: create(mixed))[1] == "LIMIT_EXCEEDED"
    assert len(create(mixed[:10])) == 10
    assert said(lambda: create([]))[0] == 400


def test_collections_create_and_update(client: Salesforce, sandbox: Sandbox) -> None:
    def call(method: str, *records: dict[str, Any]) -> Any:
        marked = [{"attributes": {"type": "Onboarding__c"}, **record} for record in records]
        return client.restful("composite/sobjects", method=method, json={"records": marked})

    made, twin = call("POST", {KEY: "a"}, {KEY: "A"})
    assert made["success"]
    assert twin["errors"][0]["statusCode"] == "DUPLICATE_VALUE"
    done, nameless, wrong, gone = call(
        "PATCH",
        {"id": made["id"], "Stage__c": "kickoff"},
        {"Stage__c": "kickoff"},
        {"id": "nonsense"},
        {"id": made["id"][:12] + "999"},
    )
    assert done == {"id": made["id"], "success": True, "errors": []}
    assert nameless["errors"][0]["statusCode"] == "MISSING_ARGUMENT"
    assert wrong["errors"][0]["statusCode"] == "MALFORMED_ID"
    assert gone["errors"][0]["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"


def test_a_validation_rule_refuses_in_its_own_words(upsert: Write, sandbox: Sandbox) -> None:
    def rule(sobject: str, values: Mapping[str, Any]) -> str | None:
        return "No kickoff in March" if values.get("Stage__c") == "kickoff" else None

    sandbox.org.validation_rules.append(rule)
    good, bad = upsert("Onboarding__c", {KEY: "a", "Stage__c": "handoff"}, {KEY: "b", "Stage__c": "kickoff"})
    assert good["success"]
    assert bad["errors"][0] == {
        "statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "message": "No kickoff in March",
        "fields": [],
    }


def test_each_write_moves_the_stamp_even_without_a_change(upsert: Write, sandbox: Sandbox) -> None:
    sandbox.at(datetime(2026, 3, 1, 9, tzinfo=UTC))
    upsert("Onboarding__c", {KEY: "a"})
    sandbox.later(timedelta(seconds=90.7))
    upsert("Onboarding__c", {KEY: "a"})
    (row,) = sandbox.others.rows("Onboarding__c")
    assert row["SystemModstamp"] == datetime(2026, 3, 1, 9, 1, 30, tzinfo=UTC)
    assert row["CreatedDate"] == datetime(2026, 3, 1, 9, tzinfo=UTC)
