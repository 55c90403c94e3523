"""The history of a CRM counted by hand: what is not known stays unknown."""

from datetime import UTC, date, datetime, timedelta

import pytest

from onboarding.audit import HistoricDeal, audit
from onboarding.model.vocabulary import HandoffItem

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
ALL = frozenset(HandoffItem)


def deal(number, days_ago, seller="sam@v.example", answered=ALL, followed=False, **more):
    return HistoricDeal(
        deal_id=f"006-{number}",
        account_name=f"Customer {number}",
        seller=seller,
        signed_at=AS_OF - timedelta(days=days_ago),
        followed=followed,
        answered=answered,
        people=more.pop("people", 1),
        **more,
    )


def after(days_ago, days):
    return AS_OF - timedelta(days=days_ago) + timedelta(days=days)


OLD = [
    deal(1, 200, first_use_at=after(200, 10), kickoff_at=after(200, 5), churned_on=date(2026, 2, 1)),
    deal(2, 150, first_use_at=after(150, 30), answered=ALL - {HandoffItem.GOALS}),
    deal(3, 100, seller="lucy@v.example", answered=frozenset(), people=0),
    deal(4, 10, seller=None, answered=None),
]
NEW = deal(5, 5, followed=True, first_use_at=after(5, 1))


def test_only_what_was_not_followed_is_the_time_before():
    found = audit([*OLD, NEW], AS_OF, usage_known=True)
    assert (found.deals, found.before, found.first) == (5, 4, after(200, 0))
    assert found.known == {
        "handoff": 2,
        "people": 3,
        "executive_sponsor": 0,
        "kickoff": 1,
        "go_live": 0,
        "first_use": 2,
        "stages": 0,
    }
    assert (found.to_first_use.value, found.to_first_use.n, found.to_first_use.of) == (30, 2, 4)
    assert (found.to_kickoff.value, found.to_kickoff.n, found.to_kickoff.of) == (5, 1, 1)


def test_early_churn_is_of_those_whose_days_are_over():
    churn = audit(OLD, AS_OF, usage_known=True).early_churn
    assert (churn[90].n, churn[90].of) == (1, 3)
    assert (churn[180].n, churn[180].of) == (1, 1)


def test_without_a_source_of_usage_nobody_knows_the_first_use():
    assert audit(OLD, AS_OF, usage_known=False).to_first_use is None


def test_gaps_of_handoffs_by_seller_the_least_complete_first():
    found = audit([*OLD, NEW], AS_OF, usage_known=True)
    assert [one.seller for one in found.sellers] == ["lucy@v.example", "sam@v.example"], "what was not seen has no gap"
    lucy, sam = found.sellers
    assert (lucy.complete.value, lucy.without_people) == (0, 1)
    assert (sam.deals, sam.complete.value) == (3, pytest.approx(14 / 15))
    assert sam.missing == {HandoffItem.GOALS: 1}
    assert found.completeness.value == pytest.approx(14 / 20)


def test_the_order_of_the_deals_changes_nothing():
    assert audit(OLD[::-1], AS_OF, usage_known=True) == audit(OLD, AS_OF, usage_known=True)


def test_no_deal_at_all():
    found = audit([], AS_OF, usage_known=True)
    assert (found.deals, found.before, found.to_first_use, found.sellers) == (0, 0, None, ())
    assert found.as_json()["stages"] is None


def test_a_customer_that_left_before_the_signature_came_back():
    found = audit([deal(1, 200, churned_on=after(200, -30).date())], AS_OF, usage_known=False)
    assert (found.early_churn[90].n, found.early_churn[90].of) == (0, 1)


def test_the_interval_of_a_share_ends_at_its_scale():
    some = frozenset(list(HandoffItem)[:2])
    found = audit([deal(1, 200), deal(2, 200, answered=some)], AS_OF, usage_known=False)
    assert (found.completeness.low, found.completeness.high) == (0, 1)
    assert found.as_json()["handoff_completeness"] == {
        "value": 0.7,
        "n": 7,
        "of": 10,
        "interval": [0.0, 1],
        "small": True,
    }


@pytest.mark.parametrize(
    ("zone", "early"), [(None, 1), ("Pacific/Auckland", 1), ("America/Los_Angeles", 0)], ids=["utc", "before", "after"]
)
def test_the_day_on_which_a_customer_left_begins_in_its_zone(zone, early):
    found = audit([deal(1, 100, churned_on=after(100, 90).date(), zone=zone)], AS_OF, usage_known=False)
    assert (found.early_churn[90].n, found.early_churn[90].of) == (early, 1)
