"""The rows of the org: by object and id, with system fields, the recycle bin, and commits that become visible later."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from onboarding.model.identity import salesforce_id

Values = dict[str, Any]
Clock = Callable[[], datetime]


@dataclass(slots=True)
class Row:
    """One record: canonical values by API name, system fields included. Changed only by ``Records``."""

    sobject: str
    values: Values

    @property
    def id(self) -> str:
        """Return the 18-character id."""
        return str(self.values["Id"])

    @property
    def deleted(self) -> bool:
        """Return whether the row is in the recycle bin."""
        return bool(self.values.get("IsDeleted"))


@dataclass(frozen=True, slots=True)
class _Coming:
    """A change that is stamped, but not visible yet: its transaction is still open."""

    visible_at: datetime
    number: int
    sobject: str
    values: Values


@dataclass(slots=True)
class Records:
    """All rows. Not thread-safe: callers hold the org's lock."""

    prefixes: Mapping[str, str]
    """The first three characters of an object's ids."""
    clock: Clock
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Fields that are looked up by value, by object."""
    rows: dict[str, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))
    """Rows by object and 15-character id."""
    _holders: dict[tuple[str, str, Any], set[str]] = field(default_factory=lambda: defaultdict(set))
    """An index: 15-character ids of rows that have or had a value, by object, field and value."""
    _coming: list[_Coming] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def all(self, sobject: str) -> list[Row]:
        """Return the rows of an object that are visible now, deleted ones included."""
        self.settle()
        return list(self.rows[sobject].values())

    def get(self, sobject: str, record_id: str) -> Row | None:
        """Return the row with an id of 15 or 18 characters, or None."""
        self.settle()
        return self.rows[sobject].get(record_id[:15])

    def find(self, sobject: str, name: str, value: Any) -> list[Row]:
        """Return the rows that are not deleted and have this value, text in any case."""
        self.settle()
        wanted, rows = _folded(value), self.rows[sobject]
        among: Iterable[Row] = rows.values()
        if name in self.keys.get(sobject, ()):
            held = self._holders.get((sobject, name, wanted), set())
            among = [rows[key] for key in sorted(held) if key in rows]
        return [row for row in among if not row.deleted and _folded(row.values.get(name)) == wanted]

    def new_id(self, sobject: str) -> str:
        """Return a new 18-character id."""
        while True:
            short = f"{self.prefixes[sobject]}9K0{next(self._numbers):09d}"
            if short not in self.rows[sobject]:
                return salesforce_id(short)

    def put(
        self, sobject: str, values: Mapping[str, Any], *, by: str | None, visible_at: datetime | None = None
    ) -> str:
        """Create or change a row and stamp it with the clock's second, unless the values have a stamp; return its id.

        ``visible_at``: when the transaction ends; until then all calls read the old row, though the stamp is older.
        """
        now = self.clock().replace(microsecond=0)
        given = dict(values)
        record_id = salesforce_id(given.pop("Id", None) or self.new_id(sobject))
        stamps: Values = {"LastModifiedDate": now, "SystemModstamp": now, "LastModifiedById": by}
        if record_id[:15] not in self.rows[sobject]:
            stamps |= {"CreatedDate": given.get("SystemModstamp", now), "CreatedById": by, "IsDeleted": False}
        changed = {"Id": record_id} | stamps | given
        if visible_at is None:
            self._apply(sobject, changed)
        else:
            self._coming.append(_Coming(visible_at, next(self._numbers), sobject, changed))
        return record_id

    def settle(self) -> None:
        """Apply the changes that have become visible by now."""
        if not self._coming:
            return
        now = self.clock()
        due = sorted((one for one in self._coming if one.visible_at <= now), key=lambda one: one.number)
        self._coming = [one for one in self._coming if one.visible_at > now]
        for one in due:
            self._apply(one.sobject, one.values)

    def snapshot(self) -> dict[str, dict[str, Values]]:
        """Return all values, for ``restore``."""
        return {sobject: {key: row.values for key, row in rows.items()} for sobject, rows in self.rows.items()}

    def restore(self, before: Mapping[str, Mapping[str, Values]]) -> None:
        """Go back to a snapshot: rows made since are removed, changed rows have their old values."""
        for sobject, rows in self.rows.items():
            held = before.get(sobject, {})
            for key in [key for key in rows if key not in held]:
                del rows[key]
            for key, values in held.items():
                rows[key].values = values

    def _apply(self, sobject: str, values: Values) -> None:
        row = self.rows[sobject].setdefault(values["Id"][:15], Row(sobject, {}))
        row.values = row.values | values
        for name in self.keys.get(sobject, ()):
            if name in values:
                self._holders[sobject, name, _folded(values[name])].add(values["Id"][:15])


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
