"""Another tier's playbook for a customer under way: nobody is late with work that nobody could know of."""

from dataclasses import replace
from datetime import datetime, timedelta

from onboarding.conditions.added import added_at
from onboarding.model.case import Case
from onboarding.model.playbook import MilestonePlan, Playbook
from onboarding.model.schedule import Due
from onboarding.model.vocabulary import Stage
from onboarding.playbook_changes.tier_change import with_time_from
from onboarding.review_case import review_without_writes
from tests.builders.case import CASE, SIGNED
from tests.builders.changed import with_milestone
from tests.builders.playbook import build_playbook

DAYS = timedelta(days=1)
NOW = SIGNED + 12 * DAYS
BOOK = build_playbook()
PLAN = replace(BOOK.milestones()[0], name="data_cleaned", title="Data cleaned", proof=None)


def due(days: int) -> Playbook:
    """A tier that wants the data cleaned so many days after signature."""
    plan = replace(PLAN, due=Due(anchor="signature", days=days, source="ours"))
    return with_milestone(BOOK, plan, Stage.HANDOFF)


def moved(old: Playbook, new: Playbook) -> Case:
    before, after = (review_without_writes(CASE, book, NOW) for book in (old, new))
    return with_time_from(CASE, before, after, NOW)


def due_at(case: Case, playbook: Playbook) -> datetime | None:
    review = review_without_writes(case, playbook, NOW + DAYS).review
    return next(one.due_at for one in review.milestones if one.name == PLAN.name)


def plan_of(playbook: Playbook) -> MilestonePlan:
    return next(one for one in playbook.milestones() if one.name == PLAN.name)


def test_what_the_tier_adds_counts_from_the_move() -> None:
    assert due_at(CASE, due(3)) == SIGNED + 3 * DAYS, "the control: overdue at once"
    assert due_at(moved(BOOK, due(3)), due(3)) == NOW + 3 * DAYS


def test_what_it_wants_sooner_counts_from_the_move_unless_there_is_time() -> None:
    assert due_at(moved(due(30), due(3)), due(3)) == NOW + 3 * DAYS
    assert due_at(moved(due(30), due(20)), due(20)) == SIGNED + 20 * DAYS


def test_what_was_overdue_before_or_comes_later_keeps_its_date() -> None:
    assert due_at(moved(due(8), due(3)), due(3)) == SIGNED + 3 * DAYS
    assert added_at(moved(due(13), due(14)), plan_of(due(14))) is None
