"""Twelve customers of three tiers over half a year: each figure counted by hand, and again from the accounts."""

from datetime import date
from statistics import fmean

import pytest

from onboarding.metrics.definitions import NAMES
from onboarding.model.state import Goal
from onboarding.model.vocabulary import SurveyKind
from onboarding.orders import FactReport, Order
from tasks.commands.facts import record_milestone, take_back_milestone
from tasks.commands.onboardings import close, hold, resume
from tasks.commands.value_facts import record_goal, record_goal_value, record_survey, record_ticket
from tasks.reporting.portfolio import Question, read_portfolio
from tests.tasks.conftest import ident, moment

EVERYTHING = (
    *("kickoff_held", "cadence_agreed", "plan_agreed", "requirements_documented", "security_review"),
    *("integrations_connected", "access_configured", "validation_passed", "tasks_done_end_users", "tasks_done_admins"),
    *("tasks_done_managers", "go_live", "both_sides_told", "goals_checked", "next_plan_agreed", "owner_transferred"),
    "account_plan_recorded",
)
BY_HAND = {
    # Reached on day 3, 10, 10, 20, 49.8 and 60; the curve crosses one half on day 60, at 8/12 x 6/7 x 5/6.
    "time_to_value": (60, 6, 11),
    "time_to_first_value": (60, 6, 11),
    # Of 1, 2, 3, 4, 5, 6, 7, 8, 10 and 12, whose target dates have passed: 1.
    "completion_rate": (1 / 10, 1, 10),
    "activation_rate": (6 / 11, 6, 11),
    # Of 1's three, 2's two (one address in two spellings, our own CSM left out) and 7's one, one of each.
    "user_activation_rate": (3 / 6, 3, 6),
    # 7 of 7, and 5 of 10, which is 4 of 7.
    "effort_score": (5.5, 2, 11),
    # 3 after 34 days and 6 after 63, of all but the one taken over afterwards.
    "early_churn_90": (2 / 10, 2, 10),
    # 1 after 150 days and 3, of those signed by 4 March; the one taken over was seen on its day 180.
    "early_churn_180": (2 / 7, 2, 7),
    "adoption_depth": (3, 1, 11),
    # 4 reached one; each of the others has one that is due.
    "goal_attainment": (1 / 12, 1, 12),
    # Two of 2; the one of 1 came after its onboarding.
    "ticket_volume": (2 / 11, 11, 11),
    "project_completion_rate": (1 / 3, 1, 3),
    "retention_rate": (8 / 11, 8, 11),
}
WORKING_HOURS = {
    # London, Monday to Friday, 9 to 17; Good Friday and two Mondays in May are holidays.
    1: 22 * 8 + 1,
    3: 24 * 8,
    6: 43 * 8 + 2,
}


@pytest.fixture
def portfolio(office):
    def told(number, report, *args, on, **more):
        with office.context() as context:
            report(context, FactReport(by="jo@vendor.example", now=moment(on)), ident("001", number), *args, **more)

    def ordered(number, order, *args, on, **more):
        with office.context() as context:
            order(
                context, Order(by="jo@vendor.example", now=moment(on), reason="x"), ident("001", number), *args, **more
            )

    def used(number, signal, at, user):
        office.event(signal, f"{at}:00Z", account=number, user=user)

    def customers(tiers, signed, signed_at=None):
        for number, tier in tiers.items():
            office.customer(number, signed=signed, First90_Signed_At__c=signed_at or f"{signed}T00:00:00Z")
            office.change(ident("001", number), First90_Tier__c=tier)

    customers({1: "mid", 2: "mid", 3: "mid", 4: "high", 7: "tech"}, "2026-03-02", "2026-03-02T09:00:00Z")
    customers({12: "mid"}, "2026-02-28", "2026-02-28T23:30:00-05:00")
    customers({11: "mid"}, "2025-11-01")
    office.run("2026-03-02T10:00")
    customers({5: "high", 6: "high"}, "2026-03-09")
    office.run("2026-03-09T10:00")
    customers({8: "tech", 9: "tech"}, "2026-03-16")
    office.run("2026-03-16T10:00")
    told(1, record_milestone, "activation", on="2026-03-22T09:00")
    for name in EVERYTHING:
        told(1, record_milestone, name, on="2026-04-01T09:00")
    told(1, record_goal_value, "quote turnaround", 12.0, on="2026-04-01T09:00")
    for number in (1, 2, 3):
        used(1, "login", f"2026-03-2{number}T10:00", f"user{number}@customer1.example")
    used(1, "report_viewed", "2026-03-21T10:00", "user1@customer1.example")
    used(2, "content_shared", "2026-03-12T09:00", "person2@customer2.example")
    used(2, "content_shared", "2026-03-12T08:00", "csm@vendor.example")
    used(2, "login", "2026-03-12T10:00", "B@customer2.example")
    used(2, "login", "2026-03-13T10:00", "b@customer2.example")
    used(7, "project_completed", "2026-03-05T09:00", "person7@customer7.example")
    told(2, record_ticket, "T1", topic="import", sentiment=None, on="2026-03-20T00:00")
    told(2, record_ticket, "T2", topic="import", sentiment=None, on="2026-03-21T00:00")
    office.run("2026-04-02T10:00")
    told(1, record_ticket, "T3", topic="sso", sentiment=None, on="2026-04-03T00:00")
    told(1, record_survey, SurveyKind.CES, 7.0, on="2026-04-03T00:00")
    told(2, record_survey, SurveyKind.EFFORT, 5.0, on="2026-04-03T00:00")
    office.change(ident("001", 3), First90_Churned_On__c="2026-04-05")
    office.run("2026-04-06T10:00")
    told(4, record_milestone, "activation", on="2026-05-01T09:00")
    goal = Goal(metric="tickets", baseline=10, target=5, unit="n", due=date(2026, 6, 1), at=moment("2026-05-01"))
    told(4, record_goal, goal, on="2026-05-01T09:00")
    told(4, record_goal_value, "tickets", 5.0, on="2026-05-02T09:00")
    told(8, record_milestone, "activation", on="2026-03-26T00:00")
    told(12, record_milestone, "activation", on="2026-03-20T00:00")
    told(12, take_back_milestone, "activation", on="2026-03-25T00:00")
    told(12, record_milestone, "activation", on="2026-04-20T00:00")
    ordered(6, close, "churned", on="2026-05-11T10:00")
    ordered(9, close, "cancelled", on="2026-05-11T10:00")
    ordered(5, hold, until=None, resume="shift", on="2026-05-11T10:00")
    office.run("2026-05-11T12:00")
    ordered(5, resume, on="2026-05-25T12:00")
    office.run("2026-05-31T22:00")
    customers({10: "mid"}, "2026-05-31", "2026-05-31T23:30:00Z")
    office.run("2026-06-01T10:00")
    office.change(ident("001", 1), First90_Churned_On__c="2026-07-30")
    office.run("2026-08-31T10:00")
    with office.context() as context:
        yield read_portfolio(context.database, Question(as_of=moment("2026-08-31T10:00")))


@pytest.mark.slow
def test_each_figure_is_the_one_counted_by_hand(portfolio):
    found = {name: portfolio.metric(name).estimate for name in BY_HAND}
    assert {name: (pytest.approx(one.value), one.n, one.of) for name, one in found.items()} == BY_HAND
    accounts = {int(one.account_id[-4:]): one for one in portfolio.accounts}
    assert {number: accounts[number].parts["clock_vendor"].of for number in WORKING_HOURS} == WORKING_HOURS
    assert accounts[11].adopted
    assert accounts[9].parts == {}, "a cancelled one counts nowhere"
    assert {accounts[number].month for number in (10, 12)} == {"2026-05", "2026-03"}, "months are UTC"
    recounted(portfolio.as_json())


def recounted(told):
    """Count every figure and every group of it again, from the accounts alone."""
    accounts = [one for one in told["accounts"] if one["status"] != "cancelled"]
    keys = {
        "tier": lambda one: one["tier"],
        "month": lambda one: f"{one['signed_at']:%Y-%m}",
        "owner": lambda one: one["owner"] or "nobody",
    }
    assert {one["name"] for one in told["metrics"]} == set(NAMES)
    for metric in told["metrics"]:
        name = metric["name"]
        if metric["value"] is not None:
            assert counted(accounts, name) == close_to(metric["value"]), name
        for by, key in keys.items():
            for group in metric["groups"].get(by, ()):
                mine = counted([one for one in accounts if key(one) == group["group"]], name)
                assert mine == close_to(group["value"]), (name, by, group["group"])
    for one in accounts:
        sides = [one[f"clock_{side}"] for side in ("vendor", "customer", "third_party")]
        if sides[0] is not None:
            assert sum(side["n"] for side in sides) == pytest.approx(sides[0]["of"])


def close_to(value):
    return None if value is None else pytest.approx(value, rel=1e-3, abs=1e-4)


def counted(accounts, name):
    parts = [part for one in accounts if (part := one[name]) is not None]
    flat = [one for part in parts for one in (part if isinstance(part, list) else [part])]
    if not flat:
        return None
    if "days" in flat[0]:
        return median(flat)
    if "of" in flat[0]:
        return sum(one["n"] for one in flat) / sum(one["of"] for one in flat)
    return fmean([value for one in flat for value in one["values"]])


def median(spans):
    """Return the Kaplan-Meier median, straight from its definition."""
    waiting = 1.0
    for day in sorted({one["days"] for one in spans if one["reached"]}):
        at_risk = sum(one["days"] >= day for one in spans)
        waiting *= 1 - sum(one["reached"] and one["days"] == day for one in spans) / at_risk
        if waiting <= 0.5 + 1e-12:
            return day
    return None
