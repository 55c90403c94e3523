"""The acts of simulated people: never too early, in working hours, deterministic, and none while silent."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from config.files.documents import adapter
from onboarding.dates.working_time import is_open
from onboarding.model.case import Calendar
from onboarding.model.schedule import Hours
from onboarding.model.state import Milestone
from onboarding.model.vocabulary import Side, Stage
from onboarding.simulation.behaviour import Behaviour, Habits, Situation, acts

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOURS = (adapter(Hours).validate_python({"start": "09:00", "end": "17:00"}),)


def milestone(name: str, stage: Stage = Stage.SETUP, side: Side = Side.CUSTOMER, due_in: int = 5) -> Milestone:
    return Milestone(
        name=name,
        title=name,
        stage=stage,
        side=side,
        owner_role="champion",
        exit=True,
        due_at=MONDAY + timedelta(days=due_in),
    )


def situation(*milestones: Milestone, **changes: Any) -> Situation:
    given: dict[str, Any] = {
        "key": "006-1",
        "signed_at": MONDAY,
        "stage": Stage.SETUP,
        "stage_times": {Stage.HANDOFF: MONDAY, Stage.KICKOFF: MONDAY, Stage.SETUP: MONDAY},
        "milestones": milestones,
        "zone": "Europe/Berlin",
        "calendar": Calendar(),
        "hours": HOURS,
    }
    return Situation(**{**given, **changes})


def test_work_of_a_later_stage_is_not_begun() -> None:
    later = situation(milestone("live_sessions_held", Stage.TRAINING), milestone("security_review"))
    assert {act.name for act in acts(later, Habits(uses_every_days=None), MONDAY)} == {"security_review"}


def test_kickoff_is_held_only_after_it_is_booked_and_all_else_of_it_after_that() -> None:
    work = [milestone(name, Stage.KICKOFF) for name in ("kickoff_held", "cadence_agreed")]
    quiet = Habits(uses_every_days=None)
    assert list(acts(situation(*work, stage=Stage.KICKOFF), quiet, MONDAY)) == []
    booked = situation(*work, stage=Stage.KICKOFF, booked_at=MONDAY)
    assert [act.name for act in acts(booked, quiet, MONDAY)] == ["kickoff_held"]


def test_what_is_never_done_is_never_planned() -> None:
    found = acts(
        situation(milestone("security_review")), Habits(never=("security_review",), uses_every_days=None), MONDAY
    )
    assert list(found) == []


def test_a_silent_customer_does_nothing_until_it_is_back() -> None:
    silent = Habits(quiet_from_day=0, spread_days=0)
    work = situation(milestone("security_review"))
    assert list(acts(work, silent, MONDAY)) == []
    back = silent.model_copy(update={"back_on_day": 30})
    assert {act.at.date() for act in acts(work, back, MONDAY)} == {(MONDAY + timedelta(days=30)).date()}


def test_silence_of_the_customer_does_not_stop_our_own_people() -> None:
    ours = situation(milestone("validation_passed", side=Side.VENDOR))
    assert [act.name for act in acts(ours, Habits(quiet_from_day=0), MONDAY)] == ["validation_passed"]


def test_an_escalation_is_answered_once_it_was_told() -> None:
    told = situation(told_at=MONDAY, episode=2)
    answers = list(acts(told, Habits(uses_every_days=None, answers_after_hours=6), MONDAY))
    assert [(act.kind, act.name) for act in answers] == [("answer", "2")]
    assert answers[0].at == MONDAY.replace(hour=8) + timedelta(days=1)  # six hours later it is evening in Berlin


@given(
    now=st.integers(0, 400 * 24).map(lambda hours: MONDAY + timedelta(hours=hours)),
    habits=st.builds(
        Habits,
        customer_days=st.integers(-5, 30),
        spread_days=st.integers(0, 10),
        uses_every_days=st.one_of(st.none(), st.integers(1, 20)),
        quiet_from_day=st.one_of(st.none(), st.integers(0, 60)),
        back_on_day=st.one_of(st.none(), st.integers(0, 200)),
    ),
    due_in=st.integers(-10, 60),
)
def test_no_act_is_before_now_or_outside_of_working_hours(now: datetime, habits: Habits, due_in: int) -> None:
    stood = situation(milestone("security_review", due_in=due_in), told_at=MONDAY, episode=1)
    found = list(acts(stood, habits, now))
    assert found == list(acts(stood, habits, now))
    for act in found:
        assert act.at >= now
        assert is_open(act.at, stood.zone, stood.calendar, HOURS)


def test_an_account_says_only_what_is_different_for_it() -> None:
    told = Behaviour(everybody=Habits(users=9, vendor_days=3), accounts={"Acme": Habits(vendor_days=20)})
    assert (told.of("Acme").users, told.of("Acme").vendor_days) == (9, 20)
    assert told.of("Other") == told.everybody
