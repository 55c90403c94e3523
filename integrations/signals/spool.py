"""The content of one read: all of it is there before its first event is taken in, on disk if it is large."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from integrations.ports import Unreachable
from integrations.signals.records import MOST_BYTES, Sorting

IN_MEMORY = 4 << 20
"""Bytes of a read that stay in memory; more is written to a temporary file. This project's choice."""
MOST_LINES = 3_000_000
"""Lines of one read, which take some ten seconds even if none can be read. This project's choice."""
MOST_END = 4096
"""Bytes at the end in which a function's failure is looked for: all that it may write of one."""
FEWER = "use {since}, so that only new events are sent"
MOST_LINE = 256 * 1024
"""Bytes of one event as JSON; a longer line is set aside unread. This project's choice."""


@contextmanager
def spooled(source: str) -> Iterator["Spool"]:
    """Yield an empty one for a read of the source of this name; its file is gone afterwards."""
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        yield Spool(source, cast(IO[bytes], file))


class Spool:
    """What one read received, with its size and its number of lines."""

    def __init__(self, source: str, file: IO[bytes]) -> None:
        self.file = file
        self.size = self.lines = 0
        self._source = source

    def write(self, part: bytes) -> None:
        """Add what was received. Raise Unreachable if that is too much for one read."""
        self.file.write(part)
        self.size += len(part)
        self.lines += part.count(b"\n")
        if self.size > MOST_BYTES:
            raise Unreachable(f"signals from {self._source}: more than {MOST_BYTES >> 20} MB; {FEWER}")
        if self.lines > MOST_LINES:
            raise Unreachable(f"signals from {self._source}: more than {MOST_LINES:,} lines; {FEWER}")

    def digest(self) -> str:
        """Return the digest of the content, and go back to its beginning."""
        self.file.seek(0)
        found = hashlib.sha256()
        while part := self.file.read(1 << 20):
            found.update(part)
        self.file.seek(0)
        return found.hexdigest()

    def end(self) -> bytes:
        """Return the last bytes of the content."""
        self.file.seek(max(0, self.size - MOST_END))
        return self.file.read()

    def remove_end(self, mark: bytes) -> bool:
        """Remove ``mark`` from the end of the content; return whether it was there."""
        if not self.end().endswith(mark):
            return False
        self.size -= len(mark)
        self.file.seek(self.size)
        self.file.truncate()
        return True

    def sort_json_lines(self, sorting: Sorting, what: str = "line") -> Iterator[None]:
        """Sort each line as one event, pausing after each. ``what`` is a line's name in problems."""
        for number, line in enumerate(self._lines(), start=1):
            if len(line) > MOST_LINE:
                sorting.refuse(f"{what} {number}", "", f"is longer than {MOST_LINE >> 10} KB; one line holds one event")
            elif line.strip():
                _take(sorting, f"{what} {number}", line)
            yield

    def _lines(self) -> Iterator[bytes]:
        """Yield the lines from the beginning; of one that is too long its first bytes only."""
        self.file.seek(0)
        while line := self.file.readline(MOST_LINE + 1):
            rest = line
            while len(rest) > MOST_LINE and not rest.endswith(b"\n"):
                rest = self.file.readline(MOST_LINE + 1)
            yield line


def _take(sorting: Sorting, place: str, line: bytes) -> None:
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError):
        sorting.refuse(place, "", "is no JSON object in UTF-8")
        return
    if not isinstance(found, dict):
        sorting.refuse(place, "", "is no JSON object")
        return
    sorting.take(place, {str(name).lower(): value for name, value in found.items()})
