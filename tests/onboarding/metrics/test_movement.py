"""Month over month: slower or fewer is an alarm, faster with fewer goals is no success, few accounts give no result."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from onboarding.metrics.compute import compute
from onboarding.metrics.figures import Share, Span
from onboarding.metrics.movement import Turn, movements
from onboarding.metrics.period import moved
from onboarding.model.vocabulary import Status
from tests.builders.figures import build_figures
from tests.builders.tiers import TECH

AS_OF = datetime(2026, 6, 10, tzinfo=UTC)
APRIL, MAY, JUNE = (datetime(2026, month, 5, tzinfo=UTC) for month in (4, 5, 6))


def month(due, days, reached=None, **more):
    goals = reached or [None] * len(days)
    return [build_figures(n, due, one, goal, **more) for n, (one, goal) in enumerate(zip(days, goals, strict=True))]


def found(accounts, metric, segment="all"):
    return next((one for one in movements(accounts, AS_OF) if (one.metric, one.segment) == (metric, segment)), None)


def test_a_rising_time_to_value_is_alarming():
    moving = found(month(APRIL, [20] * 10) + month(MAY, [30] * 10), "time_to_value")
    assert (moving.before.value, moving.after.value, moving.turn) == (20, 30, Turn.WORSE)
    assert moving.alarming
    assert "30 days (10 accounts), the month before 20 days (10); chance alone: p < 0.01" in moving.words


def test_a_falling_activation_is_alarming():
    moving = found(month(APRIL, [20] * 12) + month(MAY, [20] * 8 + [None] * 4), "activation_rate")
    assert (moving.before.value, moving.after.n, moving.after.of, moving.turn) == (1.0, 8, 12, Turn.WORSE)


def test_what_came_after_the_target_date_counts_as_not_in_time():
    moving = found(month(APRIL, [20] * 10) + month(MAY, [46] * 10), "activation_rate")
    assert moving.after.value == 0


def test_the_month_that_is_not_over_does_not_count():
    assert movements(month(APRIL, [20] * 10) + month(JUNE, [40] * 10), AS_OF) == ()


def test_few_accounts_say_nothing():
    moving = found(month(APRIL, [20] * 10) + month(MAY, [40] * 9), "time_to_value")
    assert (moving.turn, moving.alarming) == (Turn.TOO_FEW, False)


def test_a_small_change_is_much_the_same():
    assert found(month(APRIL, [20] * 10) + month(MAY, [21] * 10), "time_to_value").turn is Turn.SAME


def test_a_median_of_no_days_at_all_that_stays_so_is_the_same_and_a_day_more_is_worse():
    assert found(month(APRIL, [0] * 10) + month(MAY, [0] * 10), "time_to_value").turn is Turn.SAME
    assert found(month(APRIL, [0] * 10) + month(MAY, [1] * 10), "time_to_value").turn is Turn.WORSE


def test_faster_with_fewer_goals_reached_is_no_success():
    goals = [1] * 9 + [0]
    faster = month(APRIL, [30] * 10, goals) + month(MAY, [10] * 10, [1] * 4 + [0] * 6)
    moving = found(faster, "time_to_value")
    assert (moving.turn, moving.alarming) == (Turn.MISLEADING, True)
    assert "40 % of the goals were reached, the month before 90 %" in moving.words
    assert found(month(APRIL, [30] * 10, goals) + month(MAY, [10] * 10, goals), "time_to_value").turn is Turn.BETTER


@pytest.mark.parametrize(
    ("goals", "note"),
    [
        ([1] * 29 + [0], "97 % of the goals were reached, the month before 100 %"),
        ([None] * 30, "none of these accounts' goals is due yet"),
    ],
)
def test_faster_with_hardly_fewer_goals_or_none_due_is_no_success_either(goals, note):
    moving = found(month(APRIL, [30] * 30, [1] * 30) + month(MAY, [10] * 30, goals), "time_to_value")
    assert (moving.turn, moving.alarming) == (Turn.SAME, False)
    assert note in moving.words


def test_more_than_half_not_in_time_is_worse_than_any_median():
    moving = found(month(APRIL, [40] * 10) + month(MAY, [10] * 4 + [None] * 6), "time_to_value")
    assert moving.turn is Turn.WORSE
    assert "more than half not in time" in moving.words


def test_each_tier_is_looked_at_by_itself():
    slower = month(APRIL, [20] * 10) + month(MAY, [40] * 10)
    steady = month(APRIL, [20] * 30, tier=TECH) + month(MAY, [20] * 30, tier=TECH)
    assert found(slower + steady, "time_to_value", "mid").turn is Turn.WORSE
    assert found(slower + steady, "time_to_value", "tech").turn is Turn.SAME
    assert found(slower + steady, "time_to_value").turn is Turn.SAME


def test_each_product_is_looked_at_by_itself_where_there_are_several():
    slower = [replace(one, product="CRM") for one in month(APRIL, [20] * 10) + month(MAY, [40] * 10)]
    steady = month(APRIL, [20] * 30, tier=TECH) + month(MAY, [20] * 30, tier=TECH)
    moving = found(slower + steady, "time_to_value", "CRM")
    assert (moving.by, moving.turn, moving.alarming) == ("product", Turn.WORSE, True)
    assert moving.words.startswith("Time to value of product CRM, accounts due in May 2026: 40 days")
    assert found(slower, "time_to_value", "CRM") is None, "the only product is all accounts once more"


def test_a_cancelled_onboarding_moves_nothing():
    cancelled = month(MAY, [90] * 10, status=Status.CANCELLED)
    assert found(month(APRIL, [20] * 10) + month(MAY, [20] * 10) + cancelled, "time_to_value").turn is Turn.SAME


@pytest.mark.parametrize(("before", "after", "words"), [(9, 3, "(worse)"), (3, 9, "(better)")])
def test_the_numbers_that_moved_most(before, after, words):
    def rates(met):
        some = month(MAY, [None] * 12)
        for number, one in enumerate(some):
            one.parts["activation_rate"] = Share(int(number < met), 1)
            one.parts["retention_rate"] = Share(1, 1)
        return compute(some, AS_OF)

    changes = moved(rates(before), rates(after))
    assert [one.after.name for one in changes] == ["activation_rate"], "what stayed has not moved"
    told = changes[0].words
    assert told == f"Activation rate: {100 * after / 12:.0f} %, before {100 * before / 12:.0f} % {words}"


@pytest.mark.parametrize(("reached", "words"), [(12, "(better)"), (11, "(faster, but fewer goals reached)")])
def test_a_shorter_time_with_fewer_goals_is_no_better_number(reached, words):
    def report(days, goals):
        some = month(MAY, [days] * 12, [int(number < goals) for number in range(12)])
        for one in some:
            one.parts["time_to_value"] = Span(days, True)
        return compute(some, AS_OF)

    times = [one for one in moved(report(30, 12), report(20, reached)) if one.after.name == "time_to_value"]
    assert [one.words for one in times] == [f"Time to value: 20 days, before 30 days {words}"]
