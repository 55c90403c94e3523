"""The meaning of Salesforce's error codes: one table from code to kind, and the causes in a trigger's text.

Pure. The codes are those of the StatusCode and ExceptionCode lists of Salesforce's API reference, the errors of Bulk
API 2.0 and those of OAuth. ``docs/salesforce-errors.md`` shows the table to people.
"""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["transient", "limits", "session", "permanent", "doubt", "org", "held", "strange", "crowded"]
"""``transient``: certainly not done, and passes by itself. ``limits``: the same, with an exhausted allowance.
``crowded``: the same, because the org's own automation is at its limits; fewer rows in a call may pass.
``session``: log in again, once. ``permanent``: this row can never be written as it is. ``doubt``: it may have been
done. ``org``: nothing can be written until the org is fixed; no row is to blame. ``held``: this row waits until a
person has decided or fixed something there. ``strange``: an unknown code; retried later and reported."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The kind of a code, and what a person can do about it (empty: nothing, or the code says it)."""

    kind: Kind
    mend: str = ""


RIGHTS = "give the integration user its permission set again (First90 Integration)"
LOGIN = "check the FIRST90_SALESFORCE_ settings of the login, and the user in the org"
_STORAGE = "the org's data storage is full; free some, or buy more (Setup, Storage Usage)"
_SWITCHED_OFF = "the API is switched off for this org or this user; switch on 'API Enabled' in the profile"
_SHEET = "Salesforce did not understand the rows as a whole; if fields were renamed, correct config/mapping.yaml"
_RECORD_RIGHTS = f"the integration user may not write this record or read what it belongs to; share it, or {RIGHTS}"
_POLICY = "a transaction security policy of the org stops the integration user; exempt it"

_PASSES = (
    *("UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG", "UNKNOWN_EXCEPTION"),
    *("ALL_OR_NONE_OPERATION_ROLLED_BACK", "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE", "RECORD_IN_USE_BY_WORKFLOW"),
    *("INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "ORG_IN_MAINTENANCE", "TERRITORY_REALIGN_IN_PROGRESS"),
    *("FUNCTIONALITY_TEMPORARILY_UNAVAILABLE", "PROCESSING_HALTED", "BATCH_PROCESSING_HALTED", "SSO_SERVICE_DOWN"),
    *("TOO_MANY_APEX_REQUESTS", "REALTIME_PROCESSING_TIME_EXCEEDED_LIMIT", "APEX_TRIGGER_COUPLING_LIMIT"),
    *("PLATFORM_EVENT_PUBLISHING_UNAVAILABLE", "PLATFORM_EVENT_PUBLISH_FAILED", "ERROR_IN_MAILER"),
    *("DATACLOUD_API_SERVER_BUSY_EXCEPTION", "DATACLOUD_API_TIMEOUT_EXCEPTION", "DATACLOUD_API_UNAVAILABLE"),
    *("InternalServerError", "Timeout", "TooManyLockFailure", "NotProcessed", "temporarily_unavailable"),
)
_USED_UP = (
    *("REQUEST_LIMIT_EXCEEDED", "EXCEEDED_RATE_LIMIT", "TOO_MANY_REQUESTS", "LIMIT_EXCEEDED", "ExceededQuota"),
    *("SINGLE_EMAIL_LIMIT_EXCEEDED", "MASS_MAIL_LIMIT_EXCEEDED"),
)
_SESSION = ("INVALID_SESSION_ID", "INVALID_AUTH_HEADER", "InvalidSessionId", "ORG_NOT_OWNED_BY_INSTANCE")
_ORG = {
    **dict.fromkeys(("STORAGE_LIMIT_EXCEEDED", "EXCEEDED_QUOTA"), _STORAGE),
    **dict.fromkeys(("API_DISABLED_FOR_ORG", "API_DISABLED"), _SWITCHED_OFF),
    "API_CURRENTLY_DISABLED": "Salesforce has switched its API off for now; it comes back by itself",
    "FUNCTIONALITY_NOT_ENABLED": "the org or its edition lacks what this call needs; ask its admin",
    "FeatureNotEnabled": "Bulk API 2.0 is not switched on for this org; ask its admin",
    **dict.fromkeys(("TRIAL_EXPIRED", "ORG_LOCKED", "INACTIVE_ORG", "inactive_org"), "the org is closed; renew it"),
    **dict.fromkeys(("LICENSE_LIMIT_EXCEEDED", "PACKAGE_LICENSE_REQUIRED"), "a licence is missing; assign or buy one"),
    **dict.fromkeys(("UNSUPPORTED_API_VERSION", "UNSUPPORTED_CLIENT"), "set a newer FIRST90_SALESFORCE_API_VERSION"),
    **dict.fromkeys(("INVALID_READ_ONLY_USER_DML", "UNAVAILABLE_RECORDTYPE_EXCEPTION"), RIGHTS),
    **dict.fromkeys(("INVALID_FIELD_FOR_INSERT_UPDATE", "InvalidUser", "NO_KEY", "NO_RIGHT"), RIGHTS),
    **dict.fromkeys(("InvalidBatch", "ClientInputError", "CLIENT_INPUT_ERROR", "InvalidJob"), _SHEET),
    **dict.fromkeys(
        (
            *("INVALID_LOGIN", "INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "PASSWORD_LOCKOUT", "LOGIN_OAUTH_ERROR"),
            *("LOGIN_MUST_USE_SECURITY_TOKEN", "LOGIN_CHALLENGE_ISSUED", "LOGIN_CHALLENGE_PENDING"),
            *("LOGIN_DURING_RESTRICTED_DOMAIN", "LOGIN_DURING_RESTRICTED_TIME", "CLIENT_NOT_ACCESSIBLE_FOR_USER"),
            *("CLIENT_REQUIRE_UPDATE_FOR_USER", "MUTUAL_AUTHENTICATION_FAILED", "invalid_grant", "invalid_client"),
            *("invalid_client_id", "unauthorized_client", "unsupported_grant_type", "inactive_user", "invalid_scope"),
        ),
        LOGIN,
    ),
}
_HELD = {
    "ENTITY_IS_LOCKED": "the record is locked, as by an approval; it is written once a person has decided there",
    "ALREADY_IN_PROCESS": "the record is in an approval; it is written once a person has decided there",
    "INACTIVE_OWNER_OR_USER": "the record's owner is inactive; give it another one in Salesforce",
    **dict.fromkeys(("INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY"), _RECORD_RIGHTS),
    **dict.fromkeys(("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "TRANSFER_REQUIRES_READ"), _RECORD_RIGHTS),
}
_ROW = (
    *("REQUIRED_FIELD_MISSING", "STRING_TOO_LONG", "NUMBER_OUTSIDE_VALID_RANGE", "TEXT_DATA_OUTSIDE_SUPPORTED_CHARSET"),
    *("INVALID_FIELD", "INVALID_TYPE", "INVALID_TYPE_ON_FIELD_IN_RECORD", "INVALID_DATE_FORMAT", "INVALID_STATUS"),
    *("INVALID_ID_FIELD", "MALFORMED_ID", "MALFORMED_QUERY", "MISSING_ARGUMENT", "JSON_PARSER_ERROR"),
    *("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "INVALID_EMAIL_ADDRESS", "INVALID_CURRENCY_ISO", "WRONG_TYPE"),
    *("INVALID_CROSS_REFERENCE_KEY", "INVALID_CROSS_REFERENCE_TYPE_FOR_FIELD", "CIRCULAR_DEPENDENCY"),
    *("DUPLICATE_VALUE", "DUPLICATES_DETECTED", "DUPLICATE_EXTERNAL_ID", "TOO_MANY_ENUM_VALUE"),
    *("FIELD_CUSTOM_VALIDATION_EXCEPTION", "FIELD_FILTER_VALIDATION_EXCEPTION", "FIELD_INTEGRITY_EXCEPTION"),
    *("ENTITY_IS_DELETED", "ENTITY_IS_ARCHIVED", "NOT_FOUND", "CANNOT_REPARENT_RECORD"),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
)
"""Refused until the row itself, or a rule or trigger of the org, is changed."""

TABLE: dict[str, Meaning] = {
    **dict.fromkeys(_PASSES, Meaning("transient")),
    **dict.fromkeys(_USED_UP, Meaning("limits")),
    **dict.fromkeys(_SESSION, Meaning("session")),
    **{code: Meaning("org", mend) for code, mend in _ORG.items()},
    **{code: Meaning("held", mend) for code, mend in _HELD.items()},
    **dict.fromkeys(_ROW, Meaning("permanent")),
}
BEGINNINGS = {
    "EXCEEDED_MAX_CONCURRENT": Meaning("limits"),
    "TXN_SECURITY_": Meaning("org", _POLICY),
}
"""Families of codes, by prefix."""
ACCESS = frozenset(code for code, mend in _HELD.items() if mend == _RECORD_RIGHTS)
"""Refusals of a record that may concern the whole object; its describe tells."""
OUTDATED = frozenset({"INVALID_FIELD", "INVALID_TYPE", "INVALID_FIELD_FOR_INSERT_UPDATE"})
"""The org shows or allows less than when it was described."""

STRANGE = Meaning("strange", "first90 does not know this code; if it stays, ask the org's admin what refuses the row")
WHOLE_CALL = Meaning("org")
CROWDED = Meaning("crowded", "a trigger or flow of the org is at its limits")

_AUTOMATION = frozenset({"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CANNOT_EXECUTE_FLOW_TRIGGER", "APEX_ERROR"})
"""Codes with which the org's own triggers and flows fail; the text contains the cause."""
_WORD = re.compile(r"\b[A-Z]{2,}(?:_[A-Z]+)+\b")
_LOCKED = re.compile(r"exclusive access|record (?:is )?currently unavailable|deadlock", re.IGNORECASE)
_RESTING = re.compile(r"during maintenance|read[- ]only mode", re.IGNORECASE)
_LIMITED = re.compile(
    r"System\.(?:Limit|Async)Exception|\bCPU\b|heap size|\btoo many (?:SOQL|SOSL|DML|query|queries|callouts|future|"
    r"queueable|executed)|\blimits?\b[^.]{0,40}\bexceed|\bexceed[^.]{0,40}\blimits?\b|governor",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(r"entity type cannot be (?:inserted|updated)", re.IGNORECASE)


def of_record(code: str, text: str = "") -> Meaning:
    """Return the meaning of one record's refusal; ``text`` is searched for the cause and never repeated."""
    return _meant(code, text) or STRANGE


def of_call(code: str, status: int, text: str = "") -> Meaning:
    """Return the meaning of a whole call's refusal, with its HTTP status."""
    found = _meant(code, text)
    kind = found.kind if found is not None else None
    if kind == "session" or status == 401:
        return Meaning("session")
    if found is not None and kind in ("transient", "limits", "crowded", "org"):
        # A broken server may have done the work before.
        return Meaning("doubt") if code == "UNKNOWN_EXCEPTION" and status >= 500 else found
    if status in (429, 503):
        return Meaning("transient")
    if status >= 500 or status == 408:
        # A gateway timed out or the server broke: it is unknown whether the work was done before.
        return Meaning("doubt")
    return Meaning("org", RIGHTS) if code in ACCESS else WHOLE_CALL


def _meant(code: str, text: str) -> Meaning | None:
    """Return the code's own meaning; for codes of triggers, flows and rules the meaning of the cause in the text."""
    known = _known(code)
    if known is not None and known.kind != "permanent":
        return known
    return _inner(code, text) or known


def _known(code: str) -> Meaning | None:
    return TABLE.get(code) or next((found for start, found in BEGINNINGS.items() if code.startswith(start)), None)


def _inner(code: str, text: str) -> Meaning | None:
    """Return the cause inside the error of a trigger, flow or rule, if it is temporary or not the row's; else None."""
    named = [found for word in _WORD.findall(text) if word != code and (found := _known(word)) is not None]
    passing = next((found for found in named if found.kind in ("transient", "limits", "org", "held")), None)
    if passing is not None:
        return passing
    if _LOCKED.search(text) or _RESTING.search(text):
        return Meaning("transient")
    if code not in _AUTOMATION:
        return None
    if _FORBIDDEN.search(text):
        return Meaning("org", RIGHTS)
    return CROWDED if _LIMITED.search(text) else None
