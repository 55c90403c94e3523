"""Detection of record ids in a CSV folder that lost their capitals, by comparison with the other ids."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from integrations.crm.cells import CellError
from integrations.csv_crm.tables import CsvRow, CsvTable
from onboarding.model.identity import lost_capitals, salesforce_id, without_capitals

_SHORT = re.compile(r"0[A-Za-z0-9]{14}")


@dataclass(slots=True)
class Capitals:
    """All ids of the files, as their own rows and as references name them.

    An id of 18 characters restores its capitals. An id of 15 has lost them if no record has it and one with other
    capitals exists, or if it is a row's own id, all in one case, and a reference with capitals matches no row.
    """

    columns: tuple[str, ...]
    """The reference columns, besides ``Id``."""
    _rows: set[str] = field(default_factory=set)
    _sure: set[str] = field(default_factory=set)
    _alike: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """All spellings by the id without capitals: nearly always one, for which a tuple is a quarter of a set."""

    def learn(self, tables: Iterable[CsvTable]) -> None:
        """Collect every id of these files."""
        for table in tables:
            for row in table.rows:
                for column, text, record in self._ids(row):
                    self._rows |= {record} if column == "Id" else set()
                    self._sure |= set() if _SHORT.fullmatch(text) else {record}
                    if column == "Id" or not _SHORT.fullmatch(text):
                        known = self._alike.get(low := without_capitals(record), ())
                        self._alike[low] = known if record in known else (*known, record)

    def check(self, row: CsvRow) -> None:
        """Raise CellError for the first id of the row that lost its capitals."""
        for column, text, record in self._ids(row):
            if not _SHORT.fullmatch(text) or record in self._sure or (column != "Id" and record in self._rows):
                continue
            meant = set(self._alike.get(without_capitals(record), ())) - {record}
            if column == "Id":
                meant = meant - self._rows if text in (text.lower(), text.upper()) else set()
            if meant:
                raise CellError(column, lost_capitals(min(meant)))

    def _ids(self, row: CsvRow) -> Iterator[tuple[str, str, str]]:
        for column in ("Id", *self.columns):
            text = row.cells.values.get(column.lower(), "").partition(":")[0].strip()
            if len(text) in (15, 18):
                try:
                    record = salesforce_id(text)
                except ValueError:
                    continue
                if without_capitals(record):
                    yield column, text, record
