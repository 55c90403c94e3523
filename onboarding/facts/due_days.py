"""Due days that people set: of milestones that they moved, and of tasks."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, tzinfo

from onboarding.dates.limits import in_years
from onboarding.dates.working_time import zone_of
from onboarding.model.case import Case, Fact
from onboarding.model.vocabulary import FactKind


def redated(case: Case, facts: Iterable[Fact]) -> Mapping[str, datetime]:
    """Return the due dates that people set, by milestone: the day of a task, and where it was moved the last one. An
    unreadable day sets none. ``facts`` are in the order of ``reports.known``."""
    zone = zone_of(case.account.zone or "UTC")
    own: dict[str, datetime | None] = {}
    moved: dict[str, datetime | None] = {}
    for fact in facts:
        if fact.kind == FactKind.TASK:
            own.setdefault(fact.name, _end_of(fact, zone))
        elif fact.kind == FactKind.MILESTONE_DUE:
            moved[fact.name] = _end_of(fact, zone)
    return {name: at for days in (own, moved) for name, at in days.items() if at is not None}


def _end_of(fact: Fact, zone: tzinfo) -> datetime | None:
    """Return the last second of the day that a fact sets as due, in the account's zone; None if unreadable."""
    try:
        day = date.fromisoformat(str(fact.value.get("due_on", ""))[:10])
    except ValueError:
        return None
    if not in_years(day):
        return None
    return datetime.combine(day, time(23, 59, 59), tzinfo=zone).astimezone(UTC)
