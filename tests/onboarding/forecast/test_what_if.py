"""What would change if a milestone were done on another day."""

from datetime import timedelta

import pytest

from onboarding.forecast.what_if import ChangeKind, WhatIf, refusal, what_if
from onboarding.model.case import Case
from onboarding.review_case import review
from tests.builders.case import SIGNED
from tests.onboarding.forecast.test_forecast import SETUP, begun, build_done, bundled

NOW = SIGNED + timedelta(days=12)


def asked(case: Case, **days: float) -> WhatIf:
    return what_if(case, bundled(), NOW, {name: SIGNED + timedelta(days=day) for name, day in days.items()})


def names(found: WhatIf, kind: ChangeKind, how: str) -> set[str]:
    return {one.name for one in found.changes if one.kind is kind and one.as_json()["change"] == how}


@pytest.mark.slow
def test_later_work_moves_dates_and_messages_and_brings_stalls() -> None:
    case = begun(*build_done(*SETUP, at=SIGNED + timedelta(days=11)))
    found = asked(case, security_review=60)
    assert names(found, ChangeKind.STAGE, "moves") == {"setup", "training", "first_value"}
    assert "validation_passed" in names(found, ChangeKind.MILESTONE, "moves")
    assert names(found, ChangeKind.GO_LIVE, "moves") == {"go_live"}
    assert {"training_end_users", "transition"} <= names(found, ChangeKind.MESSAGE, "moves")
    assert "milestone_overdue" in names(found, ChangeKind.STALL, "appears")
    assert all(one.before != one.after or one.kind is ChangeKind.MESSAGE for one in found.changes)
    assert found.before == asked(case).after


@pytest.mark.slow
def test_a_day_that_has_passed_counts_as_done() -> None:
    case = begun(*build_done(*SETUP, at=SIGNED + timedelta(days=11)))
    found = asked(case, security_review=11.5, validation_passed=11.6)
    assert found.after.stages[2].done
    assert not found.before.stages[2].done


@pytest.mark.slow
def test_asking_changes_nothing_and_the_same_day_changes_nothing() -> None:
    case = begun()
    before = review(case, bundled(), NOW)
    assert asked(case).changes == ()
    assert review(case, bundled(), NOW) == before


def test_nothing_is_assumed_of_what_is_done() -> None:
    milestones = review(begun(), bundled(), NOW).review.state.milestones
    assert refusal(milestones["kickoff_held"]) == "kickoff_held was done on 12 March 2026"
    assert refusal(milestones["security_review"]) is None
