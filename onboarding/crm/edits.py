"""What people changed in our milestone rows in the CRM, as facts (docs/salesforce-both-ways.md).

Compared three ways: how the row stood when both sides last agreed (what we wrote, or what we read since),
how it stands now, what we would write now. A field that differs from the first was changed by them and
becomes a fact; where we would have changed it too, that is shown and theirs holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from onboarding.crm.projection import STATUSES, Fields, digest_of, instant_text, milestone_fields
from onboarding.model.case import Case, Fact
from onboarding.model.crm_records import CrmMilestone
from onboarding.model.state import Milestone

SOURCE = "crm"
DONE, NOT_APPLICABLE = STATUSES["done"], STATUSES["not_applicable"]
LONGEST = 255
"""Salesforce cuts a text field there; what lies beyond is no change of theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A field that both sides changed. Theirs holds."""

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
    """The facts that a milestone row of the CRM holds at ``now`` (UTC), and what both sides changed.

    ``agreed`` is the row as we last wrote it or last took it back, None where we did neither; the caller
    remembers ``both_fields(row)`` as such together with the facts, so that a tick undone before our next
    write is seen. Safe to repeat: until the facts are saved the same row gives the same keys. A tick, its
    undoing and the next tick are three facts, as each builds on the one before. A completion dated in the
    future counts from now.
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
    """The key of the last fact that the CRM's people gave on this milestone: the one the next builds on."""
    edits = [fact for fact in case.facts if fact.source == SOURCE and fact.name == milestone]
    return max(((fact.learned_at, fact.key) for fact in edits), default=(None, ""))[1]


def _said(row: CrmMilestone, changed: set[str]) -> list[tuple[str, datetime | None, Mapping[str, Any]]]:
    """Kind, time and value of each fact, in the order in which they act."""
    said: list[tuple[str, datetime | None, Mapping[str, Any]]] = []
    note = {"reason": row.reason} if row.reason else {}
    if row.status == DONE and changed & {"Status__c", "Completed_At__c", "Completed_By__c"}:
        if "Status__c" not in changed:
            # The earliest report dates a milestone; a later one holds once the old is taken back.
            said.append(("milestone_undone", None, {}))
        said.append(("milestone", row.completed_at, note))
    elif row.status == NOT_APPLICABLE and changed & {"Status__c", "Reason__c"}:
        said.append(("milestone_waived", None, {"reason": row.reason}))
    elif "Status__c" in changed and row.status not in (DONE, NOT_APPLICABLE):
        said.append(("milestone_undone", None, note))
    if "Due_On__c" in changed and row.due_on is not None:
        said.append(("milestone_due", None, {"due_on": row.due_on.isoformat()}))
    return said


def both_fields(row: CrmMilestone) -> Fields:
    """The fields of a row that both sides may change, spelt as we write them."""
    return {
        "Status__c": row.status,
        "Due_On__c": row.due_on.isoformat() if row.due_on else None,
        "Completed_At__c": instant_text(row.completed_at),
        "Completed_By__c": row.completed_by or None,
        "Reason__c": row.reason or None,
    }


def _same(one: str | None, other: str | None) -> bool:
    """Whether two texts are the same but for blanks and for what the CRM cuts off."""
    return " ".join((one or "").split())[:LONGEST].rstrip() == " ".join((other or "").split())[:LONGEST].rstrip()
