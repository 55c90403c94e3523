from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from onboarding.model.case import Case
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import Concern, Stage, Status
from tests.builders.case import CASE
from tests.builders.facts import build_done
from tests.onboarding.touchpoints.reviews import BERLIN, KICKOFF, MONDAY, bent, lived, only, planned_at


@pytest.mark.slow
def test_a_cadence_counts_its_occurrences_from_the_anchor(in_setup: Case, book: Playbook) -> None:
    status = only(book, "status_update")
    end = KICKOFF + timedelta(days=60)
    done = lived(in_setup, status, MONDAY, end, timedelta(hours=6))
    assert [(e.occurrence, e.due_at.astimezone(BERLIN).date()) for e in done.effects] == [
        ("1", date(2026, 3, 17)),
        ("2", date(2026, 3, 31)),
        ("3", date(2026, 4, 14)),
        ("4", date(2026, 4, 28)),
    ]


def test_after_a_long_standstill_only_the_newest_status_mail_goes_out(in_setup: Case, book: Playbook) -> None:
    now = KICKOFF + timedelta(days=42, hours=1)  # three were due, nothing ran
    answer = planned_at(in_setup, only(book, "status_update"), now)
    assert [e.occurrence for e in answer.effects] == ["3"]
    assert [(t.occurrence, t.outcome) for t in answer.touchpoints] == [
        ("1", "skipped"),
        ("2", "skipped"),
        ("3", "planned"),
    ]
    assert [d.kind for d in answer.decisions] == ["skipped", "planned"]
    assert "17 March 2026 and 31 March 2026; only the newest one counts" in answer.decisions[0].because


def test_a_cadence_is_silent_outside_its_stages(in_setup: Case, book: Playbook) -> None:
    status = only(book, "status_update")
    unfinished = replace(CASE, facts=build_done("kickoff_held", at=KICKOFF))  # the kickoff stage is not left
    assert planned_at(unfinished, status, KICKOFF + timedelta(days=20)).touchpoints == ()
    entered = KICKOFF + timedelta(days=15)
    late_entry = replace(
        unfinished, facts=(*unfinished.facts, *build_done("cadence_agreed", "plan_agreed", at=entered))
    )
    answer = planned_at(late_entry, status, entered + timedelta(hours=1))
    assert answer.touchpoints == (), "what was due before the stage was entered was never owed"
    assert answer.next_at[Concern.CHECK_INS] == datetime(2026, 3, 31, 9, tzinfo=UTC)


def test_a_cadence_ends_without_a_word_each_time_once_it_has_no_point(in_setup: Case, book: Playbook) -> None:
    status = bent(only(book, "status_update"), "status_update", unless=("go_live",))
    live = replace(in_setup, facts=(*in_setup.facts, *build_done("go_live", at=KICKOFF + timedelta(days=20))))
    done = lived(live, status, MONDAY, KICKOFF + timedelta(days=80), timedelta(hours=12))
    assert [e.occurrence for e in done.effects] == ["1"]
    assert [t.occurrence for t in done.touchpoints] == ["1"]


def test_what_repeats_after_completion_goes_on_until_another_onboarding_of_the_customer_follows(book: Playbook) -> None:
    review = bent(only(book, "status_update"), "status_update", while_in=(), unless=(), after_completion=True)
    done_at = KICKOFF + timedelta(days=30)
    progress = replace(
        CASE.progress, stage=Stage.DONE, stage_times=dict.fromkeys(Stage, done_at), status=Status.COMPLETED
    )
    completed = replace(CASE, progress=progress, facts=build_done("kickoff_held", at=KICKOFF))
    later = KICKOFF + timedelta(days=140, hours=1)
    assert [effect.occurrence for effect in planned_at(completed, review, later).effects] == ["10"]
    followed = planned_at(replace(completed, followed=True), review, later)
    assert followed.effects == ()
    assert all(point.outcome != "planned" for point in followed.touchpoints)
