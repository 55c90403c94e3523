"""Whose clock ran: every working hour of every stage belongs to one side."""

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.dates.working_time import open_hours_between
from onboarding.metrics.clocks import clock_of, clock_sentence
from onboarding.model.case import Hold
from onboarding.model.vocabulary import Side, Stage
from onboarding.review_case import review
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_done
from tests.builders.playbook import build_playbook

BOOK = build_playbook()
NOW = SIGNED + timedelta(days=9)


def test_every_working_hour_is_booked_to_one_side_and_none_of_a_hold() -> None:
    done = build_done("kickoff_held", "cadence_agreed", "plan_agreed", at=SIGNED + timedelta(days=3))
    for holds in (
        (),
        (Hold(since=SIGNED + timedelta(days=4), reason="r", by="b", ended_at=SIGNED + timedelta(days=5)),),
    ):
        case = replace(CASE, facts=done, holds=holds)
        clock = clock_of(case, review(case, BOOK, NOW).review, BOOK, NOW)
        booked = sum(hours for spent in clock.values() for hours in spent.values())
        held = sum(
            open_hours_between(one.since, one.ended_at or NOW, "Europe/Berlin", case.calendar("DE"), BOOK.pace.hours)
            for one in holds
        )
        whole = open_hours_between(SIGNED, NOW, "Europe/Berlin", case.calendar("DE"), BOOK.pace.hours)
        assert booked == pytest.approx(whole - held)
        assert set(clock) <= {Stage.HANDOFF, Stage.KICKOFF, Stage.SETUP}


def test_the_sentence_names_the_sides_in_working_days() -> None:
    clock = {Stage.KICKOFF: {Side.VENDOR: 8.0, Side.CUSTOMER: 4.0}, Stage.SETUP: {Side.CUSTOMER: 12.0}}
    assert clock_sentence(clock, Stage.SETUP) == (
        "Whose clock ran, in working days: us 1.0 and the customer 2.0; in setup the customer 1.5."
    )
    assert clock_sentence({}, Stage.SETUP) is None
