"""What ends a step: a milestone that is done or that a person waived, not one that does not fit the customer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.facts.fold import fold_facts
from onboarding.facts.meetings import is_over
from onboarding.model.case import Case, Fact
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import CustomerRole
from onboarding.review_case import review_context
from onboarding.touchpoints.context import TouchpointContext
from tests.builders.case import CASE
from tests.builders.facts import build_done, build_fact
from tests.builders.tiers import TECH
from tests.onboarding.plan_page.test_policy import playbooks
from tests.onboarding.touchpoints.reviews import MONDAY

NOW = MONDAY + timedelta(hours=20)
CHAMPION, SECURITY = CustomerRole.CHAMPION, CustomerRole.IT_SECURITY
BY_CUSTOMER = "Hanna Weber on their plan page"


@pytest.fixture
def tech() -> Playbook:
    return playbooks()[TECH]


def wished(*facts: Fact) -> Case:
    """The customer, for whom the booking of the kickoff is recorded already, so that it stays though it is not owed."""
    records = {f"{CASE.key}:{name}": "kept" for name in ("kickoff_booked", "kickoff_held")}
    return replace(CASE, facts=facts, progress=replace(CASE.progress, crm_digests=records))


def why_not(case: Case, playbook: Playbook, step: str) -> str | None:
    context = TouchpointContext.of(review_context(case, playbook, NOW))
    return context.pointless(next(one for one in playbook.steps if one.name == step))


def over(case: Case, playbook: Playbook) -> bool:
    fitting = review_context(case, playbook, NOW)
    return is_over(next(one for one in playbook.steps if one.name == "kickoff_call"), fitting.state)


def test_a_call_that_does_not_fit_any_more_is_not_held(tech: Playbook) -> None:
    case = wished()
    row = review_context(case, tech, NOW).state.milestones["kickoff_booked"]
    assert (row.status, row.met) == ("not_applicable", True)
    assert why_not(case, tech, "kickoff_invitation") is None
    assert not over(case, tech), "it may still be wished for"


def test_what_is_done_or_waived_by_a_person_ends_it_and_is_told_as_that(tech: Playbook) -> None:
    waived = wished(build_fact("milestone_waived", "kickoff_held", value={"reason": "they know us"}))
    assert why_not(waived, tech, "kickoff_invitation") == "no longer needed: kickoff held does not apply"
    assert over(waived, tech)
    held = wished(*build_done("kickoff_held", at=MONDAY))
    done = "kickoff booked, kickoff held and goals confirmed are done"
    assert why_not(held, tech, "kickoff_invitation") == f"no longer needed: {done}"
    assert over(held, tech)


def test_without_it_security_there_is_no_review_and_the_security_pack_answers(tech: Playbook) -> None:
    bare = replace(
        CASE,
        people=tuple(one for one in CASE.people if one.id != f"003{SECURITY.name}"),
        stakeholders=tuple(one for one in CASE.stakeholders if one.role is not SECURITY),
    )
    assert fold_facts(bare, tech, NOW).milestones["security_review"].status == "not_applicable"
    assert why_not(bare, tech, "security_pack") is None
    assert why_not(replace(bare, facts=build_done("security_review", at=MONDAY)), tech, "security_pack") is not None


def test_goals_that_the_customer_confirmed_are_not_asked_for_again(tech: Playbook) -> None:
    at = NOW - timedelta(hours=8)
    said = build_fact("goal_confirmed", "quote turnaround", at, by=BY_CUSTOMER)
    case = replace(CASE, facts=(said,))
    row = fold_facts(case, tech, NOW).milestones["goals_confirmed"]
    assert (row.done_at, row.done_by) == (at, BY_CUSTOMER)
    assert why_not(case, tech, "kickoff_invitation") == "no longer needed: goals confirmed is done"
    assert why_not(CASE, tech, "kickoff_invitation") is None
