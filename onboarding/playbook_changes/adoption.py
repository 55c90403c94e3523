"""The review with which an onboarding moves to another version, or back; it closes CRM rows that no milestone has."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from onboarding.conditions.added import with_added
from onboarding.crm.withdrawn import withdrawals
from onboarding.model.case import Case
from onboarding.playbook_changes.agenda import ItemKind
from onboarding.playbook_changes.arrivals import also_settling, with_settled
from onboarding.playbook_changes.change import Change, Version
from onboarding.playbook_changes.renames import renamed
from onboarding.review_case import Reviewed, review


def moved(case: Case, new: Version, change: Change, now: datetime) -> Reviewed:
    """Return the review of the case at ``now`` once it runs on ``new``: it plans no message, and closes the CRM rows of
    open milestones that are gone or have another name, under which they have another row. It settles what the change
    settles."""
    case = with_added(with_settled(renamed(case, change.renames), change.arrivals), change.late.added, now)
    found = review(replace(case, progress=replace(case.progress, playbook=new.hash)), new.playbook, now, frozenset())
    gone = [one.item.name for one in change.vanish if one.item.kind is ItemKind.MILESTONE and not one.item.settled]
    open_now = {one.name for one in found.review.milestones if one.status == "open"}
    gone += [before for before, name in change.renames.milestones.items() if name in open_now]
    return with_rows_closed(also_settling(found, change.arrivals), gone, now)


def with_rows_closed(found: Reviewed, milestones: Collection[str], now: datetime) -> Reviewed:
    """Return the review with the writes that close the CRM rows of these milestones, which its playbook does not
    have."""
    rows, digests = withdrawals(found.case, found.review.progress, milestones, now)
    progress = replace(found.review.progress, crm_digests=digests)
    return replace(found, review=replace(found.review, effects=(*found.review.effects, *rows), progress=progress))
