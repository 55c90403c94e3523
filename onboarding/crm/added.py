"""Rows that people add to first90's milestones in the CRM: each becomes a task of its account."""

from collections.abc import Mapping
from datetime import datetime

from onboarding.crm.edits import SOURCE
from onboarding.facts.fold import Folded
from onboarding.model.case import Case, Fact
from onboarding.model.crm_records import CrmMilestone
from onboarding.model.vocabulary import FactKind
from onboarding.own_tasks.plan import PREFIX, own_tasks, task_of
from onboarding.own_tasks.request import TaskRefused, TaskRequest, task_value

FIELDS: Mapping[str, str] = {
    "title": "Milestone__c",
    "side": "Side__c",
    "owner": "Owner_Role__c",
    "due": "Due_On__c",
    "stage": "Stage__c",
}
"""The field of each part of a task."""


def is_added(row: CrmMilestone) -> bool:
    """Return whether the row asks for a task, where no milestone has its name."""
    return row.name.startswith(PREFIX) and bool(row.title)


def added_task(case: Case, folded: Folded, row: CrmMilestone, now: datetime) -> Fact:
    """Return the fact that adds the task; the same row gives the same key. No stage waits for it. Raise TaskRefused."""
    if (known := task_of(own_tasks(folded.playbook), row.title)) is not None:
        raise TaskRefused("title", f"there is already a task of this title, {known.name}; change that row")
    asked = TaskRequest(
        title=row.title,
        side=row.side,
        owner=row.owner_role,
        due_on=row.due_on.isoformat() if row.due_on else "",
        stage=row.stage,
    )
    value = task_value(asked, case, folded.state, now)
    return Fact(
        key=f"{SOURCE}:{row.key}:{FactKind.TASK}",
        kind=FactKind.TASK,
        name=row.name,
        at=now,
        learned_at=now,
        source=SOURCE,
        by=SOURCE,
        value=value,
    )
