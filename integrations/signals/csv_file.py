"""Product usage from a CSV file: ``account_id`` or ``domain``, ``signal``, ``at``, and optional columns."""

import hashlib
from pathlib import Path

from integrations.csv_crm.tables import parse, read_files
from integrations.ports import Unreachable
from integrations.signals import cursor as signal_cursor
from integrations.signals.records import MOST_BYTES, SURVEYS, USAGE, Layout, Sorting
from onboarding.model.crm_records import SignalBatch


class SignalFile:
    """A signal source that reads a whole file whenever its content changed."""

    def __init__(self, path: Path, layout: Layout = USAGE) -> None:
        self._path = path
        self._layout = layout

    def read(self, cursor: str | None) -> SignalBatch:
        """Return all events of the file, or ``unchanged``. Raise Unreachable if it cannot be read at all."""
        name, made_for = self._path.name, signal_cursor.fit("csv", str(self._path))
        self._bound()
        content = read_files(self._path.parent, [name]).get(name)
        if content is None:
            raise Unreachable(f"{self._path} is missing; put it there, or correct {self._layout.setting}")
        digest = hashlib.sha256(content).hexdigest()
        kept = signal_cursor.written(made_for, digest=digest)
        if digest == signal_cursor.read(cursor, made_for).get("digest"):
            return SignalBatch(source=name, cursor=kept, whole=True, unchanged=True)
        sorting = Sorting(name, self._layout)
        if content.strip():
            table = parse(name, content)
            needed = {self._layout.name, "at", *(("id",) if self._layout.needs_id else ())}
            needed |= {"score"} if self._layout is SURVEYS else set()
            if not needed <= set(table.columns) or not {"account_id", "domain"} & set(table.columns):
                told = f"{', '.join(sorted(needed, reverse=True))}, and account_id or domain"
                raise Unreachable(f"{name} lacks a needed column; its header must have {told}")
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
