"""The portfolio's metrics over real cycles: figures, and that what came later changes no past figure."""

from datetime import date, timedelta

import pytest

from database.onboardings import cases
from onboarding.model.state import Goal
from onboarding.model.vocabulary import GoalKind, SurveyKind
from tasks.commands.onboardings import close
from tasks.commands.value_facts import record_goal, record_goal_value, record_survey
from tasks.reporting.portfolio import Question, read_portfolio, read_portfolios
from tests.tasks.conftest import MONDAY, moment


def asked(office, at, **more):
    with office.context() as context:
        return read_portfolio(context.database, Question(as_of=moment(at), **more))


def live(office):
    """Three customers over ten weeks: one activates, one leaves, one stands still. Yields each moment after its run."""
    for number in (1, 2, 3):
        office.customer(number, First90_Signed_At__c="2026-03-02T09:00:00Z", First90_Seats__c="40")
    office.event("login", "2026-03-03T09:00:00Z", user="person1@customer1.example")
    office.run()
    yield MONDAY
    office.done("kickoff_held", on="2026-03-10T10:00")
    office.run("2026-03-12T10:00")
    yield moment("2026-03-12T10:00")
    for name in ("cadence_agreed", "plan_agreed"):
        office.done(name, on="2026-03-16T10:00", at="2026-03-11T09:00")
    office.run("2026-03-17T10:00")
    yield moment("2026-03-17T10:00")
    office.event("content_shared", "2026-03-25T15:00:00Z", user="person1@customer1.example")
    office.event("login", "2026-03-20T09:00:00Z", user="other@customer1.example")
    office.run("2026-03-26T10:00")
    yield moment("2026-03-26T10:00")
    office.report(record_survey, SurveyKind.CES, 6.0, on="2026-04-02T10:00")
    office.change("001-0002", First90_Churned_On__c="2026-04-05")
    office.run("2026-04-10T10:00")
    yield moment("2026-04-10T10:00")
    office.done("activation", on="2026-05-01T10:00", undo=True)
    office.done("activation", on="2026-05-11T10:00", at="2026-04-20T10:00")
    office.order(close, "001-0003", "churned", reason="bankrupt", on="2026-05-11T10:00")
    office.run("2026-05-12T10:00")
    yield moment("2026-05-12T10:00")


@pytest.mark.slow
def test_what_came_later_changes_no_past_figure(office):
    seen = {at: asked(office, at).as_json() for at in live(office)}
    assert len(seen) == 6
    for at, then in seen.items():
        assert asked(office, at).as_json() == then, f"as of {at}"


@pytest.mark.slow
def test_two_moments_take_one_reading_of_each_onboarding(office, monkeypatch):
    times = list(live(office))
    earlier = [times[3], times[1]]
    each = [asked(office, at) for at in earlier]
    read = []
    load = cases.load
    monkeypatch.setattr(cases, "load", lambda conn, keys, *more: read.extend(keys) or load(conn, keys, *more))
    with office.context() as context:
        last, *before = read_portfolios(context.database, Question(as_of=times[-1]), *earlier)
    assert sorted(read) == sorted({one.deal_id for one in last.accounts}), "each once"
    assert last.as_json() == asked(office, times[-1]).as_json()
    assert [one.as_json() for one in before] == [one.as_json() for one in each]


@pytest.mark.slow
def test_the_product_of_a_deal_makes_a_group_and_its_further_deals_an_expansion(office):
    office.customer(1, First90_Product__c=" Desk  CRM ")
    office.customer(2, Amount="1000")
    office.run()
    office.deal(3, account=2, signed="2026-03-09", Amount="250")
    office.run("2026-03-10T10:00")
    found = asked(office, "2026-03-10T12:00")
    groups = {one.name: one.estimate.of for one in found.metric("activation_rate").groups["product"]}
    assert groups == {"Desk CRM": 1, "not named": 1}
    expansion, revenue = (found.metric(name).estimate for name in ("expansion_rate", "expansion_revenue"))
    assert (expansion.n, expansion.of, revenue.value) == (1, 2, 125)
    assert asked(office, "2026-03-05T12:00").metric("expansion_rate").estimate.n == 0


@pytest.mark.slow
def test_figures_that_one_can_count_by_hand(office):
    for at in live(office):
        if at == moment("2026-04-10T10:00"):
            found = asked(office, at)
            break
    one, two, three = found.accounts
    assert (one.account_name, one.activated_at) == ("Customer 1", moment("2026-03-25T15:00"))
    value = found.metric("time_to_value").estimate
    assert (value.n, value.of) == (1, 3)
    assert two.status == "churned"
    assert found.metric("retention_rate").estimate.value == pytest.approx(2 / 3)
    users = found.metric("user_activation_rate").estimate
    assert (users.n, users.of) == (1, 2), "the activation's own signal is a key action, a login is none"
    assert found.metric("effort_score").estimate.value == 6
    assert three.activated_at is None
    kickoff = one.parts["stage_dwell_kickoff"]
    assert kickoff.days == pytest.approx((moment("2026-03-11T09:00") - one.stage_times["kickoff"]) / timedelta(days=1))


@pytest.mark.slow
def test_an_unrelated_account_changes_no_other_accounts_figures(office):
    office.customer(1)
    office.run()
    before = asked(office, "2026-03-03T10:00").as_json()["accounts"]
    office.customer(2)
    office.run("2026-03-02T12:00")
    after = asked(office, "2026-03-03T10:00").as_json()["accounts"]
    assert before[0] in after
    assert len(after) == 2


@pytest.mark.slow
def test_a_report_may_be_of_one_tier_and_of_signatures_since_a_day(office):
    office.customer(1)
    office.customer(2, signed="2026-03-01", Amount="900000")
    office.run()
    tiers = {one.tier for one in asked(office, MONDAY).accounts}
    assert len(tiers) == 2
    tier = min(tiers)
    assert {one.tier for one in asked(office, MONDAY, tier=tier).accounts} == {tier}
    since = asked(office, MONDAY, since=moment("2026-03-02"))
    assert [one.account_name for one in since.accounts] == ["Customer 1"]


@pytest.mark.slow
def test_the_health_before_is_that_of_who_was_under_way_then(office):
    office.customer(1, First90_Signed_At__c="2026-03-02T09:00:00Z", First90_Seats__c="40")
    office.event("login", "2026-03-03T09:00:00Z", user="person1@customer1.example")
    office.run()
    for name in ("kickoff_held", "go_live"):
        office.done(name, on="2026-03-05T10:00")
    office.report(record_survey, SurveyKind.CES, 6.0, on="2026-03-05T10:00")
    office.event("login", "2026-03-06T09:00:00Z", user="person1@customer1.example")
    office.run("2026-03-06T10:00")
    office.run("2026-04-02T10:00")
    then = asked(office, "2026-04-03T10:00").accounts
    assert then[0].health_before is not None
    office.order(close, "001-0001", "churned", reason="bankrupt", on="2026-05-11T10:00")
    office.run("2026-05-12T10:00")
    assert asked(office, "2026-04-03T10:00").accounts == then


@pytest.mark.slow
def test_what_was_used_in_an_earlier_onboarding_is_no_first_value_of_the_next(office):
    office.customer(1)
    office.event("content_shared", "2026-03-12T09:00:00Z", user="person1@customer1.example")
    office.run("2026-03-13T10:00")
    office.order(close, "001-0001", "churned", reason="bankrupt", on="2026-03-20T10:00")
    office.run("2026-03-23T10:00")
    office.deal(2, account=1, signed="2026-05-04")
    office.role(1, "Champion", deal=2)
    office.run("2026-05-04T10:00")
    assert asked(office, "2026-05-05T10:00").accounts[1].activated_at is None
    office.event("content_shared", "2026-05-10T09:00:00Z", user="person1@customer1.example")
    office.run("2026-05-20T10:00")
    first, second = (one.parts["time_to_value"] for one in asked(office, "2026-05-21T10:00").accounts)
    assert (first.days, second.days) == (10.375, 6.375)


def money_and_time(office):
    """A contract that a further deal renews, a goal of efficiency that gets better, and time spent. Yields each moment
    after its run."""
    office.customer(1, First90_Signed_At__c="2026-03-02T09:00:00Z", First90_Contract_Ends_On__c="2026-04-01")
    office.event("login", "2026-03-03T09:00:00Z", user="person1@customer1.example")
    office.event("time_spent", "2026-03-03T10:00:00Z", user="person1@customer1.example", count=30)
    office.run()
    yield MONDAY
    office.event("time_spent", "2026-03-10T10:00:00Z", user="person1@customer1.example", count=45)
    office.run("2026-03-12T10:00")
    yield moment("2026-03-12T10:00")
    office.done("kickoff_held", on="2026-03-16T10:00")
    day, kind = date(2026, 5, 31), GoalKind.EFFICIENCY
    goal = Goal(metric="quote turnaround", baseline=48, target=4, unit="hours", due=day, at=MONDAY, kind=kind)
    office.report(record_goal, goal, on="2026-03-17T10:00")
    office.report(record_goal_value, "quote turnaround", 24.0, on="2026-03-17T10:00")
    office.run("2026-03-17T11:00")
    yield moment("2026-03-17T11:00")
    office.run("2026-04-02T10:00")
    yield moment("2026-04-02T10:00")
    office.deal(2, account=1, signed="2026-04-06", Amount="5000", First90_Contract_Ends_On__c="2027-04-01")
    office.report(record_goal_value, "quote turnaround", 12.0, on="2026-04-08T10:00", at="2026-03-16T10:00")
    office.event("time_spent", "2026-04-07T10:00:00Z", user="person1@customer1.example", count=500)
    office.run("2026-04-08T11:00")
    yield moment("2026-04-08T11:00")


@pytest.mark.slow
def test_renewals_value_productivity_and_time_spent_look_at_nothing_that_came_later(office):
    names = ("renewal_rate", "lifetime_value", "productivity_gain", "time_in_product")

    def figures(at):
        found = asked(office, at)
        return {name: found.metric(name).estimate.value for name in names}

    seen = {at: figures(at) for at in money_and_time(office)}
    assert [one["renewal_rate"] for one in seen.values()] == [None, None, None, 0, 1]
    assert [one["lifetime_value"] for one in seen.values()] == [20000] * 4 + [25000]
    assert [one["productivity_gain"] for one in seen.values()] == [None, None, 0.5, 0.5, 0.5]
    assert [one["time_in_product"] for one in seen.values()] == [None, 75, 75, 45, 545]
    for at, then in seen.items():
        assert figures(at) == then, f"as of {at}"


@pytest.mark.slow
def test_usage_that_comes_late_counts_at_the_time_when_it_happened(office):
    *_, last = money_and_time(office)
    office.event("time_spent", "2026-03-11T10:00:00Z", user="person1@customer1.example", count=15)
    office.run("2026-04-09T11:00")
    spent = {
        at: asked(office, at).metric("time_in_product").estimate.value
        for at in ("2026-03-10T12:00", "2026-03-12T10:00")
    }
    assert list(spent.values()) == [75, 90]
    assert asked(office, last).metric("renewal_rate").estimate.value == 1
