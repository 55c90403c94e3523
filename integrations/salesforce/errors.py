"""What Salesforce refuses, as one small family that says what to do about it and names nobody.

The table is that of the integration facts, section 1, "Which errors to retry". A refusal says code, object and
field names: never a query's values, a record's name, an address or a token.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["transient", "limits", "session", "permanent", "doubt"]
"""``transient``: certainly not done, try again later. ``limits``: the same, and the org's allowance is used up.
``session``: log in again, once. ``permanent``: can never succeed as it is. ``doubt``: it may have been done."""

LATER = frozenset(
    {
        "UNABLE_TO_LOCK_ROW",
        "SERVER_UNAVAILABLE",
        "QUERY_TIMEOUT",
        "REQUEST_RUNNING_TOO_LONG",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    }
)
LIMITS = frozenset({"REQUEST_LIMIT_EXCEEDED"})
SESSION = frozenset({"INVALID_SESSION_ID", "INVALID_AUTH_HEADER", "InvalidSessionId"})
LIMITS_PAUSE = 900.0
"""Seconds until a call is tried again where the org's allowance is used up: minutes, says Salesforce; ours."""
LATER_PAUSE = 60.0
"""Seconds that a locked row or a resting server is given before the next try; ours."""

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{1,79}")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,120}")
_XML_CODE = re.compile(r"<(?:\w+:)?(?:exceptionCode|faultcode)>\s*(?:\w+:)?(\w+)\s*</")
_COLUMN = re.compile(r"No such column '([A-Za-z0-9_.]+)' on (?:entity|sobject of type) '?([A-Za-z0-9_]+)")
_OBJECT = re.compile(r"sObject type '([A-Za-z0-9_]+)' is not supported")


class Refused(Exception):
    """Salesforce did not do what we asked, or we cannot know whether it did."""

    def __init__(
        self,
        code: str,
        kind: Kind,
        where: str,
        *,
        status: int | None = None,
        fields: Sequence[str] = (),
        mend: str = "",
    ) -> None:
        self.code, self.kind, self.where = code, kind, where
        self.status, self.fields, self.mend = status, tuple(fields), mend
        named = f", field {', '.join(self.fields)}" if self.fields else ""
        shown = f" ({status})" if status else ""
        super().__init__(f"Salesforce, {where}: {code}{shown}{named}" + (f"; {mend}" if mend else ""))

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait before another try; None where none helps, or our own schedule serves."""
        return {"limits": LIMITS_PAUSE, "transient": LATER_PAUSE}.get(self.kind)


@dataclass(frozen=True, slots=True)
class Said:
    """One error as Salesforce says it, cut down to what may be repeated."""

    code: str
    fields: tuple[str, ...] = ()


def refusal(status: int, body: Any, where: str) -> Refused:
    """A whole call that was answered with ``status`` and ``body`` (parsed JSON of any shape, or text)."""
    said = next(_errors(body), None)
    code = said.code if said else f"HTTP_{status}"
    return Refused(code, kind_of(code, status), where, status=status, fields=said.fields if said else ())


def record_refusal(errors: Any, where: str) -> Refused:
    """One record of a call that was accepted as such; ``errors`` as the record's result holds them."""
    said = next(_errors(errors), Said("UNKNOWN_EXCEPTION"))
    return Refused(said.code, kind_of(said.code), where, fields=said.fields)


def kind_of(code: str, status: int | None = None) -> Kind:
    """What a code means, of a whole call (with its HTTP status) or of one record."""
    if code in LATER:
        return "transient"
    if code in LIMITS:
        return "limits"
    if code in SESSION or status == 401:
        return "session"
    if status in (429, 503):
        return "transient"
    if status is not None and (status >= 500 or status == 408):
        # A gateway gave up, or the server broke: nobody says whether the work was done before.
        return "doubt"
    return "permanent"


def _errors(body: Any) -> Iterator[Said]:
    """The errors in an answer: an array (REST), an object (Bulk, OAuth, tree), or XML (SOAP, Bulk 1.0)."""
    if isinstance(body, str):
        if found := _XML_CODE.search(body):
            yield Said(found[1])
    elif isinstance(body, Mapping):
        code = next((body[name] for name in _CODE_NAMES if isinstance(body.get(name), str)), "")
        if _CODE.fullmatch(code):
            yield Said(code, _fields(body))
        for name in ("errors", "results"):
            yield from _errors(body.get(name))
    elif isinstance(body, Sequence):
        for one in body:
            if not isinstance(one, str):
                yield from _errors(one)


_CODE_NAMES = ("errorCode", "statusCode", "exceptionCode", "error")


def _fields(error: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields that an error names. Of its text, which may hold a record's values, only what names our schema."""
    named = error.get("fields")
    fields = [name for name in named if isinstance(name, str)] if isinstance(named, Sequence) else []
    text = error.get("message")
    if isinstance(text, str):
        fields += [f"{entity}.{column}" for column, entity in _COLUMN.findall(text)] + _OBJECT.findall(text)
    return tuple(dict.fromkeys(name for name in fields if _FIELD.fullmatch(name)))
