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
from onboarding.facts.tiers import TierRules, choose, current
from onboarding.model.case import Progress
from onboarding.model.vocabulary import Tier
from tests.builders.case import ACCOUNT, CASE
from tests.builders.facts import build_fact

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


@pytest.mark.parametrize(
    ("amount", "seats", "tier"),
    [
        (None, 2000, Tier.HIGH),
        (None, 10, Tier.TECH),
        (100000, 10, Tier.HIGH),
        (99999, 499, Tier.MID),
        (14999, 50, Tier.MID),
        (None, None, Tier.TECH),
    ],
)
def test_ten_seats_do_not_get_what_two_thousand_get(amount: float | None, seats: int | None, tier: Tier) -> None:
    found, because = choose(RULES, amount, seats)
    assert found is tier
    assert because


@given(
    amount=st.floats(0, 10**7, allow_nan=False),
    seats=st.integers(0, 10**5),
    more=st.tuples(st.floats(0, 10**6), st.integers(0, 10**4)),
)
def test_a_bigger_deal_never_gets_a_smaller_tier(amount: float, seats: int, more: tuple[float, int]) -> None:
    order = [Tier.TECH, Tier.MID, Tier.HIGH]
    small, _ = choose(RULES, amount, seats)
    big, _ = choose(RULES, amount + more[0], seats + more[1])
    assert order.index(big) >= order.index(small)


def test_the_reason_names_the_figure_and_the_threshold() -> None:
    assert choose(RULES, None, 2000) == (Tier.HIGH, "2000 seats, high starts at 500")
    assert choose(RULES, 120000, 3) == (Tier.HIGH, "deal of 120,000, high starts at 100,000")


def test_the_field_of_the_account_beats_the_rule() -> None:
    assert choose(RULES, None, 10, Tier.HIGH) == (Tier.HIGH, "set on the account in the CRM")


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([{"tier": "high", "seats_from": 500, "source": "ours"}], "the last rule must have no threshold"),
        ([{"tier": "tech", "source": "ours"}, {"tier": "mid", "source": "ours"}], "no later rule is ever reached"),
        ([], "at least 1"),
        ([{"tier": "tech", "seats_form": 3, "source": "ours"}], "seats_form"),
    ],
)
def test_a_table_that_cannot_decide_is_refused(rules: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        adapter(TierRules).validate_python({"rules": rules})


def test_a_named_person_with_a_reason_beats_the_account_and_the_rule() -> None:
    case = CASE
    assert current(case, ()) == (Tier.MID, "120 seats")
    case = replace(CASE, account=replace(ACCOUNT, tier_override=Tier.TECH))
    assert current(case, ()) == (Tier.TECH, "set on the account in the CRM")
    first = build_fact("retier", "", DAY, value={"tier": "mid", "reason": "first thought"})
    last = build_fact("retier", "", DAY + timedelta(days=1), value={"tier": "high", "reason": "strategic"})
    assert current(case, (first, last)) == (Tier.HIGH, "set by cleo@vendor.test: strategic")
    for bad in ({"tier": "high"}, {"tier": "huge", "reason": "x"}):
        assert current(case, (replace(last, value=bad),)) == (Tier.TECH, "set on the account in the CRM")
    assert current(replace(CASE, progress=Progress()), ()) is None
