"""A CSV file of product usage: ``account_id`` or ``domain``, ``signal``, ``at``, and more if known."""

import hashlib
from pathlib import Path

from integrations.csv_crm.tables import look, parse
from integrations.ports import Unreachable
from integrations.signal_records import Sorting
from onboarding.records import SignalBatch


class SignalFile:
    """Product usage in a file, read whole whenever its content changed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, cursor: str | None) -> SignalBatch:
        """All events of the file, or ``unchanged``. Raises Unreachable when it cannot be read at all."""
        name = self._path.name
        content = look(self._path.parent, [name]).get(name)
        if content is None:
            raise Unreachable(f"{self._path} is missing; put it there, or correct FIRST90_SIGNALS")
        digest = hashlib.sha256(content).hexdigest()
        if digest == cursor:
            return SignalBatch(source=name, cursor=digest, whole=True, unchanged=True)
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
            cursor=digest,
        )
