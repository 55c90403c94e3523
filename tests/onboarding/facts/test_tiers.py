"""Tiers: thresholds as data, which a person can override (TI-1)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.files.documents import adapter
from onboarding.facts.tiers import Size, TierRules, choose, current, size_of, undecided
from onboarding.model.case import Progress
from onboarding.model.crm_records import CrmDeal
from onboarding.model.vocabulary import Tier
from tests.builders.case import ACCOUNT, CASE
from tests.builders.facts import build_fact
from tests.builders.tiers import BUNDLED_TIERS, HIGH, MID, TECH

Make = Callable[..., Any]
DAY = datetime(2026, 3, 3, tzinfo=UTC)
RULES = adapter(TierRules).validate_python(
    {
        "rules": [
            {"tier": "high", "seats_from": 500, "amount_from": 100000, "source": "ours"},
            {"tier": "mid", "seats_from": 50, "amount_from": 15000, "source": "ours"},
            {"tier": "tech", "source": "ours"},
        ]
    }
)

BY_COMPLEXITY = adapter(TierRules).validate_python(
    {
        "rules": [
            {"tier": "high", "seats_from": 500, "complexity": ["complex", "regulated"], "source": "ours"},
            {"tier": "mid", "amount_from": 15000, "source": "ours"},
            {"tier": "tech", "source": "ours"},
        ]
    }
)
DEAL = CrmDeal(
    id="d", account_id="a", name="D", won=True, stage_name="Won", signed_at=DAY, close_on=DAY.date(), seats=10
)


@pytest.mark.parametrize(
    ("amount", "seats", "tier"),
    [
        (None, 2000, HIGH),
        (None, 10, TECH),
        (100000, 10, HIGH),
        (99999, 499, MID),
        (14999, 50, MID),
        (None, None, TECH),
    ],
)
def test_ten_seats_do_not_get_what_two_thousand_get(amount: float | None, seats: int | None, tier: Tier) -> None:
    found, because = choose(RULES, Size(amount, seats))
    assert found == tier
    assert because


@given(
    amount=st.floats(0, 10**7, allow_nan=False),
    seats=st.integers(0, 10**5),
    more=st.tuples(st.floats(0, 10**6), st.integers(0, 10**4)),
)
def test_a_bigger_deal_never_gets_a_smaller_tier(amount: float, seats: int, more: tuple[float, int]) -> None:
    order = [TECH, MID, HIGH]
    small, _ = choose(RULES, Size(amount, seats))
    big, _ = choose(RULES, Size(amount + more[0], seats + more[1]))
    assert order.index(big) >= order.index(small)


def test_the_reason_names_the_figure_and_the_threshold() -> None:
    assert choose(RULES, Size(None, 2000)) == (HIGH, "2000 seats, high starts at 500")
    assert choose(RULES, Size(120000, 3)) == (HIGH, "deal of 120,000, high starts at 100,000")


def test_the_field_of_the_account_beats_the_rule() -> None:
    assert choose(RULES, Size(None, 10), HIGH) == (HIGH, "set on the account in the CRM")


def test_a_complex_onboarding_gets_a_higher_tier_than_its_size() -> None:
    wide, core = {"complexity": "Complex"}, {"complexity": "simple"}
    account = replace(ACCOUNT, fields=wide)
    assert choose(BY_COMPLEXITY, size_of(DEAL, account)) == (HIGH, "complexity Complex, which gets high")
    assert choose(BY_COMPLEXITY, size_of(DEAL, ACCOUNT))[0] == TECH
    told = choose(BY_COMPLEXITY, size_of(replace(DEAL, fields=core), account))
    assert told[0] == TECH, "what the deal says comes before what its account says"
    assert choose(BY_COMPLEXITY, Size(None, 500, "simple"))[0] == HIGH


def test_a_complexity_decides_where_an_amount_cannot_be_compared() -> None:
    deal = replace(DEAL, price="JPY 900")
    assert undecided(BY_COMPLEXITY, deal, ACCOUNT, BUNDLED_TIERS) == "there is no rate for the deal's JPY 900"
    assert undecided(BY_COMPLEXITY, replace(deal, fields={"complexity": "complex"}), ACCOUNT, BUNDLED_TIERS) is None


def test_a_tier_that_no_playbook_has_any_more_is_left_to_a_person() -> None:
    account = replace(ACCOUNT, tier_override=Tier("gold"))
    told = undecided(BY_COMPLEXITY, DEAL, account, BUNDLED_TIERS)
    assert told == "its account has the tier gold, of which there is no playbook"
    assert undecided(BY_COMPLEXITY, DEAL, account, [Tier("gold")]) is None


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([{"tier": "high", "seats_from": 500, "source": "ours"}], "the last rule must have no threshold"),
        ([{"tier": "tech", "source": "ours"}, {"tier": "mid", "source": "ours"}], "no later rule is ever reached"),
        ([{"tier": "tech", "complexity": ["low"], "source": "ours"}], "the last rule must have no threshold"),
        ([], "at least 1"),
        ([{"tier": "tech", "seats_form": 3, "source": "ours"}], "seats_form"),
    ],
)
def test_a_table_that_cannot_decide_is_refused(rules: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        adapter(TierRules).validate_python({"rules": rules})


def test_a_named_person_with_a_reason_beats_the_account_and_the_rule() -> None:
    case = CASE
    assert current(case, ()) == (MID, "120 seats")
    case = replace(CASE, account=replace(ACCOUNT, tier_override=TECH))
    assert current(case, ()) == (TECH, "set on the account in the CRM")
    first = build_fact("retier", "", DAY, value={"tier": "mid", "reason": "first thought"})
    last = build_fact("retier", "", DAY + timedelta(days=1), value={"tier": "high", "reason": "strategic"})
    assert current(case, (first, last)) == (HIGH, "set by cleo@vendor.test: strategic")
    for bad in ({"tier": "high"}, {"tier": "", "reason": "x"}):
        assert current(case, (replace(last, value=bad),)) == (TECH, "set on the account in the CRM")
    assert current(replace(CASE, progress=Progress()), ()) is None
