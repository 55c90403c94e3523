"""Refusals by Salesforce as one exception that says what to do about them.

The meaning of a code is in ``codes.py``. A refusal names code, object, fields and the remedy: never a query's values, a
record's name, an address or a token.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.salesforce.api.codes import Kind, Meaning, of_call, of_record

LIMITS_PAUSE = 900.0
"""Seconds until a retry when the org's allowance is used up; Salesforce says minutes. This project's choice."""
LATER_PAUSE = 60.0
"""Seconds until a retry after a locked row or an unavailable server. This project's choice."""
_FIRST: tuple[Kind, ...] = ("permanent", "org", "held", "strange", "doubt", "session", "limits", "crowded", "transient")
"""Of several errors of one record, the one that would remain if the others were fixed comes first."""

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{1,79}")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,120}")
_XML_CODE = re.compile(r"<(?:\w+:)?(?:exceptionCode|faultcode)>\s*(?:\w+:)?(\w+)\s*</")
_COLUMN = re.compile(r"No such column '([A-Za-z0-9_.]+)' on (?:entity|sobject of type) '?([A-Za-z0-9_]+)")
_OBJECT = re.compile(r"sObject type '([A-Za-z0-9_]+)' is not supported")


class RequestRefused(Exception):
    """A request that Salesforce did not carry out, or of which it is unknown whether it did."""

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
        """Return the seconds to wait before a retry; None if none helps, or if the retry schedule applies."""
        return {"limits": LIMITS_PAUSE, "transient": LATER_PAUSE, "crowded": LATER_PAUSE}.get(self.kind)


@dataclass(frozen=True, slots=True)
class Said:
    """One error of Salesforce, reduced to what may be repeated."""

    code: str
    fields: tuple[str, ...] = ()
    text: str = field(default="", repr=False)
    """Only searched for the cause; never repeated."""


def refusal(status: int, body: Any, where: str) -> RequestRefused:
    """Return the refusal of a whole call by ``status`` and ``body`` (parsed JSON of any shape, or text)."""
    said = next(_errors(body), None) or Said(f"HTTP_{status}")
    return _refused(said, of_call(said.code, status, said.text), where, status)


def record_refusal(errors: Any, where: str) -> RequestRefused:
    """Return the refusal of one record in an accepted call; ``errors`` as in the record's result."""
    found = [(said, of_record(said.code, said.text)) for said in _errors(errors)] or [_NOTHING_SAID]
    said, meaning = min(found, key=lambda one: _FIRST.index(one[1].kind))
    return _refused(said, meaning, where)


_NOTHING_SAID = Said("UNREADABLE_ERROR"), of_record("UNREADABLE_ERROR")
"""For a record refused without a readable code."""


def _refused(said: Said, meaning: Meaning, where: str, status: int | None = None) -> RequestRefused:
    return RequestRefused(said.code, meaning.kind, where, status=status, fields=said.fields, mend=meaning.mend)


def _errors(body: Any) -> Iterator[Said]:
    """Yield the errors in a response: an array (REST), an object (Bulk, OAuth, tree), or XML (SOAP, Bulk 1.0)."""
    if isinstance(body, str):
        if found := _XML_CODE.search(body):
            yield Said(found[1], text=body)
    elif isinstance(body, Mapping):
        code = next((body[name] for name in _CODE_NAMES if isinstance(body.get(name), str)), "")
        if _CODE.fullmatch(code):
            yield Said(code, _fields(body), _text(body))
        for name in ("errors", "results"):
            yield from _errors(body.get(name))
    elif isinstance(body, Sequence):
        for one in body:
            if not isinstance(one, str):
                yield from _errors(one)


_CODE_NAMES = ("errorCode", "statusCode", "exceptionCode", "error")


def _text(error: Mapping[str, Any]) -> str:
    text = error.get("message")
    return text if isinstance(text, str) else ""


def _fields(error: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the fields that an error names. Of its text, which may contain values, only names of the schema are
    used."""
    named = error.get("fields")
    fields = [name for name in named if isinstance(name, str)] if isinstance(named, Sequence) else []
    text = _text(error)
    fields += [f"{entity}.{column}" for column, entity in _COLUMN.findall(text)] + _OBJECT.findall(text)
    return tuple(dict.fromkeys(name for name in fields if _FIELD.fullmatch(name)))
