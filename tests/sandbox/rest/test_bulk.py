"""Bulk API 2.0 and composite queries of the sandbox: the real client works with them, and errors are refused."""

import csv
import io
from typing import Any

import pytest
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError, SalesforceMalformedRequest

from tests.salesforce_fixtures import Sandbox

ONBOARDING, KEY = "Onboarding__c", "First90_Key__c"
JOB = {"object": ONBOARDING, "operation": "upsert", "externalIdFieldName": KEY, "contentType": "CSV"}
SHEET = f"{KEY},Stage__c,Health__c\nk1,setup,70\nk2,kickoff,\n"


def call(client: Salesforce, method: str, path: str, **options: Any) -> Any:
    headers = {**client.headers, **options.pop("headers", {})}
    answer = client.session.request(method, client.base_url + path, headers=headers, **options)
    if answer.status_code >= 400:
        raise SalesforceError(answer.url, answer.status_code, path, answer.json())
    return answer.json() if "json" in answer.headers.get("Content-Type", "") else answer.text


def refused(client: Salesforce, method: str, path: str, **options: Any) -> tuple[int, str]:
    with pytest.raises(SalesforceError) as caught:
        call(client, method, path, **options)
    return caught.value.status, caught.value.content[0]["errorCode"]


def ingest(client: Salesforce, sheet: str, **job: Any) -> dict[str, Any]:
    """Run a job from its creation to its end."""
    made = call(client, "POST", "jobs/ingest", json={**JOB, **job})
    path = f"jobs/ingest/{made['id']}"
    call(client, "PUT", f"{path}/batches", data=sheet.encode(), headers={"Content-Type": "text/csv"})
    call(client, "PATCH", path, json={"state": "UploadComplete"})
    return dict(call(client, "GET", path))


def results(client: Salesforce, job: dict[str, Any], part: str) -> list[dict[str, str]]:
    text = call(client, "GET", f"jobs/ingest/{job['id']}/{part}")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_real_client_s_own_bulk_upsert_works_here(client: Salesforce, sandbox: Sandbox) -> None:
    rows = [{KEY: f"k{n}", "Stage__c": "setup" if n else "nonsense"} for n in range(5)]
    [told] = client.bulk2.Onboarding__c.upsert(records=rows, external_id_field=KEY, wait=1)
    assert (told["numberRecordsProcessed"], told["numberRecordsFailed"]) == (5, 1)
    [failed] = csv.DictReader(io.StringIO(client.bulk2.Onboarding__c.get_failed_records(told["job_id"])))
    assert failed["sf__Error"].startswith("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:")
    assert failed["sf__Error"].endswith(":Stage__c --")
    assert {row.values[KEY] for row in sandbox.org.records.all(ONBOARDING)} == {"k1", "k2", "k3", "k4"}


def test_a_row_is_made_or_changed_and_says_which(client: Salesforce, sandbox: Sandbox) -> None:
    first = ingest(client, SHEET)
    assert first["state"] == "JobComplete"
    assert {row["sf__Created"] for row in results(client, first, "successfulResults")} == {"true"}
    again = ingest(client, f"{KEY},Stage__c,Health__c\nk1,,#N/A\nk2,done,5\n")
    found = {row[KEY]: row for row in results(client, again, "successfulResults")}
    assert {row["sf__Created"] for row in found.values()} == {"false"}
    held = {row.values[KEY]: row.values for row in sandbox.org.records.all(ONBOARDING)}
    assert (held["k1"]["Stage__c"], held["k1"]["Health__c"]) == ("setup", None), "empty is left alone, #N/A empties"
    assert (held["k2"]["Stage__c"], held["k2"]["Health__c"]) == ("done", 5.0)
    assert found["k1"]["sf__Id"] == held["k1"]["Id"]


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        (SHEET.replace("Health__c", "Wealth__c"), "InvalidBatch : Field name not found : Wealth__c"),
        (SHEET.replace("Health__c", "Nobody__r.First90_Key__c"), "InvalidBatch : Field name not found : Nobody__r"),
        ("Stage__c\nsetup\n", f"InvalidBatch : Field name not found : {KEY}"),
        (SHEET.replace("\n", "\r\n"), "ClientInputError : LineEnding is invalid on user data"),
        (SHEET + "k3,setup\n", "InvalidBatch : the number of fields differs"),
        ("", "InvalidBatch"),
    ],
)
def test_a_bad_sheet_fails_its_job_and_no_row_is_processed(
    client: Salesforce, sandbox: Sandbox, sheet: str, said: str
) -> None:
    job = ingest(client, sheet)
    assert job["state"] == "Failed"
    assert job["errorMessage"].startswith(said)
    assert (job["numberRecordsProcessed"], sandbox.org.records.all(ONBOARDING)) == (0, [])


def test_a_hidden_field_is_no_column(client: Salesforce, sandbox: Sandbox) -> None:
    sandbox.org.rights.hidden.add(f"{ONBOARDING}.Health__c")
    assert ingest(client, SHEET)["errorMessage"] == "InvalidBatch : Field name not found : Health__c"


def test_the_same_key_twice_fails_both_rows_in_any_case(client: Salesforce, sandbox: Sandbox) -> None:
    job = ingest(client, f"{KEY},Stage__c\nk1,setup\nK1,kickoff\nk2,setup\n,setup\n")
    failed = {row[KEY]: row["sf__Error"].partition(":")[0] for row in results(client, job, "failedResults")}
    assert failed == {"k1": "DUPLICATE_VALUE", "K1": "DUPLICATE_VALUE", "": "MISSING_ARGUMENT"}
    assert [row.values[KEY] for row in sandbox.org.records.all(ONBOARDING)] == ["k2"]


def test_an_aborted_job_gives_its_rows_back(client: Salesforce, sandbox: Sandbox) -> None:
    sandbox.org.bulk.rows_a_look = 1
    job = ingest(client, SHEET)
    assert (job["state"], job["numberRecordsProcessed"]) == ("InProgress", 1)
    assert call(client, "PATCH", f"jobs/ingest/{job['id']}", json={"state": "Aborted"})["state"] == "Aborted"
    assert [row[KEY] for row in results(client, job, "successfulResults")] == ["k1"]
    assert [row[KEY] for row in results(client, job, "unprocessedrecords")] == ["k2"]
    call(client, "GET", f"jobs/ingest/{job['id']}")
    assert len(sandbox.org.records.all(ONBOARDING)) == 1, "nothing happens to an ended job"


def test_a_job_that_is_aborted_before_it_began_gives_all_its_rows_back(client: Salesforce) -> None:
    job = call(client, "POST", "jobs/ingest", json=JOB)
    path = f"jobs/ingest/{job['id']}"
    call(client, "PUT", f"{path}/batches", data=SHEET.encode(), headers={"Content-Type": "text/csv"})
    call(client, "PATCH", path, json={"state": "Aborted"})
    assert {row[KEY] for row in results(client, job, "unprocessedrecords")} == {"k1", "k2"}
    assert results(client, job, "successfulResults") == []


def test_a_job_is_dealt_with_in_its_order_only(client: Salesforce, sandbox: Sandbox) -> None:
    sandbox.org.bulk.rows_a_look = 1
    job = ingest(client, SHEET)
    path, text = f"jobs/ingest/{job['id']}", {"Content-Type": "text/csv"}
    wrong = (400, "INVALIDJOBSTATE")
    assert refused(client, "PUT", f"{path}/batches", data=b"x", headers=text) == wrong
    assert refused(client, "PATCH", path, json={"state": "UploadComplete"}) == wrong
    assert refused(client, "GET", f"{path}/successfulResults") == wrong
    assert refused(client, "DELETE", path) == wrong
    call(client, "GET", path)
    assert refused(client, "PATCH", path, json={"state": "Aborted"}) == wrong
    assert call(client, "DELETE", path) == ""
    assert refused(client, "GET", path) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("job", "code"),
    [
        ({"object": "Nothing__c"}, "INVALIDENTITY"),
        ({"operation": "insert"}, "INVALIDJOB"),
        ({"externalIdFieldName": "Stage__c"}, "INVALIDJOB"),
        ({"externalIdFieldName": None}, "INVALIDJOB"),
        ({"lineEnding": "CR"}, "INVALIDJOB"),
        ({"contentType": "JSON"}, "INVALIDJOB"),
    ],
)
def test_a_job_that_cannot_be_is_refused(client: Salesforce, job: dict[str, Any], code: str) -> None:
    assert refused(client, "POST", "jobs/ingest", json={**JOB, **job}) == (400, code)


def test_a_sheet_has_to_call_itself_csv(client: Salesforce) -> None:
    made = call(client, "POST", "jobs/ingest", json=JOB)
    status = refused(client, "PUT", f"jobs/ingest/{made['id']}/batches", data=SHEET.encode())
    assert status == (415, "UNSUPPORTED_MEDIA_TYPE")


# Composite


def composite(client: Salesforce, *queries: str) -> Any:
    base = client.base_url.removeprefix(f"https://{client.sf_instance}")
    asked = [
        {"method": "GET", "url": f"{base}query?q={query.replace(' ', '+')}", "referenceId": f"q{number}"}
        for number, query in enumerate(queries)
    ]
    return call(client, "POST", "composite", json={"compositeRequest": asked})


def test_five_queries_count_as_one_call_and_each_has_its_own_answer(client: Salesforce, sandbox: Sandbox) -> None:
    ingest(client, SHEET)
    before = sandbox.org.used
    good = f"SELECT {KEY} FROM {ONBOARDING} WHERE Stage__c = 'setup'"
    answers = composite(client, good, "SELECT Nothing__c FROM Account")["compositeResponse"]
    assert sandbox.org.used - before == 1
    assert [answer["httpStatusCode"] for answer in answers] == [200, 400]
    assert [row[KEY] for row in answers[0]["body"]["records"]] == ["k1"]
    assert answers[1]["body"][0]["errorCode"] == "INVALID_FIELD"
    assert [answer["referenceId"] for answer in answers] == ["q0", "q1"]


def test_a_sixth_query_is_over_the_limit(client: Salesforce) -> None:
    answers = composite(client, *["SELECT Id FROM Account"] * 6)["compositeResponse"]
    assert [answer["httpStatusCode"] for answer in answers] == [200] * 5 + [400]
    assert answers[5]["body"][0]["errorCode"] == "LIMIT_EXCEEDED"
    with pytest.raises(SalesforceError):
        composite(client, *["SELECT Id FROM Account"] * 26)


def test_a_long_query_that_no_address_can_hold_passes_in_a_composite(client: Salesforce) -> None:
    keys = ", ".join(f"'{n:060d}'" for n in range(300))
    query = f"SELECT Id FROM {ONBOARDING} WHERE {KEY} IN ({keys})"
    assert composite(client, query)["compositeResponse"][0]["httpStatusCode"] == 200
    with pytest.raises((SalesforceError, SalesforceMalformedRequest)):
        client.query(query)
