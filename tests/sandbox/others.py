"""Changes by other people and programs in the org: sellers edit, delete, merge. Permissions are not checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.org.org import Org
from sandbox.org.records import Row

SELLER = "0055fQw99999998ABA"


@dataclass(frozen=True, slots=True)
class Others:
    """Changes stamped with the org's clock. ``visible_at``: when the transaction ends and others see the change."""

    org: Org

    def create(self, sobject: str, values: Mapping[str, Any], *, visible_at: datetime | None = None) -> str:
        """Make a record with stored values (dates as date, instants as datetime); return its id."""
        with self.org.lock:
            kind = self.org.object(sobject)
            flags = {one.name: one.default == "true" for one in kind.fields.values() if one.type == "boolean"}
            self._check(sobject, values)
            return self.org.records.put(sobject, flags | dict(values), by=SELLER, visible_at=visible_at)

    def edit(self, sobject: str, record_id: str, *, visible_at: datetime | None = None, **values: Any) -> None:
        """Change a record."""
        with self.org.lock:
            self._check(sobject, values)
            self.org.records.put(sobject, {"Id": record_id, **values}, by=SELLER, visible_at=visible_at)

    def delete(self, sobject: str, record_id: str) -> None:
        """Move a record to the recycle bin."""
        with self.org.lock:
            self.org.bin(self.row(sobject, record_id), by=SELLER)

    def undelete(self, sobject: str, record_id: str) -> None:
        """Restore a record from the recycle bin."""
        with self.org.lock:
            self.row(sobject, record_id)
            self.org.records.put(sobject, {"Id": record_id, "IsDeleted": False}, by=SELLER)

    def empty_bin(self, sobject: str, record_id: str) -> None:
        """Delete a record for good: no query finds it any more."""
        with self.org.lock:
            del self.org.records.rows[sobject][self.row(sobject, record_id).id[:15]]

    def merge(self, sobject: str, master_id: str, loser_id: str) -> None:
        """Merge two accounts or contacts: the loser is deleted and names its master, its children move over."""
        with self.org.lock:
            master, loser = self.row(sobject, master_id), self.row(sobject, loser_id)
            for other in self.org.schema.objects.values():
                for one in other.fields.values():
                    if one.reference_to == sobject and one.name != "MasterRecordId":
                        for child in self.org.records.find(other.name, one.name, loser.id):
                            self.org.records.put(other.name, {"Id": child.id, one.name: master.id}, by=SELLER)
            gone = {"Id": loser.id, "IsDeleted": True, "MasterRecordId": master.id}
            self.org.records.put(sobject, gone, by=SELLER)
            self.org.records.put(sobject, {"Id": master.id}, by=SELLER)

    def row(self, sobject: str, record_id: str) -> Row:
        """Return a record. Raises KeyError."""
        with self.org.lock:
            found = self.org.records.get(sobject, record_id)
            if found is None:
                raise KeyError(f"{sobject} {record_id}")
            return found

    def rows(self, sobject: str) -> list[Mapping[str, Any]]:
        """Return the values of all records that are not deleted."""
        with self.org.lock:
            return [row.values for row in self.org.records.all(sobject) if not row.deleted]

    def _check(self, sobject: str, values: Mapping[str, Any]) -> None:
        unknown = values.keys() - self.org.object(sobject).fields.keys()
        if unknown:
            raise KeyError(f"{sobject} has no {', '.join(sorted(unknown))}")
