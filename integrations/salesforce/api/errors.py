"""What Salesforce refuses, as one small family that says what to do about it and names nobody.

What a code means stands in ``codes.py``. A refusal says code, object, field names and the mend: never a query's
values, a record's name, an address or a token.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.salesforce.api.codes import Kind, Meaning, of_call, of_record

LIMITS_PAUSE = 900.0
"""Seconds until a call is tried again where the org's allowance is used up: minutes, says Salesforce; ours."""
LATER_PAUSE = 60.0
"""Seconds that a locked row or a resting server is given before the next try; ours."""
_FIRST: tuple[Kind, ...] = ("permanent", "org", "held", "strange", "doubt", "session", "limits", "crowded", "transient")
"""Of several errors of one record, the one that would stay if the others were gone."""

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
        return {"limits": LIMITS_PAUSE, "transient": LATER_PAUSE, "crowded": LATER_PAUSE}.get(self.kind)


@dataclass(frozen=True, slots=True)
class Said:
    """One error as Salesforce says it, cut down to what may be repeated."""

    code: str
    fields: tuple[str, ...] = ()
    text: str = field(default="", repr=False)
    """For its cause alone; never repeated."""


def refusal(status: int, body: Any, where: str) -> Refused:
    """A whole call that was answered with ``status`` and ``body`` (parsed JSON of any shape, or text)."""
    said = next(_errors(body), None) or Said(f"HTTP_{status}")
    return _refused(said, of_call(said.code, status, said.text), where, status)


def record_refusal(errors: Any, where: str) -> Refused:
    """One record of a call that was accepted as such; ``errors`` as the record's result holds them."""
    found = [(said, of_record(said.code, said.text)) for said in _errors(errors)] or [_NOTHING_SAID]
    said, meaning = min(found, key=lambda one: _FIRST.index(one[1].kind))
    return _refused(said, meaning, where)


_NOTHING_SAID = Said("UNREADABLE_ERROR"), of_record("UNREADABLE_ERROR")
"""Of a record that was refused without a code that could be read."""


def _refused(said: Said, meaning: Meaning, where: str, status: int | None = None) -> Refused:
    return Refused(said.code, meaning.kind, where, status=status, fields=said.fields, mend=meaning.mend)


def _errors(body: Any) -> Iterator[Said]:
    """The errors in an answer: an array (REST), an object (Bulk, OAuth, tree), or XML (SOAP, Bulk 1.0)."""
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
    """The fields that an error names. Of its text, which may hold a record's values, only what names our schema."""
    named = error.get("fields")
    fields = [name for name in named if isinstance(name, str)] if isinstance(named, Sequence) else []
    text = _text(error)
    fields += [f"{entity}.{column}" for column, entity in _COLUMN.findall(text)] + _OBJECT.findall(text)
    return tuple(dict.fromkeys(name for name in fields if _FIELD.fullmatch(name)))
