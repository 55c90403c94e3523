"""What stalls cost, counted by hand: 36,500 a year is 100 a day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from onboarding.metrics.figures import StallTime
from onboarding.metrics.page.stall_costs import stall_costs
from onboarding.model.vocabulary import Status
from tests.builders.figures import build_figures

DUE = datetime(2026, 5, 5, tzinfo=UTC)
ACCOUNT = replace(build_figures(1, DUE), amount=36_500.0)
SIGNED = ACCOUNT.signed_at


def stood(since, until, kind="champion_left", waiting_on="customer", *, is_open=False):
    """A stall from this day after the signature to that one."""
    start, end = (SIGNED + timedelta(days=day) for day in (since, until))
    return StallTime(kind=kind, waiting_on=waiting_on, since=start, until=end, open=is_open)


def costs(*stalls, **more):
    return stall_costs([replace(ACCOUNT, stalls=stalls, **more)])


def test_a_day_costs_its_share_of_the_term():
    found = costs(stood(10, 22, is_open=True))
    (one,) = found.causes
    assert (one.times, one.open, one.days, one.cost.value, found.total.value) == (1, 1, 12, 1200, 1200)
    assert costs(stood(10, 22), contract_days=730).total.value == 600


@pytest.mark.parametrize(
    ("stalls", "more", "amount"),
    [
        ((stood(-5, 3),), {}, 300),
        ((stood(10, 22),), {"activated_at": SIGNED + timedelta(days=15)}, 500),
        ((stood(10, 22),), {"left_at": SIGNED + timedelta(days=12)}, 200),
        ((stood(360, 400),), {}, 500),
    ],
)
def test_only_days_that_were_paid_for_and_without_value_cost_something(stalls, more, amount):
    assert costs(*stalls, **more).total.value == pytest.approx(amount)


def test_a_day_with_two_causes_counts_for_both_and_once_in_all():
    found = costs(stood(0, 10), stood(5, 12, "thin_map", "vendor"), stood(8, 9, "thin_map", "vendor"))
    assert [(one.kind, one.times, one.days, one.cost.value) for one in found.causes] == [
        ("champion_left", 1, 10, 1000),
        ("thin_map", 2, 7, 700),
    ]
    assert found.total.value == 1200


def test_nothing_is_said_where_no_amount_is_known_and_a_missing_one_is_counted():
    assert costs(stood(0, 10), amount=None).total.as_json() == {
        "value": None,
        "n": 0,
        "of": 1,
        "small": True,
        "why": "no deal has an amount",
    }
    both = stall_costs(
        [replace(ACCOUNT, stalls=(stood(0, 10),)), replace(ACCOUNT, deal_id="2", amount=None, stalls=(stood(0, 10),))]
    )
    assert both.rows[-1] == ("in all", "", "", "", "1,000", "1 of 2 accounts, few")


def test_a_stall_after_activation_has_days_and_no_cost():
    found = costs(stood(30, 40), activated_at=SIGNED + timedelta(days=20))
    assert (found.causes[0].days, found.total.value, found.total.why) == (10, None, "all of it after activation")


def test_from_ten_accounts_on_the_figure_is_not_called_small():
    def of(number):
        some_accounts = [replace(ACCOUNT, deal_id=str(place), stalls=(stood(0, 1),)) for place in range(number)]
        return stall_costs(some_accounts).total

    assert (of(9).small, of(10).small, of(10).value) == (True, False, 1000)


def test_a_cancelled_onboarding_costs_nothing():
    assert costs(stood(0, 10), status=Status.CANCELLED).rows == ()


@given(
    some.lists(
        some.tuples(some.integers(-10, 60), some.integers(0, 40), some.sampled_from(["a", "b"])), min_size=1, max_size=6
    )
)
def test_in_all_it_is_the_days_with_any_stall_however_they_overlap(stalls):
    found = costs(*(stood(since, since + days, kind) for since, days, kind in stalls))
    days = {day for since, length, _ in stalls for day in range(since, since + length) if day >= 0}
    assert found.total.value == (pytest.approx(100 * len(days)) if days else None)
