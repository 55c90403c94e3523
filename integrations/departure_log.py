"""A record, outside the database, of the messages that left: it survives a database that is restored from a backup.

One file a month for each database, in the home: a line of JSON for each step of a delivery, written before the
messages leave. A home that is restored together with its database tells nothing; keep this folder out of that.
"""

import contextlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

MONTHS = 3
"""How many months are kept: a backup that is older needs a person anyway. Our choice."""

TAIL = 128 << 10
"""Bytes at the end of a file that are looked at: some steps more than can be under way at once. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Messages that left together, by the keys of their effects."""

    number: int
    """The number of their batch, counted for one home; the database holds the last one that it knows."""
    at: datetime
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DepartureLog:
    """The record of one home. Safe to use from several processes at once: each line is one write at the end."""

    home: Path

    @property
    def folder(self) -> Path:
        """Return the folder of the record."""
        return self.home / "departures"

    def home_id(self) -> str:
        """Return the id of this home, made at first use. Raises OSError where the home cannot be written."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self.folder / "home"
        if not file.exists():
            made = self.folder / f".{secrets.token_hex(8)}"
            made.write_text(secrets.token_hex(8), encoding="ascii")
            with contextlib.suppress(FileExistsError):  # another process was first
                os.link(made, file)
            made.unlink()
        return file.read_text(encoding="ascii")

    def add(self, database_id: str, departure: Departure) -> None:
        """Write a line, before the messages leave. Raises OSError where it cannot be written."""
        folder = self.folder / database_id
        file = folder / f"{departure.at:%Y-%m}.jsonl"
        if not file.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            for old in sorted(folder.glob("*.jsonl"))[: 1 - MONTHS]:
                old.unlink(missing_ok=True)
        line = {"number": departure.number, "at": departure.at.isoformat(), "keys": departure.keys}
        handle = _private(str(file), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            # Begun with a line end: one that a full disk cut off spoils no other.
            os.write(handle, b"\n" + json.dumps(line, separators=(",", ":")).encode() + b"\n")
        finally:
            os.close(handle)

    def after(self, database_id: str, number: int) -> tuple[Departure, ...]:
        """Return what left in batches after this number, oldest first: what the database does not know of.

        Reads the end of the newest file only, while there is none. A line that a crash cut off is left out.
        """
        found: list[Departure] = []
        for file in sorted((self.folder / database_id).glob("*.jsonl"), reverse=True):
            if not any(one.number > number for one in _departures(_end(file))):
                break
            found = [one for one in _departures(file.read_bytes()) if one.number > number] + found
        return tuple(found)


def _end(file: Path) -> bytes:
    """Return the whole lines in the last part of the file; all of it where a line is longer than that."""
    with open(file, "rb") as opened:
        size = opened.seek(0, os.SEEK_END)
        opened.seek(max(0, size - TAIL))
        content = opened.read()
    if size <= TAIL:
        return content
    _, _, whole = content.partition(b"\n")
    return whole or file.read_bytes()


def _departures(content: bytes) -> Iterator[Departure]:
    for line in content.splitlines():
        try:
            value = json.loads(line)
            yield Departure(
                number=int(value["number"]), at=datetime.fromisoformat(value["at"]), keys=tuple(value["keys"])
            )
        except (ValueError, KeyError, TypeError):
            continue


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
