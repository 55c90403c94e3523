"""Where decision makers stand: by evidence alone, unknown is never support, and opposition is told (SH-9)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.account_plan.markdown import as_markdown
from onboarding.account_plan.plan import account_plan
from onboarding.health.value_parts import sponsor
from onboarding.model.case import Case, Fact
from onboarding.model.parties import BuyIn
from onboarding.model.review import Review
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import Stage, Tier
from onboarding.profiles.brief import brief_lines
from onboarding.profiles.buy_in import buy_in_of
from onboarding.review_case import review
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_done, build_fact
from tests.builders.tiers import MID, TECH
from tests.onboarding.plan_page.test_policy import playbooks

LATER = SIGNED + timedelta(days=30)
ERIK = "003EXECUTIVE_SPONSOR"
KICKED_OFF = build_done("kickoff_booked", "kickoff_held", "cadence_agreed", "plan_agreed", "goals_confirmed")


def said(buy_in: BuyIn, day: float = 10, person: str = ERIK) -> Fact:
    value = {"person": person, "why": "Zebra budget"}
    return build_fact("buy_in", buy_in, SIGNED + timedelta(days=day), value=value)


def answered(score: int, day: float = 10, person: str = ERIK) -> Fact:
    value = {"score": score, "low": 0, "high": 10, "person": person}
    return build_fact("survey", "nps", SIGNED + timedelta(days=day), value=value)


def confirmed(day: float = 10) -> Fact:
    return build_fact("goal_confirmed", "Quote turnaround", SIGNED + timedelta(days=day), value={"person": ERIK})


def reviewed(*facts: Fact, day: float = 30, tier: Tier = MID, case: Case = CASE) -> tuple[Case, Review]:
    case = replace(case, facts=facts)
    return case, review(case, playbooks()[tier], SIGNED + timedelta(days=day)).review


def stands(*facts: Fact) -> BuyIn:
    return buy_in_of(reviewed(*facts)[1].state, ERIK)


def state_of(*facts: Fact) -> OnboardingState:
    return reviewed(*facts)[1].state


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ((), BuyIn.UNKNOWN),
        ((*KICKED_OFF, build_fact("reply", value={"person": ERIK})), BuyIn.UNKNOWN),
        ((answered(9, person="003CHAMPION"),), BuyIn.UNKNOWN),
        ((answered(9),), BuyIn.SUPPORTIVE),
        ((answered(2),), BuyIn.NEUTRAL),
        ((confirmed(),), BuyIn.SUPPORTIVE),
        ((answered(9), said(BuyIn.OPPOSED, 11)), BuyIn.OPPOSED),
        ((said(BuyIn.OPPOSED), answered(9, 12), confirmed(13)), BuyIn.OPPOSED),
        ((said(BuyIn.OPPOSED), said(BuyIn.SUPPORTIVE, 12)), BuyIn.SUPPORTIVE),
        ((said(BuyIn.SUPPORTIVE), answered(5, 12)), BuyIn.NEUTRAL),
        ((said(BuyIn.OPPOSED), said(BuyIn.UNKNOWN, 12)), BuyIn.UNKNOWN),
        ((said(BuyIn.SUPPORTIVE, 31),), BuyIn.UNKNOWN),
    ],
)
def test_evidence_decides_and_attendance_is_none(facts: tuple[Fact, ...], wanted: BuyIn) -> None:
    assert stands(*facts) is wanted
    assert stands(*reversed(facts)) is wanted


def tasks_of(*facts: Fact, day: float, tier: Tier = MID) -> list[str]:
    return [one.text for one in reviewed(*facts, day=day, tier=tier)[1].tasks if one.about.startswith("buy_in:")]


def test_who_is_unknown_at_the_end_of_the_kickoff_is_a_task_for_a_week() -> None:
    wanted = [
        "Nobody has said where Franka Berg (the economic buyer) stands: ask them, then record it",
        "Nobody has said where Erik Brandt (the executive sponsor) stands: ask them, then record it",
    ]
    assert reviewed(*KICKED_OFF, day=2)[1].progress.stage is Stage.SETUP
    found = tasks_of(*KICKED_OFF, day=2)
    assert [text.replace("the ", "") for text in found] == [text.replace("the ", "") for text in wanted]
    assert tasks_of(*build_done("kickoff_booked"), day=2) == [], "the kickoff is not over"
    assert tasks_of(*KICKED_OFF, day=9) == []
    assert len(tasks_of(*KICKED_OFF, said(BuyIn.NEUTRAL, 1.5), day=2)) == 1, "that is known"
    assert tasks_of(*KICKED_OFF, day=2, tier=TECH) == [], "its playbook names nobody"


def test_who_is_against_it_is_a_stall_until_that_changes() -> None:
    def opposed(*facts: Fact) -> list[str]:
        return [one.cause for one in reviewed(*facts)[1].stalls if one.kind == "decision_maker_opposed"]

    (cause,) = opposed(said(BuyIn.OPPOSED))
    assert cause == "Erik Brandt (executive sponsor) is against it since 12 March 2026: “Zebra budget”."
    assert opposed(said(BuyIn.OPPOSED, person="003END_USER")) == []
    assert opposed(said(BuyIn.OPPOSED), said(BuyIn.NEUTRAL, 12)) == []
    assert opposed(answered(0)) == []


def test_the_health_score_counts_it_and_never_the_unknown_as_support() -> None:
    assert sponsor(state_of(), LATER).score is None
    assert sponsor(state_of(said(BuyIn.SUPPORTIVE)), LATER).score == 100
    assert sponsor(state_of(said(BuyIn.NEUTRAL)), LATER).score == 50
    assert sponsor(state_of(said(BuyIn.OPPOSED), answered(9, 12)), LATER).score == 0
    others = build_fact("reply", at=SIGNED + timedelta(days=5), value={"person": "003CHAMPION"})
    assert sponsor(state_of(others), LATER).score == 0, "as before: others answered"


def test_brief_and_account_plan_tell_where_they_stand_and_what_to_ask() -> None:
    concern = {"person": ERIK, "text": "The audit"}
    case, found = reviewed(said(BuyIn.OPPOSED), build_fact("profile", "concerns", value=concern))
    deals = tuple(replace(deal, fields={"pain_points": "Quotes take two days"}) for deal in case.deals)
    first, erik, *rest = brief_lines(replace(case, deals=deals), found.state)
    assert first == "What hurts them, as sales heard it: “Quotes take two days”"
    assert erik.startswith("• Erik Brandt, ")
    assert erik.endswith(": buy-in: opposed; concerns: “The audit”")
    assert any("Franka Berg" in line and "buy-in: unknown; ask for: concerns" in line for line in rest)
    assert "buy-in: opposed; concerns: “The audit”" in as_markdown(account_plan(case, found))
