"""Edits of people in first90's milestone rows in the CRM, as facts (docs/salesforce-both-ways.md).

A three-way comparison: the row when both sides last agreed (last written, or read since), the row now, and what first90
would write now. A field that differs from the first was changed in the CRM and becomes a fact; if first90 would have
changed it too, the conflict is reported and the CRM's value holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from onboarding.crm.projection import STATUSES, Fields, digest_of, instant_text, milestone_fields
from onboarding.model.case import Case, Fact
from onboarding.model.crm_records import CrmMilestone
from onboarding.model.state import Milestone
from onboarding.model.vocabulary import FactKind

SOURCE = "crm"
DONE, NOT_APPLICABLE = STATUSES["done"], STATUSES["not_applicable"]
LONGEST = 255
"""Salesforce cuts a text field there; a difference beyond it is not an edit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A field that both sides changed. The CRM's value holds."""

    key: str
    field: str
    ours: str | None
    theirs: str | None

    def __str__(self) -> str:
        return f"{self.key}: {self.field} is {self.theirs!r} in the CRM and {self.ours!r} here; theirs holds"


def theirs(
    case: Case,
    agreed: Fields | None,
    row: CrmMilestone,
    milestone: Milestone,
    now: datetime,
    by: str = SOURCE,
) -> tuple[tuple[Fact, ...], tuple[Conflict, ...]]:
    """Return the facts that a milestone row of the CRM adds at ``now`` (UTC), and the fields that both sides changed.

    ``agreed`` is the row as it was last written or last read back, None if neither happened; the caller stores
    ``both_fields(row)`` as such together with the facts, so that a tick undone before the next write is seen. Safe
    to repeat: until the facts are saved the same row gives the same keys. A tick, its undoing and the next tick are
    three facts, because each key depends on the fact before. A completion with a future date counts from now.
    """
    there, ours = both_fields(row), milestone_fields(case, milestone)
    first = agreed is None
    agreed = {"Status__c": STATUSES["open"]} if agreed is None else agreed
    changed = {
        name
        for name, value in there.items()
        if value and not _same(value, agreed.get(name)) and not _same(value, ours.get(name))
    }
    stamp = digest_of(_last_edit(case, milestone.name), {name: agreed.get(name) for name in there}, there)
    facts = [
        Fact(
            key=f"{SOURCE}:{row.key}:{stamp}:{number}",
            kind=kind,
            name=milestone.name,
            at=now if at is None else min(at, now),
            learned_at=now,
            source=SOURCE,
            by=row.completed_by or by,
            value=value,
        )
        for number, (kind, at, value) in enumerate(_said(row, changed))
    ]
    conflicts = [
        Conflict(key=row.key, field=name, ours=ours.get(name), theirs=there[name])
        for name in sorted(changed)
        if not first and not _same(ours.get(name), agreed.get(name))
    ]
    return tuple(facts), tuple(conflicts)


def _last_edit(case: Case, milestone: str) -> str:
    """Return the key of the last fact from the CRM on this milestone, on which the next key depends."""
    edits = [fact for fact in case.facts if fact.source == SOURCE and fact.name == milestone]
    return max(((fact.learned_at, fact.key) for fact in edits), default=(None, ""))[1]


def _said(row: CrmMilestone, changed: set[str]) -> list[tuple[FactKind, datetime | None, Mapping[str, Any]]]:
    """Return kind, time and value of each fact, in the order in which they apply."""
    said: list[tuple[FactKind, datetime | None, Mapping[str, Any]]] = []
    note = {"reason": row.reason} if row.reason else {}
    if row.status == DONE and changed & {"Status__c", "Completed_At__c", "Completed_By__c"}:
        if "Status__c" not in changed:
            # The earliest report dates a milestone; a later one counts only after the earlier is undone.
            said.append((FactKind.MILESTONE_UNDONE, None, {}))
        said.append((FactKind.MILESTONE, row.completed_at, note))
    elif row.status == NOT_APPLICABLE and changed & {"Status__c", "Reason__c"}:
        said.append((FactKind.MILESTONE_WAIVED, None, {"reason": row.reason}))
    elif "Status__c" in changed and row.status not in (DONE, NOT_APPLICABLE):
        said.append((FactKind.MILESTONE_UNDONE, None, note))
    if "Due_On__c" in changed and row.due_on is not None:
        said.append((FactKind.MILESTONE_DUE, None, {"due_on": row.due_on.isoformat()}))
    return said


def both_fields(row: CrmMilestone) -> Fields:
    """Return the fields of a row that both sides may change, spelt as first90 writes them."""
    return {
        "Status__c": row.status,
        "Due_On__c": row.due_on.isoformat() if row.due_on else None,
        "Completed_At__c": instant_text(row.completed_at),
        "Completed_By__c": row.completed_by or None,
        "Reason__c": row.reason or None,
    }


def _same(one: str | None, other: str | None) -> bool:
    """Return whether two texts are equal, regardless of blanks and of the length at which the CRM cuts them."""
    return " ".join((one or "").split())[:LONGEST].rstrip() == " ".join((other or "").split())[:LONGEST].rstrip()
