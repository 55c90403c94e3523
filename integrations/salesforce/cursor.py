"""The position up to which an org was read, by the org's own stamps and never by the local clock.

A row whose transaction is still open has an older stamp than rows already visible, so a read looks back before the
mark; what it returned in that span is remembered and not returned again. It is remembered by content: stamps have whole
seconds, and a record changed twice in one second has one stamp for two versions, the second of which may become visible
minutes after the first. The mark is a stamp that was seen before the last query of a read began: whatever is older than
the look-back was visible to all its queries.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.salesforce.rows import record_id, stamp

LOOK_BACK = timedelta(minutes=10)
"""How much later than its stamp a row may become visible, while a long transaction commits (R16)."""
MOST_SEEN = 5000
"""Versions that are remembered, newest first; older ones are returned again, which is harmless."""


@dataclass(slots=True)
class Cursor:
    """The position of one stream of reads. Changed during a read; ``text`` is stored."""

    fit: str
    """What it was made for: org, mapping, first day. It is not valid for others."""
    fields: Mapping[str, tuple[str, ...]]
    """The fields that the org showed at the last whole read."""
    mark: datetime | None = None
    newest: datetime | None = None
    """The newest stamp seen so far."""
    seen: dict[str, str] = field(default_factory=dict)
    """Record id to the version returned last: its stamp, and a digest of its content."""

    @classmethod
    def read(cls, text: str | None, fit: str) -> "Cursor | None":
        """Return the stored cursor; None if there is none, it is of another shape, or does not fit."""
        try:
            kept = json.loads(text or "")
            if kept["fit"] != fit:
                return None
            fields = {name: tuple(names) for name, names in kept["fields"].items()}
            mark, newest = (datetime.fromisoformat(kept[name]) if kept[name] else None for name in ("mark", "newest"))
            return cls(fit, fields, mark, newest, dict(kept["seen"]))
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
            return None

    @property
    def since(self) -> datetime | None:
        """Return the moment from which to read; None for everything."""
        return self.mark - LOOK_BACK if self.mark else None

    def begin(self, first: Iterable[Mapping[str, Any]]) -> None:
        """Set the mark from the first query of a read: later queries are made after these stamps."""
        stamps = [stamp(row) for row in first]
        self.mark = max([*stamps, *([self.newest] if self.newest else [])], default=None)
        self.note(stamps)

    def note(self, stamps: Iterable[datetime]) -> None:
        """Record stamps."""
        self.newest = max([*stamps, *([self.newest] if self.newest else [])], default=None)

    def fresh(self, rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Return the rows that were not returned in this version before."""
        found = []
        for row in rows:
            at = stamp(row)
            self.note([at])
            version = f"{at.isoformat()} {_digest(row)}"
            if self.seen.get(record_id(row)) != version:
                self.seen[record_id(row)] = version
                found.append(row)
        return found

    def text(self) -> str:
        """Return the text to store, the same for the same position."""
        limit = (self.since or datetime.min.replace(tzinfo=UTC)).isoformat()
        near = sorted(((at, one) for one, at in self.seen.items() if at >= limit), reverse=True)[:MOST_SEEN]
        kept = {
            "fit": self.fit,
            "fields": {name: list(names) for name, names in self.fields.items()},
            "mark": self.mark.isoformat() if self.mark else None,
            "newest": self.newest.isoformat() if self.newest else None,
            "seen": {one: at for at, one in near},
        }
        return json.dumps(kept, separators=(",", ":"))


def _digest(row: Mapping[str, Any]) -> str:
    """Return a digest of a row's content; ``IsDeleted: false`` is left out, because not every query selects it."""
    said = {
        name: value for name, value in row.items() if name != "attributes" and (name, value) != ("IsDeleted", False)
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]
