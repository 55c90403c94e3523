"""Our two objects written to an org: upserts by external id, one answer for each record.

What people may change too is looked at just before the write and left as it stands where it no longer says what we
last knew (``base``): the next read takes it in. The window that remains is the moment between that look and the
write, a second or two; the org's field history shows what was overwritten in it, and the reader of this page
should know that Salesforce has no conditional write for many records at once.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.mapping import KEY, CrmMapping
from integrations.ports import Outcome, Parcel
from integrations.salesforce import bulk
from integrations.salesforce.columns import Column, Unfit, columns_of
from integrations.salesforce.errors import Refused
from integrations.salesforce.held import Held, look
from integrations.salesforce.session import Session
from integrations.salesforce.verdicts import Verdict, later, not_sent, of_result, outcome_of
from onboarding.projection import MILESTONE, ONBOARDING

OBJECTS = (ONBOARDING, MILESTONE)
"""In the order of writing: a milestone names its onboarding."""
COLLECTION = 200
"""Records in one collections call (Salesforce)."""
BULK_ABOVE = 2000
"""From here on a bulk job costs fewer calls (Salesforce)."""
PATIENCE = 120.0
"""Seconds after which no further call of one ``write`` begins, and a bulk job is ended: half of what one run gives the
CRM. Leases of a call under way are prolonged meanwhile."""
NO_VERDICT = Refused("NO_VERDICT", "doubt", "upsert")
_ALONE = frozenset({"UNABLE_TO_LOCK_ROW"})
"""Refusals of one call that say nothing about the next."""


@dataclass(slots=True)
class _Row:
    """One row to write, and the places of the parcels that want it so."""

    fields: dict[str, Any]
    base: Mapping[str, Any]
    places: list[int] = field(default_factory=list)


class _Outdated(Exception):
    """A field that describe promised is refused as unknown."""


class Writer:
    """Writes rows as ``tasks/outgoing.py`` makes them: ``{"object", "key", "fields", "base"}``."""

    def __init__(
        self,
        session: Session,
        mapping: CrmMapping,
        *,
        wait: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        bulk_above: int = BULK_ABOVE,
    ) -> None:
        self._session, self._mapping, self._bulk_above = session, mapping, bulk_above
        self._wait, self._clock = wait, clock
        self._known: dict[str, tuple[Column, ...]] = {}

    def write(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Upsert the rows; an answer for each parcel, in order. Raises nothing, and may be repeated without harm.

        One key is written once in a call, as its last parcel says; each parcel of it gets that answer.
        """
        until = self._clock() + PATIENCE
        answers: dict[int, Outcome] = {}
        wanted: dict[str, dict[str, _Row]] = {}
        for place, parcel in enumerate(parcels):
            try:
                _add(wanted, parcel.payload, place)
            except (KeyError, TypeError, ValueError) as error:
                answers[place] = Outcome(state="permanent", error=f"the CRM row is malformed: {type(error).__name__}")
        down: Refused | None = None
        for crm_object in OBJECTS:
            rows = wanted.get(crm_object, {})
            verdicts: Mapping[str, Verdict] = {}
            try:
                verdicts = self._write(crm_object, rows, until) if rows and down is None else {}
            except Refused as error:
                down = not_sent(error)
            except (LookupError, TypeError, ValueError, AttributeError):
                # Well-formed JSON of another shape: a proxy, or something that is no Salesforce, has answered.
                down = Refused("UNREADABLE_ANSWER", "doubt", f"upsert {crm_object}")
            for key, row in rows.items():
                answers |= dict.fromkeys(row.places, outcome_of(verdicts.get(key) or down or NO_VERDICT))
        return [answers[place] for place in range(len(parcels))]

    def _write(self, crm_object: str, rows: Mapping[str, _Row], until: float) -> Mapping[str, Verdict]:
        """A verdict for each row. Raises Refused where nothing was written."""
        try:
            return self._attempt(crm_object, rows, until, first=True)
        except _Outdated:
            self._known.pop(crm_object)
            return self._attempt(crm_object, rows, until, first=False)

    def _attempt(
        self, crm_object: str, rows: Mapping[str, _Row], until: float, *, first: bool
    ) -> Mapping[str, Verdict]:
        columns = self._columns(crm_object)
        shared = [column for column in columns if column.both]
        held = look(self._session, crm_object, shared, [key for key, row in rows.items() if row.base])
        verdicts: dict[str, Verdict] = {}
        records: dict[str, Mapping[str, Any]] = {}
        for key in sorted(rows):  # the children of one parent beside each other: fewer rows are locked twice
            try:
                records[key] = _record(crm_object, key, rows[key], columns, held)
            except Unfit as error:
                verdicts[key] = Refused("WRONG_TYPE", "permanent", f"upsert {crm_object}", mend=str(error))
        if len(records) > self._bulk_above:
            job = bulk.Job(self._session, crm_object, wait=self._wait, clock=self._clock)
            found = job.upsert(records, until)
        else:
            found = self._collections(crm_object, records, until, first=first)
        raced = {key: records[key] for key, verdict in found.items() if _lost_a_race(verdict)}
        if raced:
            found |= self._collections(crm_object, raced, until, first=False)
        return verdicts | found

    def _collections(
        self, crm_object: str, records: Mapping[str, Mapping[str, Any]], until: float, *, first: bool
    ) -> dict[str, Verdict]:
        keys, verdicts = list(records), dict[str, Verdict]()
        where = f"upsert {crm_object}"
        stop: Refused | None = None
        for start in range(0, len(keys), COLLECTION):
            some = keys[start : start + COLLECTION]
            if stop is None and self._clock() >= until:
                stop = later(where, "Salesforce answers slowly; the rest follows")
            if stop is not None:
                verdicts |= dict.fromkeys(some, stop)
                continue
            try:
                verdicts |= self._collection(crm_object, {key: records[key] for key in some}, where)
            except Refused as error:
                if error.code == "INVALID_FIELD" and first:
                    raise _Outdated from None
                verdicts |= dict.fromkeys(some, error)
                if error.kind != "permanent" and error.code not in _ALONE:
                    stop = not_sent(error)
        return verdicts

    def _collection(self, crm_object: str, records: Mapping[str, Mapping[str, Any]], where: str) -> dict[str, Verdict]:
        body = {"allOrNone": False, "records": list(records.values())}
        results = self._session.patch(f"composite/sobjects/{crm_object}/{KEY}", body, where=where).body
        if not isinstance(results, list) or len(results) != len(records):
            raise Refused("UNREADABLE_ANSWER", "doubt", where)
        return {key: of_result(result, where) for key, result in zip(records, results, strict=True)}

    def _columns(self, crm_object: str) -> tuple[Column, ...]:
        """What we write of an object, asked of the org once. Raises Refused."""
        if crm_object not in self._known:
            described = self._session.describe(crm_object)["fields"]
            if not any(one["name"] == KEY and one.get("externalId") for one in described):
                mend = f"{crm_object} has no external id {KEY} that this user may see; install the package"
                raise Refused("NO_KEY", "transient", f"describe {crm_object}", mend=mend)
            self._known[crm_object] = columns_of(self._mapping.written(crm_object), described)
        return self._known[crm_object]


def _add(wanted: dict[str, dict[str, _Row]], payload: Mapping[str, Any], place: int) -> None:
    crm_object, key, fields, base = payload["object"], payload["key"], payload["fields"], payload.get("base") or {}
    if crm_object not in OBJECTS or not isinstance(fields, Mapping) or not isinstance(base, Mapping) or not key:
        raise ValueError(crm_object)
    row = wanted.setdefault(crm_object, {}).setdefault(str(key), _Row({}, {}))
    row.fields, row.base = row.fields | dict(fields), dict(base)
    row.places.append(place)


def _record(crm_object: str, key: str, row: _Row, columns: Sequence[Column], held: Held) -> Mapping[str, Any]:
    """The record as JSON. Raises Unfit."""
    record: dict[str, Any] = {"attributes": {"type": crm_object}, KEY: key}
    there = held.get(key.lower())
    for column in columns:
        if column.ours not in row.fields:
            continue
        if column.both and there is not None and not column.says(there[column.ours], row.base.get(column.ours)):
            continue  # a person was here since we last looked: theirs holds until the next read has seen it
        value = column.spell(row.fields[column.ours])
        if column.parent is None:
            record[column.theirs] = value
        elif value is not None:
            record[column.parent] = {KEY: value}
    return record


def _lost_a_race(verdict: Verdict) -> bool:
    """Two upserts of a new key at once: one of them is told that it exists. Now it does, and can be updated."""
    return isinstance(verdict, Refused) and verdict.code == "DUPLICATE_VALUE"
