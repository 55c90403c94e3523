"""A record, outside the database, of the messages that left: it survives a database that is restored from a backup.

One file a month for each database, in the home: a line of JSON for each step of a delivery, written before the
messages leave. A home that is restored together with its database tells nothing; keep this folder out of that.
"""

import errno
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

MONTHS = 3
"""How many months are kept: a backup that is older needs a person anyway. Our choice."""

TAIL = 64 << 10
"""Bytes at the end of a file that are looked at: some hundred steps. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Messages that left together."""

    at: datetime
    keys: tuple[str, ...]
    """The keys of their effects."""
    told_with: tuple[str, ...] = ()
    """The keys of further effects whose content these messages had: they did not leave themselves."""


@dataclass(frozen=True, slots=True)
class DepartureLog:
    """The record of one home. Safe to use from several processes at once: each line is one write at the end."""

    home: Path

    @property
    def folder(self) -> Path:
        """Return the folder of the record."""
        return self.home / "departures"

    def add(self, database_id: str, departure: Departure) -> None:
        """Write a line, before the messages leave. Raises OSError where it cannot be written."""
        folder = self.folder / database_id
        file = folder / f"{departure.at:%Y-%m}.jsonl"
        if not file.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for old in sorted(folder.glob("*.jsonl"))[: 1 - MONTHS]:
                old.unlink(missing_ok=True)
        line = {"at": departure.at.isoformat(), "left": departure.keys}
        line |= {"told_with": departure.told_with} if departure.told_with else {}
        handle = _private(str(file), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            # Begun with a line end: one that a full disk cut off spoils no other.
            whole = b"\n" + json.dumps(line, separators=(",", ":")).encode() + b"\n"
            if os.write(handle, whole) < len(whole):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file))
        finally:
            os.close(handle)

    def latest(self, database_id: str) -> tuple[Departure, ...]:
        """Return the last steps of each month: what a restored database does not know is among them.

        Of each, because a clock that was ahead once leaves a month that is the last one for years.
        """
        files = sorted((self.folder / database_id).glob("*.jsonl"))
        return tuple(one for file in files for one in _departures(_end(file)))

    def all(self, database_id: str) -> Iterator[Departure]:
        """Yield all steps that are kept, oldest first. A line that a crash cut off is left out."""
        for file in sorted((self.folder / database_id).glob("*.jsonl")):
            with open(file, "rb") as lines:
                yield from _departures(lines)


def _end(file: Path) -> list[bytes]:
    """Return the whole lines in the last part of the file; all of it where a line is longer than that."""
    with open(file, "rb") as opened:
        size = opened.seek(0, os.SEEK_END)
        opened.seek(max(0, size - TAIL))
        content = opened.read()
    whole = content if size <= TAIL else content.partition(b"\n")[2]
    return (whole.strip() or file.read_bytes()).splitlines()


def _departures(lines: Iterable[bytes]) -> Iterator[Departure]:
    for line in lines:
        try:
            value = json.loads(line)
            yield Departure(
                at=datetime.fromisoformat(value["at"]),
                keys=tuple(value["left"]),
                told_with=tuple(value.get("told_with", ())),
            )
        except (ValueError, KeyError, TypeError):
            continue


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
