"""What the vendor's people read of a conflict of priorities that a reader of the plan page raised or decided."""

from dataclasses import replace

from onboarding.facts.fold import fold_facts
from onboarding.model.case import Fact
from onboarding.shared_plan.words import sentence
from tests.builders.case import CASE
from tests.builders.tiers import MID
from tests.onboarding.clashes.test_clash import AUDIT, LATER, MIGRATION, decided, raised
from tests.onboarding.plan_page.test_policy import playbooks


def said(fact: Fact, *facts: Fact) -> str:
    case = replace(CASE, facts=(*CASE.facts, *facts, fact))
    return sentence(case, fold_facts(case, playbooks()[MID], LATER), fact)


def test_a_decision_in_a_second_round_is_told_as_its_own() -> None:
    first, second = decided(2, first="this"), decided(4, first="with")
    assert said(second, raised(1), first, raised(3)).endswith(f"decided that “{AUDIT}” goes first")
    assert said(first, raised(1), second, raised(3)).endswith(f"decided that “{MIGRATION}” goes first")


def test_one_whose_words_were_erased_quotes_nothing() -> None:
    assert said(raised()).endswith(f"says that “{MIGRATION}” clashes with “{AUDIT}”")
    for left in ({}, {"this": MIGRATION}):
        told = said(replace(raised(), value=left))
        assert told.endswith("raised a conflict of priorities whose words were erased")
        assert "None" not in told
    assert "whose words were erased" in said(decided(2, first="this"), replace(raised(), value={}))
