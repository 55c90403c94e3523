"""Answers to forms: days and times in the person's zone, and goals by the one rule for goals."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.facts.goal_lint import lint_goal
from onboarding.forms.answers import local_moment, problems, start_of_day
from onboarding.forms.form import FormKind
from tests.examples import examples

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago"]
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
NOW = datetime(2026, 3, 5, 11, tzinfo=UTC)


@settings(max_examples=examples(300))
@given(DAYS, TIMES, st.sampled_from(ZONES))
def test_a_chosen_time_is_that_time_on_the_persons_clock_or_does_not_exist(day: date, at: time, zone: str) -> None:
    moment = local_moment(day.isoformat(), f"{at:%H:%M}", zone)
    if moment is None:
        shown = datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone))
        assert shown.time() != at, "the clocks skip it"
    else:
        there = moment.astimezone(ZoneInfo(zone))
        assert (there.date(), there.time()) == (day, at)


def test_of_a_time_that_comes_twice_the_first_is_meant_and_a_skipped_one_is_none() -> None:
    assert local_moment("2026-10-25", "02:30", "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert local_moment("2026-03-29", "02:30", "Europe/Berlin") is None


@settings(max_examples=examples(200))
@given(DAYS, st.sampled_from(ZONES))
def test_a_day_begins_neither_before_it_does_for_the_person_nor_in_utc(day: date, zone: str) -> None:
    start = start_of_day(day.isoformat(), zone)
    assert start.date() == day
    assert start.astimezone(ZoneInfo(zone)).date() == day
    before = start - timedelta(seconds=1)
    assert before.date() != day or before.astimezone(ZoneInfo(zone)).date() != day


WORDS = st.sampled_from(["", "be successful", "complete setup", "quote turnaround", "go-live", "tickets a week", "?"])
DUE = st.sampled_from(["", "2026-06-30", "soon", "0203-01-01"])
NUMBERS = st.sampled_from(["", "4", "48", "many", "1e3"])


@settings(max_examples=examples(300))
@given(
    WORDS,
    NUMBERS,
    NUMBERS,
    st.sampled_from(["", "hours", " "]),
    st.sampled_from(["", "2026-06-30", "soon", "0203-01-01"]),
)
def test_a_goal_is_refused_exactly_where_the_command_line_refuses_it(
    metric: str, baseline: str, target: str, unit: str, due: str
) -> None:
    given_ = {"metric": metric, "baseline": baseline, "target": target, "unit": unit, "due": due}
    found = problems(FormKind.GOAL, {name: text for name, text in given_.items() if text}, "UTC", NOW)
    lacks = lint_goal(metric, baseline, target, unit, due)
    assert bool(found) == (lacks is not None)
    if lacks is not None:
        ((field, told),) = found.items()
        assert lacks in told
        assert field in given_


TASK = {"title": "Clean the contact list", "owner": "customer:champion", "due": "2026-03-20"}


@pytest.mark.parametrize(
    ("other", "field", "told"),
    [
        ({"title": " - "}, "title", "Say in a few words, at most 120 characters, what has to be done."),
        ({"title": "x" * 121}, "title", "Say in a few words, at most 120 characters, what has to be done."),
        ({"owner": ""}, "owner", "Choose who does it."),
        ({"due": ""}, "due", "Choose a day."),
        ({"due": "0203-01-01"}, "due", "This day is"),
        ({"due": "2026-03-01"}, "due", "This day has passed."),
    ],
)
def test_what_a_task_lacks_is_told_at_the_field_in_the_words_of_the_form(
    other: dict[str, str], field: str, told: str
) -> None:
    assert problems(FormKind.TASK, TASK, "UTC", NOW) == {}
    ((name, said),) = problems(FormKind.TASK, TASK | other, "UTC", NOW).items()
    assert (name, said.startswith(told)) == (field, True), said
