"""What a condition may ask of a customer, and what it says where that does not hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from config.files.documents import adapter
from onboarding.conditions.traits import Customer, key_of, missing, said
from onboarding.model.case import Case
from onboarding.model.conditions.written import Range, When
from onboarding.model.usage import SignalUse, Usage
from onboarding.model.vocabulary import CustomerRole, FactKind
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_fact
from tests.builders.tiers import MID

NOW = datetime(2026, 3, 10, tzinfo=UTC)
BOUGHT = replace(
    CASE,
    account=replace(CASE.account, industry="Banking", fields={"segment": "Enterprise", "staff": "1,200"}),
    deals=(replace(CASE.deals[0], product="Core", products=("Analytics", "AN1"), fields={"channel": "Partner"}),),
)


def why_not(when: dict[str, object], case: Case = BOUGHT) -> str:
    return missing(adapter(When).validate_python(when), Customer(case, MID, NOW))


@pytest.mark.parametrize(
    "when",
    [
        {"tier": ["high", "mid"]},
        {"products": ["analytics"]},
        {"products": ["Billing", "an1"]},
        {"products": ["core"]},
        {"region": ["DE"]},
        {"segment": ["enterprise", "midmarket"]},
        {"seats": {"at_least": 120, "at_most": 120}},
        {"role": ["it_security"]},
        {"fields": {"industry": ["banking"], "channel": ["partner"]}},
        {"numbers": {"staff": {"at_least": 1000}}},
        {"fact": ["goals"]},
        {"products": ["Analytics"], "any_of": [{"region": ["FR"]}, {"seats": {"at_least": 10}}]},
        {"none_of": [{"region": ["FR"]}, {"products": ["Billing"], "region": ["DE"]}]},
        {"all_of": [{"products": ["Analytics"]}, {"products": ["Core"]}]},
    ],
)
def test_a_condition_holds_for_the_customer_it_describes(when: dict[str, object]) -> None:
    assert why_not(when) == ""


@pytest.mark.parametrize(
    ("when", "because"),
    [
        ({"tier": ["high"]}, "its tier is not high"),
        ({"products": ["Billing", "Payroll"]}, "its products contain no Billing or Payroll"),
        ({"region": ["FR"]}, "its region is not FR"),
        ({"segment": ["SMB"]}, "its segment is not SMB"),
        ({"seats": {"at_least": 121}}, "its seats are not at least 121"),
        ({"seats": {"at_most": 119}}, "its seats are not at most 119"),
        ({"fields": {"residency": ["EU"]}}, "its residency is not EU"),
        ({"numbers": {"channel": {"at_least": 1}}}, "its channel are not at least 1"),
        ({"fact": ["sso_wanted"]}, "nobody reported sso_wanted"),
        ({"products": ["Core"], "none_of": [{"region": ["DE"]}]}, "its region is DE"),
        ({"all_of": [{"products": ["Billing"]}, {"tier": ["mid"]}]}, "its products contain no Billing"),
        (
            {"any_of": [{"region": ["FR"]}, {"seats": {"at_least": 500}}]},
            "its region is not FR, and its seats are not at least 500",
        ),
    ],
)
def test_a_condition_that_does_not_hold_says_why(when: dict[str, object], because: str) -> None:
    assert why_not(when) == because


def test_a_mapped_field_named_as_something_built_in_is_the_mapped_one() -> None:
    account = replace(BOUGHT.account, fields={"seats": "7", "tier": "gold", "segment": "SMB", "products": "Suite"})
    case = replace(BOUGHT, account=account)
    assert why_not({"numbers": {"seats": {"at_least": 7, "at_most": 7}}}, case) == ""
    assert why_not({"numbers": {"seats": {"at_least": 8}}}, case) == "its seats are not at least 8"
    assert why_not({"fields": {"tier": ["gold"], "segment": ["smb"], "products": ["suite"]}}, case) == ""
    assert why_not({"fields": {"segment": ["Enterprise"]}}, case) == "its segment is not Enterprise"
    assert why_not({"fields": {"seats": ["7"]}, "numbers": {"seats": {"at_least": 8}}}, case) != ""


def test_a_product_of_a_deal_that_is_lost_again_does_not_count() -> None:
    lost = replace(BOUGHT, deals=tuple(replace(deal, won=False) for deal in BOUGHT.deals))
    assert why_not({"products": ["Analytics"]}, lost) == "its products contain no Analytics"
    assert why_not({"seats": {"at_least": 0}}, lost) == "its seats are not at least 0", "unknown is in no range"


def test_a_role_is_present_while_somebody_holds_it() -> None:
    without = tuple(part for part in CASE.stakeholders if part.role is not CustomerRole.IT_SECURITY)
    assert why_not({"role": ["it_security"]}, replace(BOUGHT, stakeholders=without)) == (
        "nobody at the customer holds the role IT security"
    )


def test_a_fact_counts_until_it_is_taken_back_and_a_signal_once_it_was_seen() -> None:
    done = build_fact(FactKind.MILESTONE, "sso_wanted", SIGNED)
    told = replace(BOUGHT, facts=(done,))
    assert why_not({"fact": ["sso_wanted"]}, told) == ""
    undone = build_fact(FactKind.MILESTONE_UNDONE, "sso_wanted", SIGNED + timedelta(days=1))
    assert why_not({"fact": ["sso_wanted"]}, replace(told, facts=(done, undone))) != ""
    use = SignalUse(name="sso_wanted", total=1, users=1, first_at=SIGNED, last_at=SIGNED, events=())
    assert why_not({"fact": ["sso_wanted"]}, replace(BOUGHT, usage=Usage(known=True, signals=(use,)))) == ""
    ahead = replace(use, first_at=NOW + timedelta(days=1))
    assert why_not({"fact": ["sso_wanted"]}, replace(BOUGHT, usage=Usage(known=True, signals=(ahead,)))) != ""


def test_a_condition_is_named_by_what_it_asks_for() -> None:
    when = adapter(When).validate_python(
        {"products": ["Analytics"], "any_of": [{"region": ["DE"]}, {"tier": ["high"]}], "none_of": [{"fact": ["x"]}]}
    )
    assert said(when) == (
        "its products contain Analytics and (its region is DE, or its tier is high) and nobody reported x"
    )


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (
            {"any_of": [{"products": ["Core"], "region": ["DE"]}, {"tier": ["high"]}]},
            "(its products contain Core and its region is DE), or its tier is high",
        ),
        ({"any_of": [{"products": ["Core"], "region": ["DE"]}]}, "its products contain Core and its region is DE"),
        ({"none_of": [{"region": ["DE"], "tier": ["high"]}]}, "its tier is not high or its region is not DE"),
        (
            {"segment": ["SMB"], "none_of": [{"region": ["DE"], "tier": ["high"]}, {"fact": ["x"]}]},
            "its segment is SMB and (its tier is not high or its region is not DE) and nobody reported x",
        ),
    ],
)
def test_the_words_of_a_condition_say_what_is_one_choice(when: dict[str, object], words: str) -> None:
    assert said(adapter(When).validate_python(when)) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"products": ["A or B"]}, {"products": ["A", "B"]}),
        ({"seats": {"at_least": 5}}, {"numbers": {"seats": {"at_least": 5}}}),
        ({"segment": ["SMB"]}, {"fields": {"segment": ["SMB"]}}),
    ],
)
def test_conditions_with_the_same_words_are_told_apart(one: dict[str, object], other: dict[str, object]) -> None:
    first, second = (adapter(When).validate_python(each) for each in (one, other))
    assert said(first) == said(second)
    assert key_of(first) != key_of(second)
    assert key_of(first) == key_of(adapter(When).validate_python(one))
    assert key_of(When(seats=Range(at_least=0, at_most=5))) != key_of(When(seats=Range(at_most=5)))


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ({}, "must ask for something"),
        ({"any_of": [{}]}, "must ask for something"),
        ({"product": ["Analytics"]}, "product"),
        ({"seats": {}}, "give at_least, at_most or both"),
        ({"seats": {"at_least": 5, "at_most": 4}}, "no number is in it"),
        ({"role": ["boss"]}, "executive_sponsor"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(when: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        adapter(When).validate_python(when)
