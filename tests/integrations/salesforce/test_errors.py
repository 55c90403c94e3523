"""The table of codes, for whole calls in every shape of body, and for single records with causes in their text."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.salesforce.api.codes import ACCESS, BEGINNINGS, OUTDATED, TABLE, Kind, of_call, of_record
from integrations.salesforce.api.errors import LATER_PAUSE, LIMITS_PAUSE, record_refusal, refusal

PASSES = [
    "UNABLE_TO_LOCK_ROW",
    "SERVER_UNAVAILABLE",
    "QUERY_TIMEOUT",
    "REQUEST_RUNNING_TOO_LONG",
    "UNKNOWN_EXCEPTION",
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
    "ORG_IN_MAINTENANCE",
    "RECORD_IN_USE_BY_WORKFLOW",
    "TERRITORY_REALIGN_IN_PROGRESS",
    "TOO_MANY_APEX_REQUESTS",
    "FUNCTIONALITY_TEMPORARILY_UNAVAILABLE",
    "TooManyLockFailure",
]
USED_UP = ["REQUEST_LIMIT_EXCEEDED", "EXCEEDED_MAX_CONCURRENT", "EXCEEDED_MAX_CONCURRENT_REQUESTS", "ExceededQuota"]
ORG = [
    "STORAGE_LIMIT_EXCEEDED",
    "EXCEEDED_QUOTA",
    "API_DISABLED_FOR_ORG",
    "API_CURRENTLY_DISABLED",
    "TXN_SECURITY_NO_ACCESS",
    "TXN_SECURITY_METERING_HARDSTOP",
    "FUNCTIONALITY_NOT_ENABLED",
    "TRIAL_EXPIRED",
    "ORG_LOCKED",
    "PACKAGE_LICENSE_REQUIRED",
    "UNSUPPORTED_API_VERSION",
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "FeatureNotEnabled",
    "INVALID_LOGIN",
    "invalid_grant",
    "invalid_client",
]
HELD = [
    "ENTITY_IS_LOCKED",
    "ALREADY_IN_PROCESS",
    "INACTIVE_OWNER_OR_USER",
    "INSUFFICIENT_ACCESS",
    "INSUFFICIENT_ACCESS_OR_READONLY",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
]
NEVER = [
    "REQUIRED_FIELD_MISSING",
    "STRING_TOO_LONG",
    "INVALID_FIELD",
    "INVALID_TYPE",
    "MALFORMED_QUERY",
    "MALFORMED_ID",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    "INVALID_EMAIL_ADDRESS",
    "DUPLICATE_VALUE",
    "DUPLICATES_DETECTED",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "FIELD_INTEGRITY_EXCEPTION",
    "ENTITY_IS_DELETED",
    "NOT_FOUND",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
]
STRANGE = ["CANNOT_EXECUTE_FLOW_TRIGGER", "WINTER_27_HAS_A_NEW_CODE", "SELF_REFERENCE_FROM_TRIGGER"]
SESSION = ["INVALID_SESSION_ID", "InvalidSessionId", "ORG_NOT_OWNED_BY_INSTANCE"]
OF_RECORDS: dict[str, Kind] = {
    **dict.fromkeys(PASSES, "transient"),
    **dict.fromkeys(USED_UP, "limits"),
    **dict.fromkeys(SESSION, "session"),
    **dict.fromkeys(ORG, "org"),
    **dict.fromkeys(HELD, "held"),
    **dict.fromkeys(NEVER, "permanent"),
    **dict.fromkeys(STRANGE, "strange"),
}
OF_CALLS: dict[str, Kind] = {
    code: "org" if kind in ("held", "permanent", "strange") else kind for code, kind in OF_RECORDS.items()
}
NAME = "Zoë O'Canary <zoe@canary.example>"


def _bodies(code: str) -> dict[str, Any]:
    """One error in every shape that Salesforce uses."""
    message = f"{code}: {NAME}"
    error = {"message": message, "errorCode": code, "fields": ["Name"]}
    soap = (
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{message}</faultstring></soapenv:Fault>"
        f"<sf:exceptionCode>{code}</sf:exceptionCode>"
    )
    return {
        "array": [error],
        "object": {"exceptionCode": code, "exceptionMessage": message},
        "oauth": {"error": code, "error_description": message},
        "tree": {"hasErrors": True, "results": [{"errors": [{"statusCode": code, "message": message, "fields": []}]}]},
        "xml": f"<?xml version='1.0'?>{soap}",
    }


@pytest.mark.parametrize("status", [400, 403, 404])
@pytest.mark.parametrize("shape", ["array", "object", "oauth", "tree", "xml"])
def test_a_whole_call_that_is_refused_never_costs_a_row(status: int, shape: str) -> None:
    for code, kind in OF_CALLS.items():
        refused = refusal(status, _bodies(code)[shape], "query Contact")
        assert (refused.code, refused.kind) == (code, kind)
        assert "anary" not in str(refused)
        assert code not in ORG or refused.mend, f"{code}: whoever reads it is told what to do"


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_in_trouble_is_judged_by_its_code_where_it_says_one_that_passes(status: int) -> None:
    for code in [*PASSES, *USED_UP, *ORG]:
        wanted = "doubt" if code == "UNKNOWN_EXCEPTION" else OF_CALLS[code]
        assert refusal(status, [{"errorCode": code}], "upsert").kind == wanted
    assert refusal(status, [{"errorCode": "NEW"}], "upsert").kind == ("doubt" if status == 500 else "transient")


@pytest.mark.parametrize(("code", "kind"), OF_RECORDS.items())
def test_a_single_record_is_judged_by_its_code(code: str, kind: Kind) -> None:
    refused = record_refusal([{"statusCode": code, "message": NAME, "fields": ["Status__c"]}], "upsert")
    assert (refused.code, refused.kind, refused.fields) == (code, kind, ("Status__c",))
    assert "anary" not in str(refused)
    assert bool(refused.mend) == (kind in ("org", "held", "strange"))


TRIGGER, FLOW, RULE = (
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    "CANNOT_EXECUTE_FLOW_TRIGGER",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION",
)
INSIDE: list[tuple[str, str, Kind]] = [
    (
        TRIGGER,
        "Rollup: execution of AfterInsert caused by: System.DmlException: UNABLE_TO_LOCK_ROW, unable",
        "transient",
    ),
    (TRIGGER, "Rollup: execution of AfterUpdate: unable to obtain exclusive access to this record", "transient"),
    (TRIGGER, "Trigger: System.LimitException: Too many SOQL queries: 101", "crowded"),
    (TRIGGER, "Trigger: System.LimitException: Apex CPU time limit exceeded", "crowded"),
    (TRIGGER, "Trigger: STORAGE_LIMIT_EXCEEDED, storage limit exceeded: []", "org"),
    (TRIGGER, "Trigger: ENTITY_IS_LOCKED, the entity is locked for editing: []", "held"),
    (TRIGGER, "entity type cannot be inserted: Onboarding Milestone", "org"),
    (TRIGGER, "Trigger: System.NullPointerException: Attempt to de-reference a null object", "permanent"),
    (FLOW, "We can't save this record because the flow failed. Apex CPU time limit exceeded.", "crowded"),
    (FLOW, "The flow failed: You exceeded the maximum number of records; the limit is 50000", "crowded"),
    (FLOW, "This error occurred when the flow tried to update records: UNABLE_TO_LOCK_ROW: unable", "transient"),
    (FLOW, "The flow failed: REQUIRED_FIELD_MISSING: Required fields are missing: [Region__c]", "strange"),
    (RULE, "Update failed. First exception on row 0; first error: UNABLE_TO_LOCK_ROW, unable", "transient"),
    (RULE, "Discounts must not exceed the limit of 20", "permanent"),
    ("APEX_ERROR", "System.LimitException: Too many DML rows: 10001", "crowded"),
    ("APEX_ERROR", "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE, Updates can't be made", "transient"),
]


@pytest.mark.parametrize(("code", "text", "kind"), INSIDE)
def test_what_a_trigger_a_flow_or_a_rule_reports_inside_its_own_error_is_judged_by_its_cause(
    code: str, text: str, kind: Kind
) -> None:
    refused = record_refusal([{"statusCode": code, "message": f"{text} {NAME}", "fields": []}], "upsert")
    assert (refused.code, refused.kind) == (code, kind)
    assert "anary" not in str(refused)


def test_of_several_errors_of_a_record_the_one_counts_that_would_stay() -> None:
    errors = [{"statusCode": "UNABLE_TO_LOCK_ROW"}, {"statusCode": "REQUIRED_FIELD_MISSING", "fields": ["A__c"]}]
    assert record_refusal(errors, "upsert").kind == "permanent"
    assert record_refusal(errors[:1], "upsert").kind == "transient"


@pytest.mark.parametrize("nothing", [None, [], {}, "no", [{"message": "no code"}]])
def test_a_record_refused_without_a_code_comes_again_and_is_told(nothing: Any) -> None:
    assert record_refusal(nothing, "upsert").kind == "strange"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(500, "doubt"), (502, "doubt"), (504, "doubt"), (408, "doubt"), (503, "transient"), (429, "transient")]
    + [(status, "org") for status in (301, 400, 403, 404, 405, 409, 410, 413, 414, 415, 420, 431)],
)
@pytest.mark.parametrize("body", ["<html><h1>Bad gateway</h1></html>", "", None, [], {}, ["http://a", "http://b"], 7])
def test_a_page_of_a_load_balancer_is_judged_by_its_status(status: int, kind: Kind, body: Any) -> None:
    refused = refusal(status, body, "query Contact")
    assert (refused.code, refused.kind) == (f"HTTP_{status}", kind)


def test_how_long_to_wait_is_said_where_waiting_helps() -> None:
    waits = {code: refusal(400, [{"errorCode": code}], "x").retry_after for code in (*PASSES, *USED_UP)}
    assert waits == dict.fromkeys(PASSES, LATER_PAUSE) | dict.fromkeys(USED_UP, LIMITS_PAUSE)
    assert refusal(400, [{"errorCode": "NOT_FOUND"}], "x").retry_after is None


def test_every_code_of_the_table_stands_on_its_page_under_its_verdict() -> None:
    page = (Path(__file__).parents[3] / "docs" / "salesforce-errors.md").read_text("utf-8")
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    for code, meaning in [*TABLE.items(), *BEGINNINGS.items()]:
        shown = f"`{code}`" if code in TABLE else f"`{code}...`"
        [title] = [title for title, text in sections.items() if shown in text]
        assert f"({meaning.kind})" in title, code


def test_families_of_codes_do_not_overlap() -> None:
    assert {of_record(code).kind for code in ACCESS} == {"held"}
    assert {of_call(code, 403).kind for code in ACCESS} == {"org"}
    assert all(code in TABLE for code in OUTDATED)
    assert not [code for code in TABLE for start in BEGINNINGS if code.startswith(start)]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["errorCode", "error", "errors", "message", "fields"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(status=st.integers(300, 599), body=anything)
def test_no_body_breaks_the_reading_of_an_error_and_no_whole_call_is_a_rows_fault(status: int, body: Any) -> None:
    refused = refusal(status, body, "x")
    assert refused.kind not in ("permanent", "held", "strange")
    assert len(str(refused)) < 1000
    assert "\n" not in str(refused)


@given(st.from_regex(r"[A-Z]{3,12}(_[A-Z]{2,12}){1,4}", fullmatch=True))
def test_an_unknown_code_is_never_the_end_of_a_row(code: str) -> None:
    known = code in TABLE or any(code.startswith(start) for start in BEGINNINGS)
    assert known or record_refusal([{"statusCode": code, "message": ""}], "x").kind == "strange"


@given(st.text(min_size=1, max_size=80))
def test_what_is_no_code_and_no_field_is_never_repeated(text: str) -> None:
    said = str(refusal(400, [{"errorCode": f"{text} <", "message": text, "fields": [f"{text}@", 3, None]}], "x"))
    assert said.partition(";")[0] == "Salesforce, x: HTTP_400 (400)"
