from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from onboarding.model.case import Case
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import Channel, EffectState, Stage, Status
from onboarding.review_case import review_context
from onboarding.touchpoints import plan
from tests.onboarding.touchpoints.reviews import (
    BERLIN,
    MONDAY,
    bent,
    held,
    late,
    only,
    outcome,
    planned_at,
    reason,
    saved,
)


def test_on_hold_nothing_is_planned_and_what_is_planned_is_kept_back(case: Case, book: Playbook) -> None:
    now = MONDAY + timedelta(hours=2)
    planned = saved(case, book, now, planned_at(case, book, now))
    paused = held(planned, now)
    answer = planned_at(paused, book, now + timedelta(minutes=5))
    assert {c.state for c in answer.changes} == {EffectState.WITHHELD}
    assert all("on hold: merger" in d.because for d in answer.decisions)
    paused = saved(paused, book, now, answer)
    later = planned_at(paused, book, MONDAY + timedelta(days=40))
    assert (later.effects, later.touchpoints, later.changes) == ((), (), ())


@pytest.mark.parametrize("how", ["held", "lost"])
def test_after_completion_too_nothing_leaves_on_hold_or_for_a_deal_that_was_lost(
    case: Case, book: Playbook, how: str
) -> None:
    done = replace(case, progress=replace(case.progress, status=Status.COMPLETED))
    step = bent(only(book, "welcome"), "welcome", after_completion=True)
    now = MONDAY + timedelta(hours=2)
    assert planned_at(done, step, now).effects
    stopped = held(done, now) if how == "held" else replace(done, deals=(replace(done.deals[0], won=False),))
    assert planned_at(stopped, step, now).effects == ()


def test_after_a_hold_that_shifts_everything_comes_as_much_later(case: Case, book: Playbook) -> None:
    check_in = only(book, "check_in_7")
    pause = held(case, MONDAY + timedelta(days=2), ended_at=MONDAY + timedelta(days=16))
    assert planned_at(pause, check_in, MONDAY + timedelta(days=16)).effects == ()
    (effect,) = planned_at(pause, check_in, MONDAY + timedelta(days=21)).effects
    assert effect.due_at == MONDAY + timedelta(days=21)


def test_after_a_hold_to_catch_up_dates_stay_and_lateness_decides(case: Case, book: Playbook) -> None:
    end = MONDAY + timedelta(days=8)
    back_soon = held(case, MONDAY + timedelta(days=2), ended_at=end, resume="catch-up")
    assert [e.kind for e in planned_at(back_soon, only(book, "check_in_7"), end).effects] == ["check_in_7"]
    much_later = held(case, MONDAY + timedelta(days=2), ended_at=end + timedelta(days=9), resume="catch-up")
    answer = planned_at(much_later, only(book, "check_in_7"), end + timedelta(days=9))
    assert outcome(answer, "check_in_7") == "skipped"


def test_after_a_hold_to_skip_what_fell_into_it_is_dropped(case: Case, book: Playbook) -> None:
    end = MONDAY + timedelta(days=8)
    skipping = held(case, MONDAY + timedelta(days=2), ended_at=end, resume="skip")
    answer = planned_at(skipping, only(book, "check_in_7", "check_in_30"), end)
    assert outcome(answer, "check_in_7") == "skipped"
    assert "fell into the hold of 4 March 2026 to 10 March 2026" in reason(answer, "check_in_7")
    assert outcome(answer, "check_in_30") is None


def test_what_was_kept_back_is_released_into_working_time_and_one_mail_a_day(case: Case, book: Playbook) -> None:
    generous = late(late(book, "welcome", 240, "skip"), "kickoff_invitation", 240, "skip")
    generous = only(generous, "welcome", "kickoff_invitation")
    now = MONDAY + timedelta(hours=2)
    kept = saved(case, generous, now, planned_at(case, generous, now))
    kept = held(kept, now, resume="catch-up")
    kept = saved(kept, generous, now, planned_at(kept, generous, now))
    sunday = datetime(2026, 3, 8, 12, tzinfo=UTC)
    resumed = held(kept, now, ended_at=sunday, resume="catch-up")
    answer = planned_at(resumed, generous, sunday)
    assert {d.kind for d in answer.decisions} == {"released"}
    due = sorted(c.due_at.astimezone(BERLIN) for c in answer.changes if c.due_at and "CHAMPION" in c.key)
    assert [(at.date(), at.time()) for at in due] == [
        (date(2026, 3, 9), time(9)),
        (date(2026, 3, 10), time(9)),
    ]
    again = planned_at(saved(resumed, generous, sunday, answer), generous, sunday)
    assert again.changes == ()


def test_what_lay_too_long_is_cancelled_at_its_release(case: Case, book: Playbook) -> None:
    now = MONDAY + timedelta(hours=2)
    kept = saved(case, book, now, planned_at(case, book, now))
    kept = held(kept, now, resume="catch-up")
    kept = saved(kept, book, now, planned_at(kept, book, now))
    resumed = held(kept, now, ended_at=now + timedelta(days=30), resume="catch-up")
    answer = planned_at(resumed, book, now + timedelta(days=30))
    assert {c.state for c in answer.changes} == {EffectState.CANCELLED}
    assert all("too late: 30 days late; sent until 3 days" in c.because for c in answer.changes)


def test_outside_the_pilot_or_blocked_nothing_leaves_and_the_crm_is_kept_back_only_when_blocked(
    case: Case, book: Playbook
) -> None:
    now = MONDAY + timedelta(hours=2)
    planned = saved(case, book, now, planned_at(case, book, now))
    crm = replace(
        planned.effects[0],
        key="k:onboarding:1:crm:k",
        kind="onboarding",
        channel=Channel.CRM,
        recipient="k",
        person_id="",
        target_id="k",
    )
    planned = replace(planned, effects=(*planned.effects, crm))
    elsewhere = planned_at(replace(planned, only_accounts=frozenset({"001X"})), book, now)
    assert {c.state for c in elsewhere.changes} == {EffectState.WITHHELD}
    assert crm.key not in {c.key for c in elsewhere.changes}
    blocked = replace(planned, progress=replace(planned.progress, blocked="unknown Onboarding__c"))
    answer = planned_at(blocked, book, now)
    assert {c.key for c in answer.changes} == {e.key for e in planned.effects}
    freed = saved(blocked, book, now, answer)
    freed = replace(freed, progress=replace(freed.progress, blocked=None))
    assert {c.state for c in planned_at(freed, book, now).changes} == {EffectState.PLANNED}


def test_for_a_customer_who_left_everything_unsent_is_cancelled_and_nothing_lies_ahead(
    case: Case, book: Playbook
) -> None:
    now = MONDAY + timedelta(hours=2)
    planned = saved(case, book, now, planned_at(case, book, now))
    gone = replace(planned, account=replace(case.account, churned_on=date(2026, 3, 3)))
    answer = planned_at(gone, book, MONDAY + timedelta(days=2))
    assert {c.state for c in answer.changes} == {EffectState.CANCELLED}
    assert (answer.effects, answer.touchpoints, answer.upcoming, answer.tasks) == ((), (), (), ())
    assert set(answer.next_at.values()) == {None}


def test_after_completion_only_what_still_belongs_goes_out(case: Case, book: Playbook) -> None:
    finished = replace(
        case.progress,
        status=Status.COMPLETED,
        stage=Stage.DONE,
        stage_times=dict.fromkeys(Stage, MONDAY),
    )
    now = MONDAY + timedelta(days=91)
    answer = plan(replace(review_context(case, book, now), progress=finished))
    assert {e.kind for e in answer.effects} == {"check_in_90", "risk_review"}
    assert outcome(answer, "check_in_30") is None
