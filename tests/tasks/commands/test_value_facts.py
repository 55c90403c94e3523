"""Goals, promises, surveys, tickets and replies as a person records them: kept, shown, refused where they cannot be."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from database.onboardings import cases
from database.onboardings.lookup import find_onboarding
from onboarding.facts.fold import fold_facts
from onboarding.model.state import Goal
from onboarding.model.vocabulary import GoalKind, PromiseState, SurveyKind
from tasks.commands import value_facts
from tasks.runtime.refusals import Refused

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def state(office, now=NOW):
    """Return the state that the facts fold to."""
    with office.context() as context:
        with context.database.reading() as conn:
            key = find_onboarding(conn, "001-0001")
            case = cases.load(conn, [key], now, context.calendars(now), None)[key]
        return fold_facts(case, context.playbook_version(case.progress.playbook), now)


def test_a_promise_of_sales_is_settled_by_its_id_or_its_text(opened):
    (promise,) = state(opened).promises
    assert (promise.text, promise.source, promise.state) == ("Single sign-on in April", "sales", "open")
    said = opened.report(value_facts.settle_promise, promise.id, PromiseState.BROKEN)
    assert said == f"Promise {promise.id} is broken: Single sign-on in April."
    assert state(opened).promises[0].settled_by == "jo@vendor.example"
    opened.report(value_facts.settle_promise, "single sign-on in april", PromiseState.KEPT, on="2026-03-02T11:00")
    assert [one.state for one in state(opened).promises] == [PromiseState.KEPT]
    with pytest.raises(Refused, match="no promise 'gold'"):
        opened.report(value_facts.settle_promise, "gold", PromiseState.KEPT)


def test_a_promise_of_the_team_has_a_day(opened):
    said = opened.report(value_facts.record_promise, "A day on site.", due=date(2026, 5, 4))
    assert "A day on site" in said
    again = opened.report(value_facts.record_promise, "A day on site", due=date(2026, 5, 4))
    assert again.startswith("Known already")
    own = next(one for one in state(opened).promises if one.source == "team")
    assert (own.text, own.due, own.by) == ("A day on site", date(2026, 5, 4), "jo@vendor.example")
    with pytest.raises(Refused, match="promises nothing"):
        opened.report(value_facts.record_promise, "none", due=None)


def test_a_reply_confirms_the_goals_only_where_it_says_so(opened):
    opened.report(value_facts.record_reply, "Person1@customer1.example", confirms=False)
    assert not state(opened).goals[0].confirmed
    opened.report(value_facts.record_reply, "person1@customer1.example", confirms=True, on="2026-03-02T11:00")
    assert state(opened).goals[0].confirmed_at == datetime(2026, 3, 2, 11, tzinfo=UTC)
    contact = opened.tables["Contact.csv"][0]["Id"]
    assert {one.person[:15] for one in state(opened).replies} == {contact[:15]}
    with pytest.raises(Refused, match="one of our own"):
        opened.report(value_facts.record_reply, opened.tables["User.csv"][0]["Email"], confirms=False)


def test_there_must_be_a_goal_to_confirm(office):
    office.customer(First90_Success_Metrics__c="become faster")
    office.run()
    with pytest.raises(Refused, match="no measurable goal"):
        office.report(value_facts.record_reply, "person1@customer1.example", confirms=True)


def test_surveys_and_tickets_are_kept_with_scale_and_topic(opened):
    opened.report(value_facts.record_survey, SurveyKind.CES, 6, person="person1@customer1.example", comment="easy")
    opened.report(value_facts.record_ticket, "T-1", topic="import", sentiment=-1)
    found = state(opened)
    (answer,) = found.surveys
    assert (answer.kind, answer.score, answer.low, answer.high, answer.comment) == ("ces", 6, 1, 7, "easy")
    assert answer.person
    assert [(one.id, one.topic, one.sentiment) for one in found.tickets] == [("T-1", "import", -1)]
    for score, kind in (
        (0, SurveyKind.CES),
        (6, SurveyKind.CSAT),
        (11, SurveyKind.NPS),
        (float("nan"), SurveyKind.NPS),
    ):
        with pytest.raises(Refused, match="not on the scale"):
            opened.report(value_facts.record_survey, kind, score)
    with pytest.raises(Refused, match="whole number"):
        opened.report(value_facts.record_survey, SurveyKind.NPS, 6.5)


def test_a_mistyped_address_is_told_to_whoever_recorded_it(opened):
    name = opened.tables["Contact.csv"][0]["Name"]
    known = opened.report(value_facts.record_reply, "person1@customer1.example", confirms=False)
    assert name in known
    assert "no contact" not in known
    for record in (
        lambda email: opened.report(value_facts.record_reply, email, confirms=False),
        lambda email: opened.report(value_facts.record_survey, SurveyKind.CES, 6, person=email),
    ):
        assert "persom1@customer1.example (no contact of" in record("persom1@customer1.example")


def test_a_goal_has_a_kind_and_money_with_its_currency(opened):
    goal = Goal(metric="cost a quote", baseline=90, target=40, unit="EUR", due=date(2026, 5, 31), at=NOW, money=12)
    opened.report(value_facts.record_goal, replace(goal, kind=GoalKind.COST, currency="eur"))
    found = next(one for one in state(opened).goals if one.metric == "cost a quote")
    assert (found.kind, found.money, found.currency) == (GoalKind.COST, 12, "EUR")
    for money, currency in ((12, ""), (-4, "EUR"), (0, "EUR"), (float("nan"), "EUR"), (12, "euros"), (None, "EUR")):
        with pytest.raises(Refused, match="currency"):
            opened.report(value_facts.record_goal, replace(goal, money=money, currency=currency))
    with pytest.raises(Refused, match="before the signature"):
        opened.report(value_facts.record_goal, replace(goal, currency="EUR", due=date(2020, 1, 1)))
