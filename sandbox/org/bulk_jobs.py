"""Ingest jobs of Bulk API 2.0: their states, their CSV, and what became of each row."""

import csv
import io
from dataclasses import dataclass, field
from typing import Any

from sandbox.schema.refusals import Refusal

CHUNK = 200
"""Rows that are saved together: a key may stand in such a chunk once."""
NOTHING = "#N/A"
LINE_ENDS = {"LF": "\n", "CRLF": "\r\n"}
DELIMITERS = {"COMMA": ",", "TAB": "\t", "PIPE": "|", "SEMICOLON": ";", "CARET": "^", "BACKQUOTE": "`"}
ENDED = ("JobComplete", "Failed", "Aborted")


class BadSheet(Exception):
    """A CSV that fails its job as a whole; the message is the job's."""


@dataclass(slots=True)
class IngestJob:
    """One job. ``done`` holds the rows in the order of processing with their id and whether they are new, or error."""

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
        """How many rows have an end."""
        return len(self.succeeded) + len(self.failed)

    def read(self) -> None:
        """Take the CSV apart. Raises BadSheet."""
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
        """A row as a record: an empty cell leaves its field alone, the sign for nothing empties it."""
        record: dict[str, Any] = {}
        for name, text in zip(self.columns, row, strict=True):
            if text == "":
                continue
            relation, dot, inner = name.partition(".")
            value = None if text == NOTHING else text
            record[relation] = {inner: value} if dot else value
        return record

    def info(self, version: str) -> dict[str, Any]:
        """The job as its address shows it."""
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
        """One of the three results; their order is not that of the upload. Raises Refusal before the job has ended."""
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
    """All jobs by id, and how they misbehave to order."""

    jobs: dict[str, IngestJob] = field(default_factory=dict)
    rows_a_look: int | None = None
    """How many rows are processed between two looks at a job; None: all before the first."""
    fail_after: int | None = None
    """After so many rows a job fails, the rest is not processed."""


def bad_state(message: str) -> Refusal:
    """A job that is not in a state for this."""
    return Refusal(400, "INVALIDJOBSTATE", message)
