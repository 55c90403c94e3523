"""Product usage from a CSV file: ``account_id`` or ``domain``, ``signal``, ``at``, and optional columns."""

from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import IO

from integrations.csv_crm.formats import BOM, HEAD, check_format
from integrations.csv_crm.tables import copy_file, split
from integrations.ports import Unreachable
from integrations.signals import cursor as signal_cursor
from integrations.signals.records import MOST_BYTES, SURVEYS, USAGE, Layout, Sorting
from integrations.signals.spool import spooled
from onboarding.model.usage import SignalBatch


class SignalFile:
    """A signal source that reads a whole file whenever its content changed."""

    def __init__(self, path: Path, layout: Layout = USAGE) -> None:
        self._path = path
        self._layout = layout

    def read(self, cursor: str | None) -> Iterator[SignalBatch]:
        """Yield all events of the file, or ``unchanged``. Raise Unreachable if it cannot be read at all."""
        name, made_for = self._path.name, signal_cursor.fit("csv", str(self._path))
        self._bound()
        with spooled(name) as spool:
            if not copy_file(self._path.parent, name, spool.file):
                raise Unreachable(f"{self._path} is missing; put it there, or correct {self._layout.setting}")
            digest = spool.digest()
            kept = signal_cursor.written(made_for, digest=digest)
            if digest == signal_cursor.read(cursor, made_for).get("digest"):
                yield SignalBatch(source=name, cursor=kept, whole=True, unchanged=True)
                return
            sorting = Sorting(name, self._layout)
            yield from sorting.parts(self._sorted(spool.file, sorting), lambda: kept, whole=True)

    def _sorted(self, file: IO[bytes], sorting: Sorting) -> Iterator[None]:
        """Sort each row, pausing after each. Raise Unreachable if it is no such file."""
        name, head = self._path.name, file.read(HEAD)
        if not head.removeprefix(BOM).strip():
            return
        check_format(name, head)
        file.seek(len(BOM) if head.startswith(BOM) else 0)
        columns, rows = split(name, TextIOWrapper(file, "utf-8", "surrogateescape", newline=""))
        needed = {self._layout.name, "at", *(("id",) if self._layout.needs_id else ())}
        needed |= {"score"} if self._layout is SURVEYS else set()
        if not needed <= set(columns) or not {"account_id", "domain"} & set(columns):
            told = f"{', '.join(sorted(needed, reverse=True))}, and account_id or domain"
            raise Unreachable(f"{name} lacks a needed column; its header must have {told}")
        for row in rows:
            if row.broken:
                sorting.refuse(f"line {row.line}", "", row.broken, row.cells.values)
            else:
                sorting.take(f"line {row.line}", row.cells.values)
            yield

    def _bound(self) -> None:
        """Raise Unreachable if the file is too large. A missing one is reported when it is read."""
        try:
            size = self._path.stat().st_size
        except OSError:
            return
        if size > MOST_BYTES:
            raise Unreachable(f"{self._path.name} has more than {MOST_BYTES >> 20} MB; export fewer days")
