"""Where our picture of our rows, what was last written and what the CRM holds now differ, and whose move that was.

The same three-way comparison as ``crm_edits``, of every field that we write, and of the rows themselves.
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
"""Short: the id of a record is no number, however it looks."""
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]")


class Side(StrEnum):
    """Who made the difference."""

    OURS = "ours"
    """We changed it and have not written it (yet)."""
    THEIRS = "theirs"
    BOTH = "both"


class Kind(StrEnum):
    """What is the matter."""

    FIELD = "field"
    MISSING = "missing"
    """We have the row, the CRM does not."""
    FOREIGN = "foreign"
    """The CRM has a row that is none of ours."""
    DUPLICATE = "duplicate"
    """Several rows have one key."""


class Mend(StrEnum):
    """How the two come together again."""

    WRITE = "write"
    TAKE_BACK = "take back"
    WAIT = "wait"
    """The write is owed already."""
    PERSON = "a person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field or row in which we and the CRM differ."""

    object: str
    key: str
    kind: Kind
    mend: Mend
    side: Side
    field: str = ""
    ours: str | None = None
    written: str | None = None
    theirs: str | None = None
    place: str = ""
    """Where the CRM holds it."""
    told: str = ""
    """What a person should know or do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The fields of one object that we write: those where only our word counts, and those that both may change."""

    ours: frozenset[str]
    both: frozenset[str]


def compare(
    row: CrmRow, written: Texts | None, held: HeldRow | None, fields: Fields, *, waits: bool
) -> tuple[Difference, ...]:
    """How one row of ours differs from what the CRM holds. ``written``: as both sides last agreed, None where it was
    never written; ``waits``: a write of it is owed already. Pure."""
    if held is None:
        mend = Mend.WAIT if waits else Mend.WRITE
        side = Side.OURS if written is None else Side.THEIRS
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


def strange(held: Iterable[HeldRow], known: Collection[str]) -> tuple[Difference, ...]:
    """Rows of the CRM that are none of ours, and keys that stand there more than once. ``known``: the keys of our
    rows. Pure."""
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
                    side=Side.THEIRS,
                    place=row.place,
                    told=told,
                )
            )
    return tuple(found)


def same(one: str, other: str) -> bool:
    """Whether two texts say the same: blanks, case, ways to write an instant or a number, and what a CRM cuts off
    make no difference."""
    return _plain(one) == _plain(other)


def _side(ours: str, written: str, theirs: str) -> Side:
    if same(written, theirs):
        return Side.OURS
    return Side.THEIRS if same(written, ours) else Side.BOTH


def _mend(side: Side, *, shared: bool, waits: bool) -> Mend:
    """In a shared field theirs holds wherever they changed it; in one of ours, ours does."""
    if shared and side is not Side.OURS:
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
