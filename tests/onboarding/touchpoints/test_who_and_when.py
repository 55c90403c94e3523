from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from onboarding.model.case import Calendar, Case
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import Channel, Concern, EffectState
from tests.builders.case import CASE, DEAL
from tests.builders.facts import build_done
from tests.onboarding.touchpoints.reviews import BERLIN, MONDAY, bent, of, only, outcome, planned_at, reason, saved


def test_on_the_day_of_signature_the_welcome_and_the_question_for_a_kickoff_go_out(case: Case, book: Playbook) -> None:
    answer = planned_at(case, book, MONDAY + timedelta(hours=1))
    assert {(e.kind, e.recipient) for e in answer.effects} == {
        ("welcome", "hanna@kunde.test"),
        ("welcome", "erik@kunde.test"),
        ("kickoff_invitation", "hanna@kunde.test"),
    }
    assert {e.key for e in of(answer.effects, "kickoff_invitation")} == {
        "006000000000001AAA:kickoff_invitation:1:mail:003CHAMPION"
    }


def test_welcome_and_kickoff_invitation_wait_for_no_handoff_but_later_stage_mails_do(book: Playbook) -> None:
    bare = replace(
        CASE, deals=(replace(DEAL, handoff={}, handoff_seen_at=None),), facts=build_done("kickoff_held", at=MONDAY)
    )
    answer = planned_at(bare, book, MONDAY + timedelta(hours=5))
    assert {e.kind for e in answer.effects} == {"welcome"}
    assert outcome(answer, "kickoff_invitation") == "skipped", "it was held, so it is booked"
    waiting = next(line for line in answer.upcoming if line.step == "kickoff_recap")
    assert "waits for a complete handoff; missing: goals" in waiting.because


def test_a_check_in_follows_its_anchor_whatever_the_stage_and_however_bare_the_handoff(book: Playbook) -> None:
    bare = replace(CASE, deals=(replace(DEAL, handoff={}, handoff_seen_at=None),))
    answer = planned_at(bare, only(book, "check_in_7"), MONDAY + timedelta(days=7))
    assert [e.kind for e in answer.effects] == ["check_in_7"]


def test_without_an_accountable_owner_no_mail_is_planned_and_it_says_so(case: Case, book: Playbook) -> None:
    ownerless = replace(case, owners={})
    answer = planned_at(ownerless, book, MONDAY + timedelta(hours=1))
    assert answer.effects == ()
    assert all("waits for an accountable owner" in u.because for u in answer.upcoming if u.step == "welcome")


def test_a_day_count_from_signature_is_elapsed_time_and_the_mail_leaves_in_working_hours(
    case: Case, book: Playbook
) -> None:
    # Signed Monday 2 March; day 30 is Wednesday 1 April at 09:00 UTC, by then 11:00 in Berlin.
    moment = MONDAY + timedelta(days=30)
    before = planned_at(case, only(book, "check_in_30"), moment - timedelta(seconds=1))
    assert before.effects == ()
    assert before.next_at[Concern.CHECK_INS] == moment
    (effect,) = planned_at(case, only(book, "check_in_30"), moment).effects
    assert effect.due_at == moment
    assert effect.due_at.astimezone(BERLIN).time() == time(11)


def test_a_check_in_that_falls_on_easter_waits_for_the_next_working_morning_of_its_reader(book: Playbook) -> None:
    good_friday, easter_monday = date(2026, 4, 3), date(2026, 4, 6)
    signed = datetime(2026, 3, 27, 9, tzinfo=UTC)  # day 7 is Good Friday
    german = replace(
        CASE,
        deals=(replace(DEAL, signed_at=signed),),
        calendars={"DE": Calendar(days_off=frozenset({good_friday, easter_monday}))},
    )
    check_ins = only(book, "check_in_7")
    assert planned_at(german, check_ins, signed + timedelta(days=7)).effects == ()
    tuesday = datetime(2026, 4, 7, 7, tzinfo=UTC)  # 09:00 in Berlin
    (ahead,) = planned_at(german, check_ins, signed + timedelta(days=7)).upcoming
    assert ahead.due_at == tuesday
    (effect,) = planned_at(german, check_ins, tuesday).effects
    assert effect.due_at == tuesday


def test_once_the_first_recipient_can_have_it_all_are_planned_in_their_own_morning(case: Case, book: Playbook) -> None:
    people = tuple(
        replace(p, zone="America/New_York", country="US") if p.id == "003EXECUTIVE_SPONSOR" else p for p in case.people
    )
    answer = planned_at(replace(case, people=people), only(book, "welcome"), MONDAY)
    due = {e.person_id: e.due_at for e in answer.effects}
    assert due == {
        "003CHAMPION": MONDAY,
        "003EXECUTIVE_SPONSOR": datetime(2026, 3, 2, 14, tzinfo=UTC),
    }
    assert [t.outcome for t in answer.touchpoints] == ["planned"]


def test_ours_are_told_on_slack_in_their_own_working_hours(book: Playbook) -> None:
    at = datetime(2026, 3, 10, 20, tzinfo=UTC)
    won = replace(CASE, facts=build_done("activation", at=at))
    answer = planned_at(won, only(book, "activation"), datetime(2026, 3, 11, 9, tzinfo=UTC))
    assert {(e.channel, e.person_id) for e in answer.effects} == {
        (Channel.MAIL, "003CHAMPION"),
        (Channel.SLACK, "005CSM"),
    }
    early = planned_at(won, only(book, "activation"), at)
    assert early.effects == (), "it is night in Berlin"


def test_the_same_question_twice_plans_nothing_more(case: Case, book: Playbook) -> None:
    now = MONDAY + timedelta(days=8)
    first = planned_at(case, book, now)
    assert first.effects
    again = planned_at(saved(case, book, now, first), book, now)
    assert (again.effects, again.touchpoints, again.changes, again.decisions) == ((), (), (), ())


def test_a_concern_that_was_not_asked_for_is_left_to_its_own_flow_with_its_moment(case: Case, book: Playbook) -> None:
    now = MONDAY + timedelta(days=7, hours=2)
    answer = planned_at(case, only(book, "check_in_7"), now, frozenset({Concern.STAGES}))
    assert answer.effects == ()
    assert answer.touchpoints == ()
    assert answer.next_at[Concern.CHECK_INS] == MONDAY + timedelta(days=7)


def test_an_invitation_loses_its_point_when_the_kickoff_is_booked(case: Case, book: Playbook) -> None:
    booked = replace(CASE, facts=build_done("kickoff_booked", at=MONDAY))
    answer = planned_at(booked, only(book, "kickoff_invitation"), MONDAY + timedelta(hours=2))
    assert outcome(answer, "kickoff_invitation") == "skipped"
    assert "kickoff booked is done" in reason(answer, "kickoff_invitation")
    at = MONDAY + timedelta(hours=2)
    planned = saved(case, book, at, planned_at(case, book, at))
    planned = replace(planned, facts=build_done("kickoff_booked", at=at))
    answer = planned_at(planned, book, at)
    assert [c.state for c in answer.changes if "kickoff_invitation" in c.key] == [EffectState.CANCELLED]


def test_work_for_a_person_is_told_and_never_sent(case: Case, book: Playbook) -> None:
    human = bent(only(book, "check_in_30"), "check_in_30", mode="task")
    now = MONDAY + timedelta(days=30)
    answer = planned_at(case, human, now)
    assert answer.effects == ()
    assert outcome(answer, "check_in_30") == "task"
    assert [task.role for task in answer.tasks] == ["csm"]
    later = planned_at(saved(case, human, now, answer), human, now + timedelta(days=2))
    assert [task.text for task in later.tasks] == [task.text for task in answer.tasks]
    assert planned_at(saved(case, human, now, answer), human, now + timedelta(days=8)).tasks == ()


def test_who_opted_out_is_left_to_a_person_of_ours(case: Case, book: Playbook) -> None:
    people = tuple(replace(p, opted_out=p.id == "003CHAMPION") for p in case.people)
    answer = planned_at(replace(case, people=people), only(book, "welcome"), MONDAY)
    assert [e.person_id for e in answer.effects] == ["003EXECUTIVE_SPONSOR"]
    (task,) = [one for one in answer.tasks if one.role == "csm"]
    assert "write to Hanna Weber yourself, who wants no automated mail" in task.text
    everybody = tuple(replace(p, opted_out=True) for p in case.people)
    answer = planned_at(replace(case, people=everybody), only(book, "welcome"), MONDAY)
    assert answer.effects == ()
    assert outcome(answer, "welcome") == "asked"
    assert len([one for one in answer.tasks if one.role == "csm"]) == 1
