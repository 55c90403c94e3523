"""Verdicts on the records of a write: the id in the org, or the refusal; and their result for the effect."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from integrations.salesforce.api.codes import Kind
from integrations.salesforce.api.errors import LATER_PAUSE, RequestRefused, record_refusal
from onboarding.effects.send_result import ResultState, SendResult

Verdict = str | RequestRefused
"""The record's id in the org, or why it is not (or perhaps not) written."""

ASK = "Salesforce refuses the call as a whole, whatever the row; ask the org's admin"
"""The remedy of codes without one of their own."""
_NO_PARENT = re.compile(r"^Foreign key external ID\b")
_BULK_ERROR = re.compile(r"(?P<code>[A-Z][A-Z0-9_]+):(?P<message>.*?)(:(?P<fields>[A-Za-z0-9_, ]*) ?--)?", re.DOTALL)


def of_result(result: Any, where: str) -> Verdict:
    """Return the verdict of one result of a collection."""
    if isinstance(result, Mapping) and result.get("success") is True and result.get("id"):
        return str(result["id"])
    errors = result.get("errors") if isinstance(result, Mapping) else None
    return of_errors(errors if isinstance(errors, Sequence) else (), where)


def of_errors(errors: Sequence[Any], where: str) -> RequestRefused:
    """Return the verdict of a record's errors. A milestone whose onboarding is not there yet waits for it."""
    messages = [str(error.get("message", "")) for error in errors if isinstance(error, Mapping)]
    if any(_NO_PARENT.match(message) for message in messages):
        return RequestRefused("NO_PARENT", "transient", where, mend="its onboarding is not in Salesforce yet")
    return record_refusal(errors, where)


def of_bulk_error(text: str, where: str) -> RequestRefused:
    """Return the verdict of a failed row of a bulk job: ``CODE:message:fields --``."""
    found = _BULK_ERROR.fullmatch(text.strip())
    if found is None:
        return record_refusal((), where)
    fields = [name.strip() for name in (found["fields"] or "").split(",") if name.strip()]
    return of_errors([{"statusCode": found["code"], "message": found["message"], "fields": fields}], where)


def not_sent(error: RequestRefused) -> RequestRefused:
    """Return the refusal of a row after a step before the write was refused: the row is certainly unchanged."""
    kind: Kind = _BEFORE.get(error.kind, "transient")
    return RequestRefused(error.code, kind, error.where, status=error.status, fields=error.fields, mend=error.mend)


_BEFORE: Mapping[Kind, Kind] = {
    **dict.fromkeys(("org", "permanent", "session", "held"), "org"),
    **{"limits": "limits", "strange": "strange"},
}
"""The kind of such a refusal for the rows; a doubt about an earlier step is no doubt about them."""


def unprocessed(job: Mapping[str, Any], where: str) -> RequestRefused:
    """Return the refusal of a row that a bulk job certainly did not process, because the job was ended or failed."""
    said = str(job.get("errorMessage") or "").partition(":")[0].strip()
    ended = f"the job ended as {job['state']}"
    if job["state"] != "Failed" or not said.isidentifier():
        return later(where, ended)
    found = record_refusal([{"statusCode": said}], where)
    if found.kind == "transient":
        return later(where, f"{ended} ({said})")
    return not_sent(RequestRefused(said, found.kind, where, mend=found.mend or ended))


def later(where: str, why: str) -> RequestRefused:
    """Return the refusal of a row that was not sent this time."""
    return RequestRefused("NOT_SENT", "transient", where, mend=why)


def outcome_of(verdict: Verdict) -> SendResult:
    """Return the result for the ledger. A doubt is ``unknown``: an upsert by key may be repeated without harm."""
    if isinstance(verdict, str):
        return SendResult(state=ResultState.SENT, provider_id=verdict)
    said = str(verdict)
    match verdict.kind:
        case "doubt":
            return SendResult(state=ResultState.UNKNOWN, error=said)
        case "permanent":
            return SendResult(state=ResultState.PERMANENT, error=said)
        case "org" | "session":
            return SendResult(
                state=ResultState.TRANSIENT, error=said if verdict.mend else f"{said}; {ASK}", channel_down=True
            )
        case "held":
            return SendResult(state=ResultState.TRANSIENT, error=said, needs_person=True, patient=True)
        case "strange":
            return SendResult(state=ResultState.TRANSIENT, error=said, needs_person=True)
        case _:
            return SendResult(state=ResultState.TRANSIENT, error=said, retry_after=verdict.retry_after or LATER_PAUSE)
