"""The score day by day: never rewritten, and a fall within two weeks is work for the owner."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from onboarding.health.summary import Summary
from onboarding.health.trend import history_with, last_fall, score_on, trend, trend_tasks
from onboarding.model.usage import Usage
from onboarding.model.vocabulary import Status
from onboarding.review_case import review
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_use
from tests.builders.playbook import build_playbook

NOW = SIGNED + timedelta(days=60)
LINE = review(CASE, build_playbook(), NOW).summary


def line(health: int | None, **more: Any) -> Summary:
    return replace(LINE, health=health, **{"status": Status.ACTIVE, "stalled_since": None, **more})


def day(number: int) -> datetime:
    return SIGNED + timedelta(days=number)


@given(st.lists(st.tuples(st.integers(0, 30), st.one_of(st.none(), st.integers(0, 100))), max_size=40))
def test_nothing_that_stands_in_the_history_is_ever_rewritten(seen: list[tuple[int, int | None]]) -> None:
    history: tuple[tuple[str, int | None], ...] = ()
    for number, score in sorted(seen, key=lambda one: one[0]):
        longer = history_with(history, score, Status.ACTIVE, day(number))
        assert longer[: len(history)] == history
        assert history_with(longer, score, Status.ACTIVE, day(number)) == longer
        history = longer
        assert score_on(history, day(number + 1)) == score or number in [day for day, other in seen if other != score]
    assert len({since for since, _ in history}) == len(history)


def test_a_score_that_becomes_unknown_ends_the_one_before_and_begins_no_history() -> None:
    assert history_with((), None, Status.ACTIVE, day(3)) == ()
    known = history_with((), 80, Status.ACTIVE, day(3))
    lost = history_with(known, None, Status.ACTIVE, day(9))
    assert lost == (*known, (day(9).date().isoformat(), None))
    assert history_with(lost, None, Status.ACTIVE, day(12)) == lost
    assert history_with(known, None, Status.CHURNED, day(9)) == known
    found = history_with(lost, 80, Status.ACTIVE, day(20))
    assert [score_on(found, day(number)) for number in (3, 8, 9, 19, 20)] == [80, 80, None, None, 80]
    assert trend(found, line(60), day(24)) is None, "two weeks ago it was unknown"


def test_a_fall_goes_on_while_the_score_is_unknown_and_none_is_seen_from_before_it_was() -> None:
    fell = history_with(history_with((), 80, Status.ACTIVE, day(3)), 50, Status.ACTIVE, day(9))
    lost = history_with(fell, None, Status.ACTIVE, day(12))
    assert last_fall(lost, day(12)) == last_fall(fell, day(9))
    assert last_fall(lost, day(22)) is not None
    assert last_fall(lost, day(23)) is None, "two weeks have passed"
    back = history_with(
        history_with(((day(3).date().isoformat(), 80),), None, Status.ACTIVE, day(5)), 40, Status.ACTIVE, day(21)
    )
    assert last_fall(back, day(21)) is None


def test_a_day_without_an_entry_has_the_score_of_the_one_before() -> None:
    history = history_with(history_with((), 80, Status.ACTIVE, day(3)), 60, Status.ACTIVE, day(9))
    assert history_with(history, 60, Status.ACTIVE, day(20)) == history
    assert [score_on(history, day(number)) for number in (2, 3, 8, 9, 40)] == [None, 80, 80, 60, 60]
    assert history_with(history, 50, Status.COMPLETED, day(20)) == history


def test_a_fall_within_two_weeks_is_work_for_the_owner_and_a_slow_or_unknown_one_is_not() -> None:
    history = history_with((), 80, Status.ACTIVE, day(3))

    def told(score: int | None, number: int, **more: Any) -> list[str]:
        return [task.role for task in trend_tasks(history, line(score, **more), day(number))]

    assert told(65, 17) == ["csm"]
    assert told(66, 17) == []
    assert told(10, 16) == [], "two weeks ago nothing was known"
    assert told(None, 17) == []
    assert told(10, 17, status=Status.CHURNED) == []
    assert trend(history, line(90), day(17)) == 10


def test_another_number_of_points_is_the_same_piece_of_work() -> None:
    history = history_with((), 80, Status.ACTIVE, day(3))
    (first,), (second,) = (trend_tasks(history, line(score), day(17)) for score in (65, 40))
    assert (first.text != second.text, first.about) == (True, second.about)


def test_an_activated_account_that_became_strong_is_told_to_its_seller_for_a_week() -> None:
    history = history_with(history_with((), 60, Status.ACTIVE, day(3)), 80, Status.ACTIVE, day(10))

    def told(number: int, **more: Any) -> list[str]:
        return [task.role for task in trend_tasks(history, line(80, **{"activated_at": day(5), **more}), day(number))]

    assert told(10) == told(16) == ["account_executive"]
    assert told(17) == []
    assert told(10, activated_at=None) == told(10, stalled_since=day(9)) == []


def test_a_review_keeps_the_score_of_its_day_and_a_repeat_adds_nothing() -> None:
    used = Usage(known=True, read_at=NOW, signals=(build_use("login", (NOW, "ana")),))
    first = review(replace(CASE, usage=used), build_playbook(), NOW)
    assert first.summary.health is not None
    assert first.review.progress.health_history == ((NOW.date().isoformat(), first.summary.health),)
    again = review(replace(first.case, progress=first.review.progress), build_playbook(), NOW)
    assert again.review.progress.health_history == first.review.progress.health_history


def test_a_review_that_knows_the_health_no_more_says_so_from_its_day_on() -> None:
    used = Usage(known=True, read_at=NOW, signals=(build_use("login", (NOW, "ana")),))
    first = review(replace(CASE, usage=used), build_playbook(), NOW).review.progress
    later = NOW + timedelta(days=1)
    lost = review(replace(CASE, progress=first), build_playbook(), later)
    assert lost.summary.health is None
    assert lost.review.progress.health_history == (*first.health_history, (later.date().isoformat(), None))
