"""The retry table of the integration facts, for whole calls in every shape of body, and for single records."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.salesforce.errors import LATER_PAUSE, LIMITS_PAUSE, Kind, kind_of, record_refusal, refusal

LATER = ["UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT"]
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
    "INSUFFICIENT_ACCESS_OR_READONLY",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    "ENTITY_IS_DELETED",
    "NOT_FOUND",
    "invalid_grant",
    "invalid_client",
]
TABLE = [
    *((code, 400, "transient") for code in LATER),
    ("SERVER_UNAVAILABLE", 503, "transient"),
    ("REQUEST_LIMIT_EXCEEDED", 403, "limits"),
    ("INVALID_SESSION_ID", 401, "session"),
    ("InvalidSessionId", 400, "session"),
    *((code, 400, "permanent") for code in NEVER),
]
NAME = "Zoë O'Canary <zoe@canary.example>"


def _bodies(code: str) -> dict[str, Any]:
    """One error in every shape that Salesforce gives it."""
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


@pytest.mark.parametrize("shape", ["array", "object", "oauth", "tree", "xml"])
@pytest.mark.parametrize(("code", "status", "kind"), TABLE)
def test_a_whole_call_is_judged_by_its_code(code: str, status: int, kind: Kind, shape: str) -> None:
    refused = refusal(status, _bodies(code)[shape], "query Contact")
    assert (refused.code, refused.kind) == (code, kind)
    assert "anary" not in str(refused)


@pytest.mark.parametrize(("code", "status", "kind"), TABLE)
def test_a_single_record_is_judged_by_its_code(code: str, status: int, kind: Kind) -> None:
    refused = record_refusal([{"statusCode": code, "message": NAME, "fields": ["Status__c"]}], "upsert")
    assert (refused.code, refused.kind, refused.fields) == (code, kind, ("Status__c",))
    assert "anary" not in str(refused)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(500, "doubt"), (502, "doubt"), (504, "doubt"), (503, "transient"), (429, "transient"), (404, "permanent")],
)
@pytest.mark.parametrize("body", ["<html><h1>Bad gateway</h1></html>", "", None, [], {}, ["http://a", "http://b"], 7])
def test_a_page_of_a_load_balancer_is_judged_by_its_status(status: int, kind: Kind, body: Any) -> None:
    refused = refusal(status, body, "query Contact")
    assert (refused.code, refused.kind) == (f"HTTP_{status}", kind)


def test_how_long_to_wait_is_said_where_waiting_helps() -> None:
    waits = {code: refusal(400, [{"errorCode": code}], "x").retry_after for code in (*LATER, "REQUEST_LIMIT_EXCEEDED")}
    assert waits == dict.fromkeys(LATER, LATER_PAUSE) | {"REQUEST_LIMIT_EXCEEDED": LIMITS_PAUSE}
    assert refusal(400, [{"errorCode": "NOT_FOUND"}], "x").retry_after is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["errorCode", "error", "errors", "message", "fields"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(status=st.integers(300, 599), body=anything)
def test_no_body_breaks_the_reading_of_an_error(status: int, body: Any) -> None:
    refused = refusal(status, body, "x")
    assert refused.kind == kind_of(refused.code, status)
    assert len(str(refused)) < 1000
    assert "\n" not in str(refused)


@given(st.text(min_size=1, max_size=80))
def test_what_is_no_code_and_no_field_is_never_repeated(text: str) -> None:
    said = str(refusal(400, [{"errorCode": f"{text} <", "message": text, "fields": [f"{text}@", 3, None]}], "x"))
    assert said == "Salesforce, x: HTTP_400 (400)"
