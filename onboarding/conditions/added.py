"""Milestones that another version of the playbook, or another tier, gave a customer under way: since when they have
them. Pure.

Kept beside the results of conditions, by which parts appear under way too, so that taking the version back forgets
them.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from onboarding.dates.anchors import after, moment, shift
from onboarding.model.case import Case
from onboarding.model.conditions.result import ConditionResult
from onboarding.model.playbook import MilestonePlan, Playbook
from onboarding.model.schedule import Offset

_OF = "milestone:"
LEAST = Offset(working_days=2)
"""The time that such a milestone has at least. This project's choice."""


def with_added(case: Case, milestones: Collection[str], now: datetime) -> Case:
    """Return the case as one that has these milestones only from ``now`` (UTC) on."""
    if not milestones:
        return case
    fresh = {f"{_OF}{name}": ConditionResult(True, now) for name in sorted(milestones)}
    return replace(case, progress=replace(case.progress, conditions={**case.progress.conditions, **fresh}))


def still_added(case: Case, playbook: Playbook) -> Mapping[str, ConditionResult]:
    """Return what ``with_added`` noted, as it is saved, of the milestones that the playbook still has."""
    kept, names = case.progress.conditions, {f"{_OF}{plan.name}" for plan in playbook.milestones()}
    return {key: kept[key] for key in sorted(kept.keys() & names)}


def added_at(case: Case, plan: MilestonePlan) -> datetime | None:
    """Return since when the customer has a milestone, or its date, from a later version or another tier (UTC); None for
    every other one."""
    found = case.progress.conditions.get(f"{_OF}{plan.name}")
    return found.since if found else None


def with_time(due_at: datetime, plan: MilestonePlan, case: Case, now: datetime) -> datetime:
    """Return the due date of a milestone: ``due_at``, the one by the playbook, unless a later version or another tier
    brought it when that was over already, or less than two working days ahead. It then has its whole span from that
    moment on, which is at least two working days: nobody is late with work that nobody could know of.
    """
    since = added_at(case, plan)
    if since is None:
        return due_at
    least = shift(after(since, LEAST, case), since, case.holds, now)
    if due_at >= least:
        return due_at
    span = replace(
        plan.due, days=abs(plan.due.days), hours=abs(plan.due.hours), working_days=abs(plan.due.working_days)
    )
    return max(least, moment(span, since, case, now) or least)
