from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from onboarding.model.case import Case
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import EffectState
from tests.builders.case import CASE
from tests.builders.playbook import build_playbook
from tests.onboarding.touchpoints.reviews import BERLIN, MONDAY, late, lived, only, outcome, planned_at, reason


def test_a_message_found_too_late_is_skipped_with_its_dates(case: Case, book: Playbook) -> None:
    now = MONDAY + timedelta(days=7 + 12)
    answer = planned_at(case, only(book, "check_in_7"), now)
    assert answer.effects == ()
    assert outcome(answer, "check_in_7") == "skipped"
    assert "12 days late; sent until 3 days after it was due" in reason(answer, "check_in_7")


def test_a_late_message_leaves_its_content_to_the_next_one_for_the_same_people(case: Case, book: Playbook) -> None:
    merging = late(only(book, "check_in_7", "check_in_30"), "check_in_7", 72, "merge")
    now = MONDAY + timedelta(days=15)
    answer = planned_at(case, merging, now)
    assert outcome(answer, "check_in_7") == "merged"
    assert "left to “Check in 30” of 1 April 2026" in reason(answer, "check_in_7")
    alone = only(merging, "check_in_7")
    answer = planned_at(case, alone, now)
    assert outcome(answer, "check_in_7") == "skipped"
    assert "no later message goes to the same people" in reason(answer, "check_in_7")


def test_a_late_message_may_be_put_before_the_owner(case: Case, book: Playbook) -> None:
    asking = late(only(book, "check_in_7"), "check_in_7", 72, "ask_owner")
    now = MONDAY + timedelta(days=15)
    answer = planned_at(case, asking, now)
    assert outcome(answer, "check_in_7") == "asked"
    assert [d.kind for d in answer.decisions] == ["asked_owner"]
    assert "the owner decides whether to write now" in answer.tasks[0].text


def test_a_weekend_alone_never_makes_a_message_too_late(case: Case, book: Playbook) -> None:
    # Friday 16:30 in Berlin, useful for 24 hours; the sweep comes ten minutes after closing time.
    friday = datetime(2026, 3, 6, 15, 30, tzinfo=UTC)
    quick = late(only(book, "check_in_7"), "check_in_7", 24, "skip")
    signed = replace(case, deals=(replace(case.deals[0], signed_at=friday - timedelta(days=7)),))
    (effect,) = planned_at(signed, quick, friday + timedelta(minutes=40)).effects
    assert effect.due_at == datetime(2026, 3, 9, 8, tzinfo=UTC)


def test_a_night_alone_never_makes_a_message_too_late(case: Case, book: Playbook) -> None:
    # Monday 09:00 in Berlin, useful for 24 hours; planned in the evening, it has the next day to leave in.
    monday = datetime(2026, 3, 9, 8, tzinfo=UTC)
    quick = late(only(book, "check_in_7"), "check_in_7", 24, "skip")
    signed = replace(case, deals=(replace(case.deals[0], signed_at=monday - timedelta(days=7)),))
    (effect,) = planned_at(signed, quick, monday + timedelta(hours=12)).effects
    assert effect.due_at == datetime(2026, 3, 10, 8, tzinfo=UTC)
    assert effect.expires_at == datetime(2026, 3, 10, 16, tzinfo=UTC)


def test_no_person_gets_more_mails_on_a_day_than_the_playbook_allows(book: Playbook) -> None:
    one_a_day = replace(book, pace=replace(book.pace, mails_per_person_and_day=1))
    answer = planned_at(CASE, one_a_day, MONDAY + timedelta(hours=1))
    days = {(e.kind, e.person_id): e.due_at.astimezone(BERLIN).date() for e in answer.effects}
    assert days == {
        ("welcome", "003CHAMPION"): date(2026, 3, 2),
        ("welcome", "003EXECUTIVE_SPONSOR"): date(2026, 3, 2),
        ("kickoff_invitation", "003CHAMPION"): date(2026, 3, 3),
    }, "the welcome has the higher priority"


def test_after_three_days_down_there_is_no_burst() -> None:
    raw = build_playbook()
    steps = [
        replace(
            next(s for s in raw.steps if s.name == "check_in_7"),
            name=f"letter_{n}",
            title=f"Letter {n}",
            priority=10 * n,
            due=replace(raw.steps[0].due, days=4 + n),
            late=replace(raw.steps[0].late, send_for_hours=96),
        )
        for n in (1, 2, 3, 4)
    ]
    book = replace(raw, steps=tuple(steps))
    case = CASE
    up_again = datetime(2026, 3, 12, 10, tzinfo=UTC)  # Thursday; due were 7, 8, 9 and 10 March
    answer = planned_at(case, book, up_again)
    days = {e.kind: e.due_at.date() for e in answer.effects if e.state is EffectState.PLANNED}
    assert days == {"letter_4": date(2026, 3, 12), "letter_3": date(2026, 3, 13)}
    assert outcome(answer, "letter_1") == "skipped"
    done = lived(case, book, up_again, up_again + timedelta(days=10))
    mails = [e.due_at.astimezone(BERLIN).date() for e in done.effects if e.state is EffectState.SENT]
    assert len(mails) == len(set(mails))


def test_planned_mails_that_piled_up_while_delivery_stood_still_leave_one_a_day(case: Case, book: Playbook) -> None:
    generous = late(late(book, "welcome", 240, "skip"), "kickoff_invitation", 240, "skip")
    generous = only(generous, "welcome", "kickoff_invitation")
    stuck = lived(case, generous, MONDAY, MONDAY + timedelta(hours=3), deliver=False)
    answer = planned_at(stuck, generous, MONDAY + timedelta(days=3))
    moved = {c.key.split(":")[1]: c.due_at for c in answer.changes if c.key.endswith("CHAMPION")}
    assert moved == {
        "welcome": datetime(2026, 3, 5, 9, tzinfo=UTC),
        "kickoff_invitation": datetime(2026, 3, 6, 8, tzinfo=UTC),
    }
