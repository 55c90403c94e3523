"""Rows of ``Onboarding_Milestone__c`` as records: first90's own, and those that people add for a task."""

from collections.abc import Mapping

from config.company.mapping import KEY, CrmMapping
from integrations.crm.cells import CellError, Cells
from onboarding.model.crm_records import CrmMilestone
from onboarding.model.identity import many_lines, one_line, salesforce_id
from onboarding.own_tasks.plan import task_name

STATUSES = ("Open", "Done", "Not applicable")


def milestone(row: Cells, mapping: CrmMapping) -> CrmMilestone:
    """Return the record of a row that has a key."""
    return _record(row, _names(mapping), _own_key(row))


def milestone_or_added(row: Cells, mapping: CrmMapping) -> CrmMilestone:
    """Return the record of a row; one that a person added without a key has that of the task that it asks for."""
    names = _names(mapping)
    added = None if row.text(KEY) else added_key(row.ours(names["Onboarding__c"]), row.ours(names["Milestone__c"]))
    return _record(row, names, added or _own_key(row))


def added_key(onboarding_key: str, title: str) -> str | None:
    """Return the key of the task with this title at an onboarding; None without one of the two."""
    try:
        return f"{salesforce_id(onboarding_key)}:{task_name(one_line(title))}" if title.strip() else None
    except ValueError:
        return None


def _names(mapping: CrmMapping) -> Mapping[str, str]:
    """Return the columns by first90's names; what is not mapped has its own."""
    found = {name: field.field or name for name, field in mapping.written("Onboarding_Milestone__c").items()}
    return {"Onboarding__c": "Onboarding__c", "Milestone__c": "Milestone__c"} | found


def _record(row: Cells, names: Mapping[str, str], key: str) -> CrmMilestone:
    given = row.ours(names.get("Status__c"))
    status = next((known for known in STATUSES if known.lower() == given.lower()), None if given else "Open")
    if status is None:
        raise CellError(names["Status__c"], f"is none of {', '.join(STATUSES)}; choose one")
    return CrmMilestone(
        key=key,
        status=status,
        due_on=row.day(names.get("Due_On__c")),
        completed_at=row.instant(names.get("Completed_At__c")),
        completed_by=one_line(row.ours(names.get("Completed_By__c"))),
        reason=many_lines(row.ours(names.get("Reason__c"))),
        title=one_line(row.ours(names["Milestone__c"])),
        side=row.ours(names.get("Side__c")),
        owner_role=row.ours(names.get("Owner_Role__c")),
        stage=row.ours(names.get("Stage__c")),
    )


def _own_key(row: Cells) -> str:
    onboarding_key, colon, name = row.text(KEY, needed=True).partition(":")
    if not colon or not name.strip():
        raise CellError(KEY, "is no milestone's key; write <onboarding key>:<milestone name>")
    try:
        return f"{salesforce_id(onboarding_key)}:{one_line(name)}"
    except ValueError as error:
        raise CellError(KEY, f"names no onboarding: it {error}") from None
