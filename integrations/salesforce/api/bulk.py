"""Bulk writes: one ingest job of Bulk API 2.0, from its CSV to a verdict for every row.

A job that is not done in time is aborted and never left running, because it could overwrite newer values. Every row
gets a verdict: written, refused, certainly not processed, or in doubt.
"""

import csv
import io
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from config.company.mapping import KEY
from integrations.salesforce.api.errors import RequestRefused
from integrations.salesforce.api.row_results import Verdict, not_sent, of_bulk_error, unprocessed
from integrations.salesforce.api.session import Session

WAITS = (1.0, 1.0, 2.0, 3.0, 5.0, 8.0)
"""Seconds between polls of a job; the last one repeats. This project's choice: a job takes seconds to minutes."""
NOTHING = "#N/A"
"""Clears a field; an empty cell leaves it as it is (Salesforce)."""
ENDS = frozenset({"JobComplete", "Failed", "Aborted"})


class Job:
    """One job, used once."""

    def __init__(
        self,
        session: Session,
        crm_object: str,
        *,
        wait: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session, self._object = session, crm_object
        self._wait, self._clock = wait, clock
        self._where = f"bulk upsert {crm_object}"
        self._path = ""

    def upsert(self, records: Mapping[str, Mapping[str, Any]], until: float) -> dict[str, Verdict]:
        """Upsert the records (JSON as in a collection) and return a verdict for each key. Raises nothing."""
        try:
            self._open(records)
        except RequestRefused as error:
            self._abort()
            return dict.fromkeys(records, not_sent(error))
        if (refused := self._close()) is not None:
            self._abort()
            return dict.fromkeys(records, not_sent(refused))
        state = self._outcome(until)
        if state is None:
            return dict.fromkeys(records, RequestRefused("JOB_LOST", "doubt", self._where))
        return self._verdicts(records, state)

    def _open(self, records: Mapping[str, Mapping[str, Any]]) -> None:
        """Create the job and upload its rows. Nothing is processed before it is closed. Raise Refused."""
        job = {
            "object": self._object,
            "operation": "upsert",
            "externalIdFieldName": KEY,
            "contentType": "CSV",
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
        }
        made = _job(self._session.post("jobs/ingest", job, where=self._where).body)
        if made is None:
            raise RequestRefused("UNREADABLE_ANSWER", "transient", self._where)
        self._path = f"jobs/ingest/{made['id']}"
        sheet = to_csv(records.values()).encode("utf-8")
        headers = {"Content-Type": "text/csv; charset=UTF-8"}
        self._session.call("PUT", f"{self._path}/batches", data=sheet, headers=headers, where=self._where)

    def _outcome(self, until: float) -> Mapping[str, Any] | None:
        """Wait until the job has ended or time is up, and return its state; None if it is unknown."""
        for wait in _growing():
            if self._clock() + wait >= until:
                break
            self._wait(wait)
            state = self._state()
            if state is not None and state["state"] in ENDS:
                return state
            if state is not None and state["state"] == "Open" and self._close() is not None:
                break
        return self._abort()

    def _close(self) -> RequestRefused | None:
        """Start the processing, and return the refusal. None also in doubt, where the job's state will tell."""
        try:
            self._session.patch(self._path, {"state": "UploadComplete"}, where=self._where)
        except RequestRefused as error:
            return None if error.kind == "doubt" else error
        return None

    def _state(self) -> Mapping[str, Any] | None:
        try:
            return _job(self._session.get(self._path, where=self._where).body)
        except RequestRefused:
            return None

    def _abort(self) -> Mapping[str, Any] | None:
        """Abort the job and return its state; None if it is unknown. Rows already written stay written."""
        if not self._path:
            return None
        try:
            state = _job(self._session.patch(self._path, {"state": "Aborted"}, where=self._where).body)
        except RequestRefused:
            state = self._state()  # it may have ended meanwhile
        return state if state is not None and state["state"] in ENDS else None

    def _verdicts(self, records: Mapping[str, Mapping[str, Any]], job: Mapping[str, Any]) -> dict[str, Verdict]:
        verdicts: dict[str, Verdict] = dict.fromkeys(records, RequestRefused("NOT_IN_RESULTS", "doubt", self._where))
        names = {key.lower(): key for key in records}
        failed = int(job.get("numberRecordsFailed") or 0)
        processed = int(job.get("numberRecordsProcessed") or 0)
        whole = job["state"] == "JobComplete" and processed == len(records)
        parts = {"successfulResults": processed > failed, "failedResults": failed > 0, "unprocessedrecords": False}
        for part, needed in parts.items():
            if whole and not needed:
                continue
            try:
                rows = self._rows(part)
            except RequestRefused:
                continue
            for row in rows:
                key = names.get(row.get(KEY, "").lower())
                if key is not None:
                    verdicts[key] = self._verdict(part, row, job)
        return verdicts

    def _verdict(self, part: str, row: Mapping[str, str], job: Mapping[str, Any]) -> Verdict:
        if part == "successfulResults":
            return row["sf__Id"]
        if part == "failedResults":
            return of_bulk_error(row.get("sf__Error", ""), self._where)
        return unprocessed(job, self._where)

    def _rows(self, part: str) -> Iterable[Mapping[str, str]]:
        headers = {"Accept": "text/csv"}
        text = self._session.call("GET", f"{self._path}/{part}", headers=headers, repeat=True, where=self._where).body
        return list(csv.DictReader(io.StringIO(text or "", newline="")))


def _job(body: Any) -> Mapping[str, Any] | None:
    """Return the job of a response; None if the response is something else."""
    return body if isinstance(body, Mapping) and "id" in body and "state" in body else None


def to_csv(records: Iterable[Mapping[str, Any]]) -> str:
    """Return the rows as CSV for Bulk API 2.0. A field that only some rows have stays unchanged in the others."""
    flat = [dict(_cells(record)) for record in records]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row.get(name, "") for name in columns] for row in flat)
    return out.getvalue()


def _cells(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in record.items():
        if name == "attributes":
            continue
        if isinstance(value, Mapping):
            for inner, text in value.items():
                yield f"{name}.{inner}", str(text)
        else:
            # A text that happens to equal the marker must not clear the field.
            yield name, NOTHING if value is None else "N/A" if value == NOTHING else str(value)


def _growing() -> Iterator[float]:
    yield from WAITS
    while True:
        yield WAITS[-1]
