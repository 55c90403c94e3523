"""Current values of goals from every source; the worth of their progress uses only the customer's own figures."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from config.playbook_library.library import load_library
from onboarding.facts.fold import fold_facts, next_change
from onboarding.facts.goal_values import BY_PRODUCT, gain, way_words
from onboarding.facts.goal_words import goal_sentence
from onboarding.model.case import Case, Fact
from onboarding.model.state import Goal, GoalValue
from onboarding.model.usage import Usage
from onboarding.model.vocabulary import Tier
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_fact, build_use
from tests.builders.playbook import build_playbook

NOW = SIGNED + timedelta(days=30)
GOAL = Goal(
    metric="quote turnaround", baseline=48, target=4, unit="hours", due=date(2026, 4, 30), at=SIGNED, confirmed_at=NOW
)


def reported(day: int, value: object) -> Fact:
    return build_fact("goal_value", "quote  TURNAROUND", SIGNED + timedelta(days=day), value={"value": value})


def goal_of(case: Case, now: datetime = NOW) -> Goal:
    return fold_facts(case, build_playbook(), now).goals[0]


def at(goal: Goal, value: float) -> Goal:
    return replace(goal, values=(GoalValue(NOW, value, "jo", NOW.date()),))


def test_every_value_is_kept_and_the_last_one_holds_whatever_order_it_came_in() -> None:
    goal = goal_of(replace(CASE, facts=(reported(9, "20"), reported(3, 40), reported(10, "soon"))))
    assert [value.value for value in goal.values] == [40, 20]
    assert (goal.value, goal.value_at, goal.reached) == (20, SIGNED + timedelta(days=9), False)
    assert goal.progress == 28 / 44


def test_the_crm_says_where_a_goal_stands_a_dated_line_each() -> None:
    lines = "Quote Turnaround | 30 | 2026-03-12\nquote turnaround | 25\nnobody knows\nquote turnaround | 9 | 2026-05-01"
    case = replace(CASE, deals=(replace(CASE.deals[0], goal_values=lines),))
    goal = goal_of(case)
    assert goal.values == (GoalValue(datetime(2026, 3, 11, 23, tzinfo=UTC), 30, "CRM", date(2026, 3, 12)),)
    assert next_change(case, build_playbook(), fold_facts(case, build_playbook(), NOW), NOW) == datetime(
        2026, 4, 30, 22, tzinfo=UTC
    )
    assert goal_of(case, datetime(2026, 5, 1, tzinfo=UTC)).value == 9


def test_a_value_is_told_on_the_day_that_was_reported_wherever_the_customer_is() -> None:
    lines = "quote turnaround | 30 | 2026-03-12"
    for zone in ("Pacific/Auckland", "Europe/Berlin", "America/Los_Angeles"):
        account = replace(CASE.account, zone=zone)
        by_crm = replace(CASE, account=account, deals=(replace(CASE.deals[0], goal_values=lines),))
        bare = build_fact("goal_value", "quote turnaround", datetime(2026, 3, 12, tzinfo=UTC), value={"value": 30})
        for case in (by_crm, replace(CASE, account=account, facts=(bare,))):
            assert "30 hours on 12 March 2026" in goal_sentence(goal_of(case)), zone
    late = build_fact("goal_value", "quote turnaround", datetime(2026, 3, 12, 3, tzinfo=UTC), value={"value": 30})
    west = replace(CASE, account=replace(CASE.account, zone="America/Los_Angeles"), facts=(late,))
    assert "30 hours on 11 March 2026" in goal_sentence(goal_of(west)), "the evening before, there"


def test_a_goal_with_a_signal_is_counted_by_the_product() -> None:
    figures = {"baseline": 0, "target": 10, "unit": "quotes", "due": "2026-04-30", "signal": "quote_sent"}
    told = build_fact("goal", "Quote turnaround", value=figures)
    used = build_use("quote_sent", *((SIGNED + timedelta(days=day), "ana") for day in (2, 3, 5)))
    goal = goal_of(replace(CASE, facts=(told,), usage=Usage(known=True, read_at=NOW, signals=(used,))))
    assert goal.values == (GoalValue(SIGNED + timedelta(days=5), 3.0, BY_PRODUCT, (SIGNED + timedelta(days=5)).date()),)
    assert way_words(goal) == "30 % of the way"


def test_the_way_is_told_in_words() -> None:
    assert [way_words(at(GOAL, value)) for value in (48, 60, 26, 4.1, 4, 1)] == [
        "no nearer to the target yet",
        "no nearer to the target yet",
        "50 % of the way",
        "99 % of the way",
        "reached",
        "reached",
    ]
    assert way_words(GOAL) == ""


def test_the_return_is_told_only_in_the_customers_own_figures_for_a_confirmed_goal_that_got_better() -> None:
    worth = replace(GOAL, money=100, currency="EUR")
    assert str(gain(at(worth, 28))) == "2,000 EUR"
    assert gain(worth) is None, "no value"
    assert gain(at(GOAL, 28)) is None, "no figure of theirs"
    assert gain(at(worth, 60)) is None, "it got worse"
    assert gain(at(replace(worth, confirmed_at=None), 28)) is None, "only assumed"


TECH = load_library()[Tier("tech")].playbook
REACHED = build_fact("milestone", "activation", SIGNED + timedelta(days=10, hours=3))


def checked_at(*facts: Fact, usage: Usage | None = None, now: datetime = NOW) -> datetime | None:
    case = replace(CASE, facts=facts, usage=usage or CASE.usage)
    return fold_facts(case, TECH, now).milestones["goals_checked"].done_at


def test_a_value_from_before_the_first_result_shows_nothing_that_was_delivered() -> None:
    assert checked_at(reported(1, 0)) is None
    assert checked_at(reported(1, 0), REACHED) is None
    assert checked_at(reported(1, 0), REACHED, reported(12, 20), reported(15, 9)) == SIGNED + timedelta(days=12)
    assert checked_at(reported(10, 20), REACHED) == REACHED.at, "the day of the first result counts"


def test_what_does_not_apply_is_waited_for_by_no_value() -> None:
    waived = build_fact("milestone_waived", "activation", SIGNED, value={"reason": "bought for the group"})
    assert checked_at(waived, reported(1, 30)) == SIGNED + timedelta(days=1)


def test_later_events_of_the_product_do_not_move_the_day_of_the_check() -> None:
    figures = {"baseline": 0, "target": 10, "unit": "quotes", "due": "2026-04-30", "signal": "quote_sent"}
    told = build_fact("goal", "Quote turnaround", value=figures)
    for days in ((2, 12), (2, 12, 13, 20)):
        used = build_use("quote_sent", *((SIGNED + timedelta(days=day), "ana") for day in days))
        usage = Usage(known=True, read_at=NOW, signals=(used,))
        assert checked_at(told, REACHED, usage=usage) == SIGNED + timedelta(days=12)
