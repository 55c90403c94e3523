"""The result of one read of an org: records, and what could not be read, with its place and reason."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from config.company.mapping import CrmMapping
from integrations.crm import records
from integrations.crm.cells import CellError, Cells
from integrations.salesforce.rows import cells, record_id
from onboarding.model.crm_records import CrmContactRole, Problem
from onboarding.model.identity import salesforce_id

ROLE = "OpportunityContactRole"
Record = TypeVar("Record")
Row = Mapping[str, Any]


def unread_contact(role_id: str) -> str:
    """Return the id that stands for the contact of an unreadable role."""
    return f"of {role_id} in {ROLE}"


@dataclass(slots=True)
class Findings:
    """The records read so far, and those that could not be read."""

    mapping: CrmMapping
    problems: list[Problem] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    looked_at: set[str] = field(default_factory=set)

    def take(
        self, source: str, rows: Iterable[Row], build: Callable[[Cells, CrmMapping], Record | None]
    ) -> tuple[Record, ...]:
        """Return the records of some rows."""
        return tuple(record for row in rows if (record := self._record(source, row, build)) is not None)

    def take_roles(self, rows: Iterable[Row]) -> tuple[CrmContactRole, ...]:
        """Return the roles of some rows. An unreadable row still counts as a person named in the deal."""
        return tuple(self._record(ROLE, row, records.role) or self._broken_role(row) for row in rows)

    def _broken_role(self, row: Row) -> CrmContactRole:
        problem = next(one for one in reversed(self.problems) if one.record == record_id(row))
        return CrmContactRole(
            deal_id=salesforce_id(str(row["OpportunityId"])),
            contact_id=unread_contact(record_id(row)),
            role=cells(row).values.get("role", "").strip(),
            broken=f"{problem.field} {problem.problem}".strip(),
        )

    def _record(self, source: str, row: Row, build: Callable[[Cells, CrmMapping], Record | None]) -> Record | None:
        key = record_id(row)
        self.looked_at.add(key)
        if source == ROLE:
            self.looked_at.add(unread_contact(key))
        said = cells(row)
        try:
            record = build(said, self.mapping)
        except CellError as error:
            self.problems.append(Problem(source=source, record=key, field=error.field, problem=error.problem))
            self.unreadable.add(key)
            return None
        self.problems += [
            Problem(source=source, record=key, field=name, problem=problem)
            for name, problem in records.notes(record, said, self.mapping)
        ]
        return record
