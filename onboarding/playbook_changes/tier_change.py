"""The time that the milestones of another tier have for a customer under way. Pure."""

from collections.abc import Iterator
from datetime import datetime

from onboarding.conditions.added import with_added
from onboarding.model.case import Case
from onboarding.playbook_changes.lateness import added
from onboarding.playbook_changes.renames import Renames
from onboarding.review_case import Reviewed


def with_time_from(case: Case, before: Reviewed, after: Reviewed, now: datetime) -> Case:
    """Return the case as it moves at ``now`` (UTC) to the playbook of another tier: what that playbook adds, and what
    it wants sooner than the one before, counts from the move where it would be overdue at once (``with_time``). What
    was overdue before keeps its date. ``before`` and ``after`` are the reviews under both, at ``now``.
    """
    return with_added(case, {*added(before.playbook, after.playbook, Renames()), *_sooner(before, after, now)}, now)


def _sooner(before: Reviewed, after: Reviewed, now: datetime) -> Iterator[str]:
    """Yield the open milestones of both that were not overdue and are due before their old date."""
    old = {one.name: one for one in before.review.milestones}
    for one in after.review.milestones:
        was = old.get(one.name)
        if was is None or one.status != "open" or one.due_at is None:
            continue
        if was.due_at is None or (was.due_at > now and one.due_at < was.due_at):
            yield one.name
