"""Dates relative to anchors, and the effect of holds on them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.dates.anchors import dates, deadlines, moment, shift
from onboarding.facts.fold import fold_facts
from onboarding.model.case import Calendar, Hold
from onboarding.model.playbook import Due
from onboarding.model.vocabulary import Stage
from tests.builders.case import CASE
from tests.builders.facts import build_done
from tests.builders.playbook import build_playbook

Make = Callable[..., Any]
SIGNED = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = SIGNED + timedelta(days=60)


def day(number: float) -> datetime:
    return SIGNED + timedelta(days=number)


NAMES = (
    *("signature", "stage", "kickoff", "go_live", "activation", "target", "check_ins"),
    *("milestone:kickoff_held", "milestone:plan_agreed"),
)


def due(**parts: Any) -> Due:
    return Due(anchor="signature", source="ours", **parts)


def held(since: float, until: float | None, resume: str = "shift") -> Hold:
    ended_at = None if until is None else day(until)
    return Hold(since=day(since), reason="r", by="b", ended_at=ended_at, resume=resume)


def test_every_anchor_of_a_playbook_has_its_moment() -> None:
    case = replace(CASE, facts=(*build_done("kickoff_held", at=day(3)), *build_done("activation", at=day(20))))
    state = fold_facts(case, build_playbook(), NOW)
    times = {Stage.SETUP: day(5)}
    anchors = dates(case, state)
    found = {name: deadlines(case, anchors, Stage.SETUP, times).get(name) for name in NAMES}
    assert found["signature"] == found["check_ins"] == SIGNED
    assert (found["stage"], found["kickoff"], found["activation"]) == (day(5), day(3), day(20))
    assert (found["target"], found["go_live"]) == (day(45), None)
    assert (found["milestone:kickoff_held"], found["milestone:plan_agreed"]) == (day(3), None)
    assert deadlines(case, anchors, Stage.HANDOFF, {Stage.HANDOFF: SIGNED}).get("stage") == SIGNED
    assert anchors.get("stage") is None
    assert anchors.get("milestone:unheard_of") is None


def test_no_anchor_no_date() -> None:
    assert moment(due(days=3), None, CASE, NOW) is None


def test_elapsed_and_working_time() -> None:
    case = replace(CASE, calendars={"DE": Calendar(days_off=frozenset({date(2026, 3, 3)}))})
    assert moment(due(days=2, hours=5), SIGNED, case, NOW) == SIGNED + timedelta(hours=53)
    # Monday, then a holiday: the second working day after is Thursday.
    assert moment(due(working_days=2), SIGNED, case, NOW) == day(3)


@pytest.mark.parametrize(
    ("holds", "moved"),
    [
        ((), 10),
        ((held(2, 5),), 13),
        ((held(2, 5, "catch-up"),), 10),
        ((held(11, 20),), 10),
        # A hold counts too if it begins before the date only because an earlier one moved the date.
        ((held(2, 5), held(12, 14)), 15),
        # Two overlapping holds stop the clock once.
        ((held(2, 6), held(4, 7)), 15),
        ((held(2, 9), held(3, 4)), 17),
        # A hold that ended before the clock began does not count.
        ((held(-5, -1),), 10),
        ((held(-5, 1),), 11),
        # Still running.
        ((held(4, None),), 10 + 56),
    ],
)
def test_a_date_moves_by_the_time_its_clock_stood_still(holds: tuple[Hold, ...], moved: float) -> None:
    assert shift(day(10), SIGNED, holds, NOW) == day(moved)


def test_a_hold_with_a_planned_end_moves_dates_to_where_they_will_be() -> None:
    hold = Hold(since=day(4), reason="r", by="b", until=day(70))
    assert shift(day(10), SIGNED, (hold,), NOW) == shift(day(10), SIGNED, (hold,), day(5)) == day(76)


spans = st.lists(
    st.tuples(st.integers(-10, 80), st.integers(0, 20)).map(lambda pair: held(pair[0], sum(pair))), max_size=5
)


@given(holds=spans, data=st.data())
def test_the_order_of_holds_does_not_matter_and_time_counts_once(holds: list[Hold], data: st.DataObject) -> None:
    mixed = data.draw(st.permutations(holds))
    moved = shift(day(10), SIGNED, holds, NOW)
    assert shift(day(10), SIGNED, mixed, NOW) == moved
    running = [
        moment
        for moment in (SIGNED + timedelta(hours=12 + 24 * n) for n in range((moved - SIGNED).days))
        if not any(hold.since <= moment < (hold.ended_at or NOW) for hold in holds)
    ]
    assert len(running) == 10
