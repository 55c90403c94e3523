from dataclasses import replace
from datetime import datetime, timedelta

from onboarding.model.case import Case
from onboarding.model.playbook import Playbook
from tests.builders.facts import build_fact
from tests.onboarding.touchpoints.reviews import MONDAY, outcome, planned_at


def adopted(case: Case, at: datetime) -> Case:
    return replace(case, progress=replace(case.progress, adopted_at=at, opened_at=at))


def test_an_account_taken_over_gets_nothing_whose_time_had_passed(case: Case, book: Playbook) -> None:
    at = MONDAY + timedelta(days=60)
    answer = planned_at(adopted(case, at), book, at)
    assert answer.effects == ()
    assert {outcome(answer, step) for step in ("welcome", "kickoff_invitation", "check_in_7")} == {"skipped"}
    (decision,) = answer.decisions
    assert "its time had passed when the account was taken over: Welcome" in decision.because
    assert [u.step for u in answer.upcoming] == ["check_in_90", "risk_review"]


def test_a_welcome_goes_out_after_all_where_the_taking_over_asks_for_it(case: Case, book: Playbook) -> None:
    at = MONDAY + timedelta(days=60)
    asked = replace(adopted(case, at), facts=(build_fact("adopt", at=at, value={"welcome": True}),))
    answer = planned_at(asked, book, at)
    assert {e.kind for e in answer.effects} == {"welcome"}
