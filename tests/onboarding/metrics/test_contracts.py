"""Renewals, the value of a customer so far, and how much better the customers' people do their work."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from onboarding.metrics.contracts import CONTRACT_END, FurtherDeal, contract_parts
from onboarding.metrics.figures import AccountFigures, Share, Values
from onboarding.metrics.measure import Subject, measure
from onboarding.metrics.usage import AccountUse, UserUse
from onboarding.model.case import Fact
from onboarding.model.parties import Deal
from onboarding.model.usage import Usage
from tests.builders.case import CASE, DEAL, SIGNED
from tests.builders.facts import build_done, build_fact, build_use
from tests.builders.playbook import build_playbook

TODAY = date(2026, 6, 1)


def until(day: str, **more: object) -> Deal:
    return replace(DEAL, fields={CONTRACT_END: day}, **more)


def further(amount: float | None = 900.0, ends_on: date | None = None) -> FurtherDeal:
    return FurtherDeal(amount=amount, ends_on=ends_on)


@pytest.mark.parametrize(
    ("deals", "more", "part"),
    [
        ([until("2026-05-31")], [], Share(0, 1)),
        ([until("2026-05-31")], [further(ends_on=date(2027, 5, 31))], Share(1, 1)),
        ([until("2026-05-31")], [further(ends_on=date(2026, 5, 31))], Share(0, 1)),
        ([until("2026-05-31")], [further()], Share(0, 1)),
        ([until("2026-06-01")], [further(ends_on=date(2027, 5, 31))], None),
        ([until("2026-02-28"), until("2026-05-31", id="006-2")], [further(ends_on=date(2026, 5, 31))], Share(1, 2)),
        ([until("2026-02-28", won=False)], [], None),
        ([until("next year")], [], None),
        ([DEAL], [further(ends_on=date(2027, 5, 31))], None),
    ],
)
def test_a_contract_whose_last_day_has_passed_is_renewed_by_a_deal_that_ends_later(
    deals: list[Deal], more: list[FurtherDeal], part: Share | None
) -> None:
    assert contract_parts(deals, more, TODAY).get("renewal_rate") == part


def test_the_value_of_a_customer_is_what_it_bought_so_far_where_every_amount_is_known() -> None:
    assert contract_parts([DEAL], [], TODAY)["lifetime_value"] == Values((60000.0,))
    assert contract_parts([DEAL], [further(), further(100.0)], TODAY)["lifetime_value"] == Values((61000.0,))
    assert "lifetime_value" not in contract_parts([DEAL], [further(None)], TODAY)
    assert "lifetime_value" not in contract_parts([replace(DEAL, amount=None)], [], TODAY)


def measured(*facts: Fact, use: AccountUse | None = None, usage: Usage = CASE.usage) -> AccountFigures:
    case = replace(CASE, facts=facts, usage=usage)
    return measure(Subject(case=case, playbook=build_playbook(), use=use), SIGNED + timedelta(days=60))


def goal(kind: str, value: float, *, baseline: float = 48, target: float = 4) -> list[Fact]:
    metric = f"time for {kind}"
    told = {
        "metric": metric,
        "baseline": baseline,
        "target": target,
        "unit": "hours",
        "due": "2026-06-01",
        "kind": kind,
    }
    return [
        build_fact("goal", metric, SIGNED + timedelta(days=1), value=told),
        build_fact("goal_value", metric, SIGNED + timedelta(days=40), value={"value": value}),
    ]


def test_productivity_is_how_much_better_goals_of_efficiency_stand_than_at_the_start() -> None:
    held = build_done("kickoff_held", at=SIGNED + timedelta(days=2))
    gained = [*goal("efficiency", 12), *goal("cost", 1)]
    assert measured(*gained, *held).parts["productivity_gain"] == Values((0.75,))
    assert measured(*goal("efficiency", 60), *held).parts["productivity_gain"] == Values((-0.25,))
    more = goal("efficiency", 30, baseline=20, target=40)
    assert measured(*more, *held).parts["productivity_gain"] == Values((0.5,))
    assert "productivity_gain" not in measured(*gained).parts, "nobody of the customer confirmed it"
    assert "productivity_gain" not in measured(*goal("cost", 1), *held).parts


def test_time_spent_is_a_mean_of_minutes_where_the_product_tells_it() -> None:
    at = SIGNED + timedelta(days=50)
    users = (UserUse("ann", at, at, None, days=1, minutes=70), UserUse("ben", at, at, None, days=1))
    told = Usage(known=True, read_at=at, signals=(build_use("time_spent", (at, "ann")),))
    silent = Usage(known=True, read_at=at, signals=(build_use("login", (at, "ann")),))
    assert measured(use=AccountUse(users=users), usage=told).parts["time_in_product"] == Values((35.0,))
    assert "time_in_product" not in measured(use=AccountUse(users=users), usage=silent).parts
