"""The statistics against hand-counted cases, and on large ones against formulas written out here."""

import math
import random

import pytest

from onboarding.metrics.definitions import BY_NAME
from onboarding.metrics.estimates import curve, differs, fell, mean, median_time, proportion, ratio, steps
from onboarding.metrics.figures import Share, Span
from onboarding.metrics.wording import value_words


def spans(*days):
    """Build spans; ``(5, False)`` is censored: the event has not occurred after five days."""
    return [Span(*one) if isinstance(one, tuple) else Span(one, True) for one in days]


def test_a_curve_counted_by_hand():
    found = curve(spans(1, 2, (3, False), 4, 5, (9, False)))
    assert found.days == (1, 2, 4, 5)
    # 6 at risk, 5, then 3 (one was censored at day 3), 2.
    assert found.waiting == pytest.approx((5 / 6, 4 / 6, 4 / 6 * 2 / 3, 4 / 6 * 2 / 3 / 2))


def test_the_median_is_the_first_day_on_which_half_have_reached_it():
    assert median_time(spans(1, 2, 3, 4)).value == 2
    assert median_time(spans(1, (2, False), (2, False), (2, False))).value is None


def test_accounts_that_are_not_there_yet_make_the_median_longer_than_those_that_are():
    fast = spans(10, 12, 14)
    assert median_time(fast).value == 12
    assert median_time([*fast, *spans((60, False), (60, False))]).value == 14


def test_time_may_be_zero_and_negative():
    assert median_time(spans(-3, 0, 5)).value == 0
    assert steps(curve(spans(-3, 5)), 10)[0] == (-3, 1.0)


def test_without_an_account_that_reached_it_there_is_no_figure():
    found = median_time(spans((5, False), (6, False)))
    assert (found.value, found.low, found.high, found.n, found.of) == (None, None, None, 0, 2)


def test_small_numbers_are_called_small():
    assert median_time(spans(*range(1, 10))).small
    assert not median_time(spans(*range(1, 11))).small
    assert median_time(spans(1, 2, 3, 4, *[(9, False)] * 20)).small, "only four reached it"
    assert proportion([Share(1, 1)] * 9).small
    assert not proportion([Share(1, 1)] * 10).small
    assert proportion([Share(40, 100)]).small, "many users of one account say little about others"


def test_wilson_by_its_formula():
    found = proportion([Share(1, 1)] * 7 + [Share(0, 1)] * 13)
    share, count, z = 7 / 20, 20, 1.959963984540054
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    reach = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    assert (found.n, found.of, found.value) == (7, 20, share)
    assert (found.low, found.high) == pytest.approx((middle - reach, middle + reach))


def test_a_ratio_counts_hours_and_its_interval_accounts():
    assert ratio([Share(3, 10), Share(5, 30)]).value == 8 / 40
    assert ratio([Share(3, 10)]).low is None
    steady = ratio([Share(2, 10)] * 12)
    assert (steady.low, steady.high) == pytest.approx((0.2, 0.2))
    shaky = ratio([Share(0, 10), Share(4, 10)] * 6)
    assert shaky.low < 0.1 < 0.3 < shaky.high


def test_a_mean_of_answers():
    found = mean([6, 8, 10], accounts=20)
    assert (found.value, found.n, found.of) == (8, 3, 20)
    assert found.high - 8 == pytest.approx(4.302652729749462 * 2 / math.sqrt(3))
    assert mean([], accounts=3).value is None


def test_a_fall_that_may_be_chance_and_one_that_is_not():
    assert fell(Share(5, 10), Share(4, 10)) > 0.5
    assert fell(Share(45, 50), Share(20, 50)) < 0.001
    assert fell(Share(0, 0), Share(1, 2)) is None


# An independent computation


def plain_curve(found):
    """Kaplan-Meier with its log-log band, by the formulas alone."""
    points, share, spread = [], 1.0, 0.0
    for day in sorted({one.days for one in found if one.reached}):
        at_risk = sum(1 for one in found if one.days >= day)
        reached = sum(1 for one in found if one.reached and one.days == day)
        share *= 1 - reached / at_risk
        if at_risk > reached:
            spread += reached / (at_risk * (at_risk - reached))
            reach = 1.959963984540054 * math.sqrt(spread) / abs(math.log(share))
            points.append((day, share, share ** math.exp(reach), share ** math.exp(-reach)))
        else:
            points.append((day, share, 0.0, points[-1][3] if points else 1.0))
    return points


def plain_log_rank(one, other):
    """The chi-square of the log-rank test, from the table of each day."""
    seen = expected = spread = 0.0
    for day in sorted({span.days for span in (*one, *other) if span.reached}):
        mine = sum(1 for span in one if span.days >= day)
        all_ = mine + sum(1 for span in other if span.days >= day)
        here = sum(1 for span in one if span.reached and span.days == day)
        events = here + sum(1 for span in other if span.reached and span.days == day)
        seen += here
        expected += events * mine / all_
        if all_ > 1:
            spread += events * mine / all_ * (1 - mine / all_) * (all_ - events) / (all_ - 1)
    return (seen - expected) ** 2 / spread


@pytest.mark.parametrize("seed", range(6))
def test_the_same_figures_by_formulas_written_out(seed):
    chance = random.Random(seed)
    some = [Span(float(chance.randint(-2, 90)), chance.random() < 0.6) for _ in range(400)]
    others = [Span(float(chance.randint(0, 120)), chance.random() < 0.5) for _ in range(300)]
    found, by_hand = curve(some), plain_curve(some)
    assert found.days == tuple(day for day, *_ in by_hand)
    for mine, theirs in ((found.waiting, 1), (found.low, 2), (found.high, 3)):
        assert mine == pytest.approx([point[theirs] for point in by_hand])
    median = median_time(some)
    crossings = [next(day for day, *shares in by_hand if shares[place] <= 0.5) for place in (0, 1, 2)]
    assert [median.value, median.low, median.high] == crossings
    # The p-value of one degree of freedom, by the error function.
    assert differs(some, others) == pytest.approx(math.erfc(math.sqrt(plain_log_rank(some, others) / 2)))


def test_groups_in_which_no_account_reached_it_are_not_compared():
    assert differs(spans((5, False), (6, False)), spans(1, 2)) is None
    assert differs(spans(1), spans(1, 2)) is None


@pytest.mark.parametrize("name", ["nps", "how_to_tickets", "time_to_value"])
def test_nothing_is_shown_with_a_minus_before_a_zero(name: str) -> None:
    assert not value_words(BY_NAME[name], -0.004).startswith("-")
    assert value_words(BY_NAME[name], -2.0).startswith("-2")
