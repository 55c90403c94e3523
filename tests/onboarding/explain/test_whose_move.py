"""Whose move it is, in words: work, never the name of a criterion; and nobody is told to ask themselves."""

from dataclasses import replace

import pytest

from onboarding.explain.whose_move import WORK, whose_move
from onboarding.model.case import Stall
from onboarding.model.vocabulary import Severity
from onboarding.review_case import review
from onboarding.stages.first_value import CONDITIONS as OF_FIRST_VALUE
from onboarding.stages.handoff import CONDITIONS as OF_HANDOFF
from onboarding.stages.kickoff import CONDITIONS as OF_KICKOFF
from tests.builders.case import CASE
from tests.builders.ladder import MONDAY
from tests.builders.playbook import build_playbook

REVIEW = review(CASE, build_playbook(), MONDAY).review
CAUSE = Stall(
    kind="handoff_incomplete",
    severity=Severity.WARNING,
    cause="The handoff is incomplete.",
    waiting_on="vendor",
    since=MONDAY,
    owner_role="account_executive",
    next_step="Ask Sam Seller for the missing items today.",
)


def test_whom_the_step_names_is_not_named_before_it() -> None:
    assert whose_move(replace(REVIEW, stalls=(CAUSE,))) == "us: Ask Sam Seller for the missing items today"
    other = replace(CAUSE, next_step="Write down what was promised.")
    assert whose_move(replace(REVIEW, stalls=(other,))) == "us: Sam Seller (seller): Write down what was promised"


@pytest.mark.parametrize("name", sorted({*OF_HANDOFF, *OF_KICKOFF}))
def test_each_criterion_that_is_no_milestone_is_told_as_work(name: str) -> None:
    assert WORK[name][0].isupper()
    criterion = replace(REVIEW.criteria[0], name=name, met=False)
    said = whose_move(replace(REVIEW, stalls=(), criteria=(criterion,)))
    assert said is not None
    assert said.endswith(f": {WORK[name]}")


def test_the_goal_check_is_a_milestone_of_the_playbook() -> None:
    assert set(OF_FIRST_VALUE) <= set(REVIEW.state.milestones)
