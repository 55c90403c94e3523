"""Product usage from a CSV file: ``account_id`` or ``domain``, ``signal``, ``at``, and optional columns."""

import hashlib
from pathlib import Path

from integrations.csv_crm.tables import parse, read_files
from integrations.ports import Unreachable
from integrations.signals import cursor as signal_cursor
from integrations.signals.records import MOST_BYTES, Sorting
from onboarding.model.crm_records import SignalBatch


class SignalFile:
    """A signal source that reads a whole file whenever its content changed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, cursor: str | None) -> SignalBatch:
        """Return all events of the file, or ``unchanged``. Raise Unreachable if it cannot be read at all."""
        name, made_for = self._path.name, signal_cursor.fit("csv", str(self._path))
        self._bound()
        content = read_files(self._path.parent, [name]).get(name)
        if content is None:
            raise Unreachable(f"{self._path} is missing; put it there, or correct FIRST90_SIGNALS")
        digest = hashlib.sha256(content).hexdigest()
        kept = signal_cursor.written(made_for, digest=digest)
        if digest == signal_cursor.read(cursor, made_for).get("digest"):
            return SignalBatch(source=name, cursor=kept, whole=True, unchanged=True)
        sorting = Sorting(name)
        if content.strip():
            table = parse(name, content)
            if not {"signal", "at"} <= set(table.columns) or not {"account_id", "domain"} & set(table.columns):
                needed = "signal, at, and account_id or domain"
                raise Unreachable(f"{name} lacks a needed column; its header must have {needed}")
            for row in table.rows:
                if row.broken:
                    sorting.refuse(f"line {row.line}", "", row.broken, row.cells.values)
                else:
                    sorting.take(f"line {row.line}", row.cells.values)
        return SignalBatch(
            source=sorting.source,
            signals=tuple(sorting.signals),
            problems=tuple(sorting.problems),
            unreadable=frozenset(sorting.unreadable),
            whole=True,
            cursor=kept,
        )

    def _bound(self) -> None:
        """Raise Unreachable if the file is too large. A missing one is reported when it is read."""
        try:
            size = self._path.stat().st_size
        except OSError:
            return
        if size > MOST_BYTES:
            raise Unreachable(f"{self._path.name} has more than {MOST_BYTES >> 20} MB; export fewer days")
