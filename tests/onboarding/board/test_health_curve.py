"""The health curve: each score holds until the next one, and only what is known is drawn."""

from datetime import UTC, date, datetime

import pytest

from onboarding.board.health_curve import health_curve
from onboarding.model.case import Progress
from onboarding.model.vocabulary import Status

NOW = datetime(2026, 3, 12, 9, tzinfo=UTC)


def curve(*history, status=Status.ACTIVE, known_now=True):
    return health_curve(Progress(status=status, health_history=history), NOW, known_now=known_now)


def test_each_score_holds_until_the_day_of_the_next_one_and_the_last_up_to_now():
    found = curve(("2026-03-02", 80), ("2026-03-07", 50))
    assert found.lines == ("0.0,12.0 150.0,12.0 150.0,30.0 300.0,30.0",)
    assert (found.first, found.last) == (date(2026, 3, 2), date(2026, 3, 12))
    assert found.described == (
        "Health by day from 2 March 2026 to 12 March 2026, of 100: 80 at first, 50 at last, between 50 and 80"
    )
    assert (found.green_from, found.yellow_from) == (15, 30)


@pytest.mark.parametrize("over", [{"status": Status.COMPLETED}, {"known_now": False}])
def test_it_ends_with_the_onboarding_and_claims_no_score_that_is_not_known_any_more(over):
    assert curve(("2026-03-02", 80), ("2026-03-07", 50), **over).last == date(2026, 3, 7)


@pytest.mark.parametrize("history", [(), (("2026-03-12", 80),)])
def test_nothing_is_drawn_of_no_day_or_of_one(history):
    assert curve(*history) is None
    assert curve(("2026-03-02", 80), status=Status.CHURNED) is None


def test_where_the_score_was_unknown_the_line_is_broken_and_the_words_say_so():
    found = curve(("2026-03-02", 80), ("2026-03-04", None), ("2026-03-06", 50), ("2026-03-10", None), known_now=False)
    assert found.lines == ("0.0,12.0 60.0,12.0", "120.0,30.0 240.0,30.0")
    assert found.last == date(2026, 3, 12), "up to now it is known to be unknown"
    assert found.described == (
        "Health by day from 2 March 2026 to 12 March 2026, of 100: 80 at first, 50 at last, between 50 and 80; "
        "unknown from 4 March 2026 to 6 March 2026 and from 10 March 2026 on"
    )
