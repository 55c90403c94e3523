"""Ingest jobs of Bulk API 2.0: their states, their CSV, and the result of each row."""

import csv
import io
from dataclasses import dataclass, field
from typing import Any

from sandbox.schema.refusals import Refusal

CHUNK = 200
"""Rows that are saved together: a key may be in such a chunk once."""
NOTHING = "#N/A"
LINE_ENDS = {"LF": "\n", "CRLF": "\r\n"}
DELIMITERS = {"COMMA": ",", "TAB": "\t", "PIPE": "|", "SEMICOLON": ";", "CARET": "^", "BACKQUOTE": "`"}
ENDED = ("JobComplete", "Failed", "Aborted")


class BadSheet(Exception):
    """A CSV that fails its whole job; the message is the job's."""


@dataclass(slots=True)
class IngestJob:
    """One job. ``succeeded`` holds rows in the order of processing with their id and whether they are new, ``failed``
    rows with their error."""

    id: str
    sobject: str
    key: str
    line_ending: str
    delimiter: str
    state: str = "Open"
    content: bytes | None = None
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    succeeded: list[tuple[list[str], str, bool]] = field(default_factory=list)
    failed: list[tuple[list[str], str]] = field(default_factory=list)
    error: str | None = None

    @property
    def processed(self) -> int:
        """Return how many rows are processed."""
        return len(self.succeeded) + len(self.failed)

    def read(self) -> None:
        """Parse the CSV into ``columns`` and ``rows``. Raises BadSheet."""
        text = (self.content or b"").decode("utf-8-sig", errors="replace")
        end = LINE_ENDS[self.line_ending]
        first = text[: text.find("\n") + 1]
        if first.endswith("\r\n") != (end == "\r\n"):
            raise BadSheet(
                "ClientInputError : LineEnding is invalid on user data. "
                f"Current LineEnding setting is {self.line_ending}"
            )
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[self.delimiter], strict=True))
        except csv.Error:
            raise BadSheet("ClientInputError : the CSV cannot be read") from None
        self.columns, self.rows = (rows[0], rows[1:]) if rows else ([], [])
        if not self.columns or any(len(row) != len(self.columns) for row in self.rows):
            raise BadSheet("InvalidBatch : the number of fields differs from that of the header")

    def values(self, row: list[str]) -> dict[str, Any]:
        """Return a row as a record: an empty cell leaves its field unchanged, ``#N/A`` empties it."""
        record: dict[str, Any] = {}
        for name, text in zip(self.columns, row, strict=True):
            if text == "":
                continue
            relation, dot, inner = name.partition(".")
            value = None if text == NOTHING else text
            record[relation] = {inner: value} if dot else value
        return record

    def info(self, version: str) -> dict[str, Any]:
        """Return the job as the API shows it."""
        return {
            "id": self.id,
            "object": self.sobject,
            "operation": "upsert",
            "externalIdFieldName": self.key,
            "state": self.state,
            "apiVersion": float(version),
            "jobType": "V2Ingest",
            "contentType": "CSV",
            "concurrencyMode": "Parallel",
            "lineEnding": self.line_ending,
            "columnDelimiter": self.delimiter,
            "contentUrl": f"services/data/v{version}/jobs/ingest/{self.id}/batches",
            "numberRecordsProcessed": self.processed,
            "numberRecordsFailed": len(self.failed),
            **({"errorMessage": self.error} if self.error else {}),
        }

    def sheet(self, part: str) -> str:
        """Return one of the three results as CSV, not in the upload's order. Raises Refusal before the job ended."""
        if self.state not in ENDED:
            raise bad_state(f"the job is {self.state}; its results are there once it has ended")
        if part == "successfulResults":
            head = ["sf__Id", "sf__Created", *self.columns]
            rows = [[record_id, str(new).lower(), *row] for row, record_id, new in reversed(self.succeeded)]
        elif part == "failedResults":
            head = ["sf__Id", "sf__Error", *self.columns]
            rows = [["", error, *row] for row, error in reversed(self.failed)]
        else:
            head, rows = list(self.columns), list(reversed(self.rows[self.processed :]))
        out = io.StringIO(newline="")
        csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([head, *rows])
        return out.getvalue()


@dataclass(slots=True)
class BulkJobs:
    """All jobs by id, and how they misbehave on demand."""

    jobs: dict[str, IngestJob] = field(default_factory=dict)
    rows_a_look: int | None = None
    """How many rows are processed at each poll of a job; None: all at the first."""
    fail_after: int | None = None
    """After so many rows a job fails; the rest is not processed."""


def bad_state(message: str) -> Refusal:
    """Return the refusal of an operation that the job's state does not allow."""
    return Refusal(400, "INVALIDJOBSTATE", message)
