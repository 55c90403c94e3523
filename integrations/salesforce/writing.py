"""Writes of first90's two objects to an org: upserts by external id, with one result for each record.

Fields that people may change too are read just before the write and not overwritten if they differ from the last known
state (``base``); the next read takes the change in. An edit between that read and the write, a second or two, is
overwritten (the org's field history shows it), because Salesforce has no conditional write for many records at once.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.company.mapping import KEY, CrmMapping
from integrations.ports import OutgoingMessage
from integrations.salesforce.api import bulk
from integrations.salesforce.api.codes import ACCESS, OUTDATED, RIGHTS
from integrations.salesforce.api.errors import RequestRefused
from integrations.salesforce.api.row_results import Verdict, later, not_sent, of_result, outcome_of
from integrations.salesforce.api.session import Session
from integrations.salesforce.columns import OrgField, Unfit, columns_of
from integrations.salesforce.current_rows import Held, read_current
from integrations.salesforce.schema import described, fields_of
from onboarding.crm.projection import MILESTONE, ONBOARDING
from onboarding.effects.payloads import RowPayload, read_row
from onboarding.effects.send_result import ResultState, SendResult

OBJECTS = (ONBOARDING, MILESTONE)
"""In the order of writing, because a milestone refers to its onboarding."""
COLLECTION = 200
"""Records in one collections call (Salesforce)."""
FEW = 20
"""The same for rows whose triggers and flows ran into their limits, which count by call. This project's choice."""
BULK_ABOVE = 2000
"""Above this many rows a bulk job needs fewer calls (Salesforce)."""
PATIENCE = 120.0
"""Seconds after which no further call of one ``write`` starts, and a bulk job is ended: half of the time that a run
gives the CRM. Leases are extended meanwhile."""
NO_VERDICT = RequestRefused("NO_VERDICT", "doubt", "upsert")
_ALONE = frozenset({"UNABLE_TO_LOCK_ROW"})
"""Refusals of one call that do not predict the next."""


@dataclass(slots=True)
class _Row:
    """One row to write, and the indexes of its messages."""

    fields: dict[str, Any]
    base: Mapping[str, Any]
    places: list[int] = field(default_factory=list)


class Writer:
    """Writes the rows of ``tasks/delivery/payloads.py``: ``{"object", "key", "fields", "base"}``."""

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
        self._known: dict[str, tuple[OrgField, ...]] = {}

    def write(self, messages: Sequence[OutgoingMessage]) -> list[SendResult]:
        """Upsert the rows and return a result for each message, in order. Raises nothing, and may be repeated without
        harm.

        A key is written once in a call, by its last message; all its messages get that result.
        """
        until = self._clock() + PATIENCE
        answers: dict[int, SendResult] = {}
        wanted: dict[str, dict[str, _Row]] = {}
        for place, outgoing in enumerate(messages):
            try:
                _add(wanted, read_row(outgoing.payload), place)
            except (KeyError, TypeError, ValueError) as error:
                answers[place] = SendResult(
                    state=ResultState.PERMANENT, error=f"the CRM row is malformed: {type(error).__name__}"
                )
        down: RequestRefused | None = None
        for crm_object in OBJECTS:
            rows = wanted.get(crm_object, {})
            verdicts: Mapping[str, Verdict] = {}
            try:
                verdicts = self._write(crm_object, rows, until) if rows and down is None else {}
            except RequestRefused as error:
                down = not_sent(error)
            except (LookupError, TypeError, ValueError, AttributeError):
                # Well-formed JSON of another shape: the response is a proxy's, or not from Salesforce.
                down = RequestRefused("UNREADABLE_ANSWER", "doubt", f"upsert {crm_object}")
            down = down or _stops(verdicts.values())
            for key, row in rows.items():
                answers |= dict.fromkeys(row.places, outcome_of(verdicts.get(key) or down or NO_VERDICT))
        return [answers[place] for place in range(len(messages))]

    def _write(self, crm_object: str, rows: Mapping[str, _Row], until: float) -> Mapping[str, Verdict]:
        """Return a verdict for each row. Raise Refused if nothing was written."""
        known = crm_object in self._known
        try:
            found = self._attempt(crm_object, rows, until)
        except RequestRefused as error:
            if not known or error.code not in OUTDATED:
                raise
            found = dict.fromkeys(rows, error)
        outdated = {key: rows[key] for key, verdict in found.items() if _is(verdict, OUTDATED)}
        if known and outdated:
            # The describe is old: the org may show or allow less by now.
            self._known.pop(crm_object)
            try:
                found |= self._attempt(crm_object, outdated, until)
            except RequestRefused as error:
                found |= dict.fromkeys(outdated, not_sent(error))
        found |= self._without_rights(crm_object, found)
        return found

    def _without_rights(self, crm_object: str, found: Mapping[str, Verdict]) -> Mapping[str, Verdict]:
        """Return the records refused for missing rights whose whole object may no longer be written."""
        refused = [key for key, verdict in found.items() if _is(verdict, ACCESS)]
        if not refused:
            return {}
        self._known.pop(crm_object, None)
        try:
            self._columns(crm_object)
        except RequestRefused as error:
            return dict.fromkeys(refused, not_sent(error))
        return {}

    def _attempt(self, crm_object: str, rows: Mapping[str, _Row], until: float) -> dict[str, Verdict]:
        columns = self._columns(crm_object)
        shared = [column for column in columns if column.both]
        held = read_current(self._session, crm_object, shared, [key for key, row in rows.items() if row.base])
        verdicts: dict[str, Verdict] = {}
        records: dict[str, Mapping[str, Any]] = {}
        for key in sorted(rows):  # the children of one parent together: fewer rows are locked twice
            try:
                records[key] = _record(crm_object, key, rows[key], columns, held)
            except Unfit as error:
                verdicts[key] = RequestRefused("WRONG_TYPE", "permanent", f"upsert {crm_object}", mend=str(error))
        if len(records) > self._bulk_above:
            job = bulk.Job(self._session, crm_object, wait=self._wait, clock=self._clock)
            found = job.upsert(records, until)
        else:
            found = self._collections(crm_object, records, until)
        raced = {key: records[key] for key, verdict in found.items() if _was_created_meanwhile(verdict)}
        if raced:
            found |= self._collections(crm_object, raced, until)
        crowded = [
            key for key, verdict in found.items() if isinstance(verdict, RequestRefused) and verdict.kind == "crowded"
        ]
        if crowded and len(records) > FEW:
            some = {key: records[key] for key in crowded[:COLLECTION]}
            found |= self._collections(crm_object, some, until, size=FEW)
        return verdicts | found

    def _collections(
        self, crm_object: str, records: Mapping[str, Mapping[str, Any]], until: float, *, size: int = COLLECTION
    ) -> dict[str, Verdict]:
        keys, verdicts = list(records), dict[str, Verdict]()
        where = f"upsert {crm_object}"
        stop: RequestRefused | None = None
        for start in range(0, len(keys), size):
            some = keys[start : start + size]
            if stop is None and self._clock() >= until:
                stop = later(where, "Salesforce answers slowly; the rest follows")
            if stop is not None:
                verdicts |= dict.fromkeys(some, stop)
                continue
            try:
                verdicts |= self._collection(crm_object, {key: records[key] for key in some}, where)
            except RequestRefused as error:
                verdicts |= dict.fromkeys(some, error)
                if error.code not in _ALONE:
                    stop = not_sent(error)
        return verdicts

    def _collection(self, crm_object: str, records: Mapping[str, Mapping[str, Any]], where: str) -> dict[str, Verdict]:
        body = {"allOrNone": False, "records": list(records.values())}
        results = self._session.patch(f"composite/sobjects/{crm_object}/{KEY}", body, where=where).body
        if not isinstance(results, list) or len(results) != len(records):
            raise RequestRefused("UNREADABLE_ANSWER", "doubt", where)
        return {key: of_result(result, where) for key, result in zip(records, results, strict=True)}

    def _columns(self, crm_object: str) -> tuple[OrgField, ...]:
        """Return the columns of an object, described once. Raise Refused."""
        if crm_object not in self._known:
            where = f"describe {crm_object}"
            shown = described(self._session, crm_object)
            if shown is None:
                mend = f"{crm_object} is not in this org, or hidden from this user: install the package, or {RIGHTS}"
                raise RequestRefused("NOT_FOUND", "org", where, mend=mend)
            if not (shown.get("createable") and shown.get("updateable")):
                raise RequestRefused("NO_RIGHT", "org", where, mend=f"this user may not create and edit it: {RIGHTS}")
            if not fields_of(shown).get(KEY, {}).get("externalId"):
                mend = f"{crm_object} has no external id {KEY} that this user may see; install the package"
                raise RequestRefused("NO_KEY", "org", where, mend=mend)
            self._known[crm_object] = columns_of(self._mapping.written(crm_object), shown["fields"])
        return self._known[crm_object]


def _add(wanted: dict[str, dict[str, _Row]], given: RowPayload, place: int) -> None:
    if given.object not in OBJECTS:
        raise ValueError(given.object)
    row = wanted.setdefault(given.object, {}).setdefault(given.key, _Row({}, {}))
    row.fields, row.base = row.fields | dict(given.fields), dict(given.base)
    row.places.append(place)


def _record(crm_object: str, key: str, row: _Row, columns: Sequence[OrgField], held: Held) -> Mapping[str, Any]:
    """Return the record as JSON. Raise Unfit."""
    record: dict[str, Any] = {"attributes": {"type": crm_object}, KEY: key}
    there = held.get(key.lower())
    for column in columns:
        if column.ours not in row.fields:
            continue
        if column.both and there is not None and not column.says(there[column.ours], row.base.get(column.ours)):
            continue  # a person edited it since the last read: their value holds until the next read has seen it
        value = column.spell(row.fields[column.ours])
        if column.parent is None:
            record[column.theirs] = value
        elif value is not None:
            record[column.parent] = {KEY: value}
    return record


def _stops(verdicts: Iterable[Verdict]) -> RequestRefused | None:
    """Return a refusal by the org as a whole, after which the next object is not tried; None if there is none."""
    found = [one for one in verdicts if isinstance(one, RequestRefused)]
    return next((one for one in found if one.kind in ("org", "session")), None)


def _is(verdict: Verdict, codes: frozenset[str]) -> bool:
    return isinstance(verdict, RequestRefused) and verdict.code in codes


def _was_created_meanwhile(verdict: Verdict) -> bool:
    """Return whether a concurrent upsert created the key first; now that it exists, it can be updated."""
    return _is(verdict, frozenset({"DUPLICATE_VALUE"}))
