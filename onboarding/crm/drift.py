"""Differences between first90's rows, what it last wrote, and what the CRM holds now, and which side made them.

The same three-way comparison as in ``edits``, for every field that first90 writes and for the rows themselves.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from onboarding.crm.current_rows import HeldRow
from onboarding.crm.edits import LONGEST
from onboarding.crm.projection import CrmRow

Texts = Mapping[str, str]
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,6})?")
"""A limited length, so that an id made of digits is not taken for a number."""
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]")


class ChangedBy(StrEnum):
    """The side that made the difference."""

    OURS = "ours"
    """first90 changed the value and has not written it yet."""
    THEIRS = "theirs"
    BOTH = "both"


class Kind(StrEnum):
    """The kind of a difference."""

    FIELD = "field"
    MISSING = "missing"
    """first90 has the row, the CRM does not."""
    FOREIGN = "foreign"
    """The CRM has a row that first90 does not know."""
    DUPLICATE = "duplicate"
    """Several rows have the same key."""


class Mend(StrEnum):
    """How the difference is resolved."""

    WRITE = "write"
    TAKE_BACK = "take back"
    WAIT = "wait"
    """The write is already planned."""
    PERSON = "a person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field or row in which first90 and the CRM differ."""

    object: str
    key: str
    kind: Kind
    mend: Mend
    side: ChangedBy
    field: str = ""
    ours: str | None = None
    written: str | None = None
    theirs: str | None = None
    place: str = ""
    """The row's place in the CRM."""
    told: str = ""
    """What a person should know or do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The fields of one object that first90 writes: those that only first90 may change, and those that both may."""

    ours: frozenset[str]
    both: frozenset[str]


def compare(
    row: CrmRow, written: Texts | None, held: HeldRow | None, fields: Fields, *, waits: bool
) -> tuple[Difference, ...]:
    """Return the differences between a row of first90 and the CRM's. ``written``: as both sides last agreed, None if it
    was never written; ``waits``: a write of it is already planned. Pure."""
    if held is None:
        mend = Mend.WAIT if waits else Mend.WRITE
        side = ChangedBy.OURS if written is None else ChangedBy.THEIRS
        told = "it was never written" if written is None else "it was deleted there"
        return (Difference(object=row.object, key=row.key, kind=Kind.MISSING, mend=mend, side=side, told=told),)
    found = []
    for name in sorted((fields.ours | fields.both) & row.fields.keys() & held.fields.keys()):
        ours, theirs = row.fields[name] or "", held.fields[name] or ""
        if same(ours, theirs):
            continue
        before = (written or {}).get(name, "")
        side = _side(ours, before, theirs)
        found.append(
            Difference(
                object=row.object,
                key=row.key,
                kind=Kind.FIELD,
                mend=_mend(side, shared=name in fields.both, waits=waits),
                side=side,
                field=name,
                ours=ours,
                written=before,
                theirs=theirs,
                place=held.place,
            )
        )
    return tuple(found)


def unknown_rows(held: Iterable[HeldRow], known: Collection[str]) -> tuple[Difference, ...]:
    """Return the CRM's rows that are unknown to first90, and keys that occur more than once. ``known``: the keys of
    first90's rows. Pure."""
    seen: dict[tuple[str, str], HeldRow] = {}
    found = []
    for row in held:
        mark = (row.object, row.key.casefold())
        kind, told = Kind.FOREIGN, ""
        if not row.key:
            told = "it has no First90_Key__c; give it one of ours or delete it"
        elif mark in seen:
            kind, told = Kind.DUPLICATE, f"the same key as {seen[mark].place}; delete one of them"
        elif row.key not in known:
            told = "this database knows no such row; look whose it is: `first90 adopt` takes an onboarding over"
        seen.setdefault(mark, row)
        if told:
            found.append(
                Difference(
                    object=row.object,
                    key=row.key,
                    kind=kind,
                    mend=Mend.PERSON,
                    side=ChangedBy.THEIRS,
                    place=row.place,
                    told=told,
                )
            )
    return tuple(found)


def same(one: str, other: str) -> bool:
    """Return whether two texts are equal, regardless of blanks, case, formats of instants and numbers, and the length
    at which a CRM cuts texts."""
    return _plain(one) == _plain(other)


def _side(ours: str, written: str, theirs: str) -> ChangedBy:
    if same(written, theirs):
        return ChangedBy.OURS
    return ChangedBy.THEIRS if same(written, ours) else ChangedBy.BOTH


def _mend(side: ChangedBy, *, shared: bool, waits: bool) -> Mend:
    """Return the resolution: in a shared field the CRM's change holds, in first90's own field first90's value."""
    if shared and side is not ChangedBy.OURS:
        return Mend.TAKE_BACK
    return Mend.WAIT if waits else Mend.WRITE


def _plain(text: str) -> str:
    text = " ".join(text.split())[:LONGEST]
    if _NUMBER.fullmatch(text):
        return f"{float(text):g}"
    if not _INSTANT.match(text):
        return text.casefold()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text.casefold()
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="seconds")
