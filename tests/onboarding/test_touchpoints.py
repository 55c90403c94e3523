from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.case import Calendar, Case, EffectLine, Hold, Progress
from onboarding.facts import sum_up
from onboarding.living import as_line
from onboarding.parties import Person, Stakeholder
from onboarding.playbook import Playbook
from onboarding.rights import Silence
from onboarding.stages import advance, status_of
from onboarding.touchpoints import Plan, plan
from onboarding.words import Channel, Concern, CustomerRole, EffectState, Stage, Status
from tests.builders.case import CASE, DEAL
from tests.builders.facts import build_done, build_fact
from tests.builders.playbook import build_playbook

Make = Callable[..., Any]
ALL = frozenset(Concern)
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Lisbon",
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Santiago",
    "America/Havana",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Asia/Tehran",
    "Asia/Beirut",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Australia/Adelaide",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
)


def progress_at(case: Case, playbook: Playbook, now: datetime) -> Progress:
    moved = advance(case, sum_up(case, playbook, now), playbook, now)
    status, _ = status_of(case, moved, now)
    return replace(case.progress, status=status, stage=moved.stage, stage_times=moved.stage_times)


def look(case: Case, playbook: Playbook, now: datetime, concerns: frozenset[Concern] = ALL) -> Plan:
    progress = progress_at(case, playbook, now)
    return plan(case, sum_up(case, playbook, now), progress, playbook, now, concerns)


def saved(case: Case, playbook: Playbook, now: datetime, answer: Plan) -> Case:
    """The case as it is read back after the answer was saved."""
    lines = {old.key: old for old in case.effects}
    for change in answer.changes:
        old = lines[change.key]
        assert old.state in (EffectState.PLANNED, EffectState.WITHHELD), "only what is not leased may change"
        lines[change.key] = replace(
            old,
            state=change.state,
            due_at=change.due_at or old.due_at,
            expires_at=change.expires_at or old.expires_at,
            recipient=change.recipient or old.recipient,
        )
    for effect in answer.effects:
        assert effect.key not in lines, f"{effect.key} would exist twice"
        lines[effect.key] = as_line(effect)
    return replace(
        case,
        effects=tuple(lines.values()),
        touchpoints=(*case.touchpoints, *answer.touchpoints),
        progress=progress_at(case, playbook, now),
    )


def delivered(case: Case, now: datetime) -> Case:
    """The case after everything that is due has left."""
    return replace(
        case,
        effects=tuple(
            replace(old, state=EffectState.SENT, sent_at=now)
            if old.state is EffectState.PLANNED and old.due_at <= now
            else old
            for old in case.effects
        ),
    )


def lived(
    case: Case,
    playbook: Playbook,
    start: datetime,
    end: datetime,
    step: timedelta = timedelta(hours=1),
    deliver: bool = True,
) -> Case:
    """The case after a review (and a delivery) every ``step``."""
    now = start
    while now <= end:
        case = saved(case, playbook, now, look(case, playbook, now))
        case = delivered(case, now) if deliver else case
        now += step
    return case


def of(effects: Sequence[Any], kind: str) -> list[Any]:
    return [effect for effect in effects if effect.kind == kind]


def outcome(answer: Plan | Case, step: str) -> str | None:
    return next((t.outcome for t in answer.touchpoints if t.step == step), None)


def reason(answer: Plan | Case, step: str) -> str:
    return next(t.because for t in answer.touchpoints if t.step == step)


def only(playbook: Playbook, *names: str) -> Playbook:
    """The playbook with these steps alone."""
    return replace(playbook, steps=tuple(s for s in playbook.steps if s.name in names))


def bent(playbook: Playbook, name: str, **changes: Any) -> Playbook:
    """The playbook with one step changed."""
    steps = [replace(s, **changes) if s.name == name else s for s in playbook.steps]
    return replace(playbook, steps=tuple(steps))


def late(playbook: Playbook, name: str, hours: int, then: str) -> Playbook:
    rule = next(s for s in playbook.steps if s.name == name).late
    return bent(playbook, name, late=replace(rule, send_for_hours=hours, then=then))


@pytest.fixture
def book() -> Playbook:
    return build_playbook()  # type: ignore[no-any-return]


@pytest.fixture
def case() -> Case:
    return CASE  # type: ignore[no-any-return]


MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


# --- who, when, once


def test_on_the_day_of_signature_the_welcome_and_the_question_for_a_kickoff_go_out(case: Case, book: Playbook) -> None:
    answer = look(case, book, MONDAY + timedelta(hours=1))
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
    answer = look(bare, book, MONDAY + timedelta(hours=5))
    assert {e.kind for e in answer.effects} == {"welcome"}
    assert outcome(answer, "kickoff_invitation") == "skipped", "it was held, so it is booked"
    waiting = next(line for line in answer.upcoming if line.step == "kickoff_recap")
    assert "waits for a complete handoff; missing: goals" in waiting.because


def test_a_check_in_follows_its_anchor_whatever_the_stage_and_however_bare_the_handoff(book: Playbook) -> None:
    bare = replace(CASE, deals=(replace(DEAL, handoff={}, handoff_seen_at=None),))
    answer = look(bare, only(book, "check_in_7"), MONDAY + timedelta(days=7))
    assert [e.kind for e in answer.effects] == ["check_in_7"]


def test_without_an_accountable_owner_no_mail_is_planned_and_it_says_so(case: Case, book: Playbook) -> None:
    ownerless = replace(case, owners={})
    answer = look(ownerless, book, MONDAY + timedelta(hours=1))
    assert answer.effects == ()
    assert all("waits for an accountable owner" in u.because for u in answer.upcoming if u.step == "welcome")


def test_a_day_count_from_signature_is_elapsed_time_and_the_mail_leaves_in_working_hours(
    case: Case, book: Playbook
) -> None:
    # Signed Monday 2 March; day 30 is Wednesday 1 April at 09:00 UTC, by then 11:00 in Berlin.
    moment = MONDAY + timedelta(days=30)
    before = look(case, only(book, "check_in_30"), moment - timedelta(seconds=1))
    assert before.effects == ()
    assert before.next_at[Concern.CHECK_INS] == moment
    (effect,) = look(case, only(book, "check_in_30"), moment).effects
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
    assert look(german, check_ins, signed + timedelta(days=7)).effects == ()
    tuesday = datetime(2026, 4, 7, 7, tzinfo=UTC)  # 09:00 in Berlin
    (ahead,) = look(german, check_ins, signed + timedelta(days=7)).upcoming
    assert ahead.due_at == tuesday
    (effect,) = look(german, check_ins, tuesday).effects
    assert effect.due_at == tuesday


def test_as_soon_as_the_first_can_have_it_everybody_gets_theirs_planned_in_their_own_morning(
    case: Case, book: Playbook
) -> None:
    people = tuple(
        replace(p, zone="America/New_York", country="US") if p.id == "003EXECUTIVE_SPONSOR" else p for p in case.people
    )
    answer = look(replace(case, people=people), only(book, "welcome"), MONDAY)
    due = {e.person_id: e.due_at for e in answer.effects}
    assert due == {
        "003CHAMPION": MONDAY,
        "003EXECUTIVE_SPONSOR": datetime(2026, 3, 2, 14, tzinfo=UTC),
    }
    assert [t.outcome for t in answer.touchpoints] == ["planned"]


def test_ours_are_told_on_slack_in_their_own_working_hours(book: Playbook) -> None:
    at = datetime(2026, 3, 10, 20, tzinfo=UTC)
    won = replace(CASE, facts=build_done("activation", at=at))
    answer = look(won, only(book, "activation"), datetime(2026, 3, 11, 9, tzinfo=UTC))
    assert {(e.channel, e.person_id) for e in answer.effects} == {
        (Channel.MAIL, "003CHAMPION"),
        (Channel.SLACK, "005CSM"),
    }
    early = look(won, only(book, "activation"), at)
    assert early.effects == (), "it is night in Berlin"


def test_the_same_question_twice_plans_nothing_more(case: Case, book: Playbook) -> None:
    now = MONDAY + timedelta(days=8)
    first = look(case, book, now)
    assert first.effects
    again = look(saved(case, book, now, first), book, now)
    assert (again.effects, again.touchpoints, again.changes, again.decisions) == ((), (), (), ())


def test_a_concern_that_was_not_asked_for_is_left_to_its_own_flow_with_its_moment(case: Case, book: Playbook) -> None:
    now = MONDAY + timedelta(days=7, hours=2)
    answer = look(case, only(book, "check_in_7"), now, frozenset({Concern.STAGES}))
    assert answer.effects == ()
    assert answer.touchpoints == ()
    assert answer.next_at[Concern.CHECK_INS] == MONDAY + timedelta(days=7)


def test_an_invitation_loses_its_point_when_the_kickoff_is_booked(case: Case, book: Playbook) -> None:
    booked = replace(CASE, facts=build_done("kickoff_booked", at=MONDAY))
    answer = look(booked, only(book, "kickoff_invitation"), MONDAY + timedelta(hours=2))
    assert outcome(answer, "kickoff_invitation") == "skipped"
    assert "kickoff booked is done" in reason(answer, "kickoff_invitation")
    at = MONDAY + timedelta(hours=2)
    planned = saved(case, book, at, look(case, book, at))
    planned = replace(planned, facts=build_done("kickoff_booked", at=at))
    answer = look(planned, book, at)
    assert [c.state for c in answer.changes if "kickoff_invitation" in c.key] == [EffectState.CANCELLED]


def test_work_for_a_person_is_told_and_never_sent(case: Case, book: Playbook) -> None:
    human = bent(only(book, "check_in_30"), "check_in_30", mode="task")
    now = MONDAY + timedelta(days=30)
    answer = look(case, human, now)
    assert answer.effects == ()
    assert outcome(answer, "check_in_30") == "task"
    assert [task.role for task in answer.tasks] == ["csm"]
    later = look(saved(case, human, now, answer), human, now + timedelta(days=2))
    assert [task.text for task in later.tasks] == [task.text for task in answer.tasks]
    assert look(saved(case, human, now, answer), human, now + timedelta(days=8)).tasks == ()


def test_who_opted_out_is_left_to_a_person_of_ours(case: Case, book: Playbook) -> None:
    people = tuple(replace(p, opted_out=p.id == "003CHAMPION") for p in case.people)
    answer = look(replace(case, people=people), only(book, "welcome"), MONDAY)
    assert [e.person_id for e in answer.effects] == ["003EXECUTIVE_SPONSOR"]
    (task,) = answer.tasks
    assert "write to Hanna Weber yourself, who wants no automated mail" in task.text
    everybody = tuple(replace(p, opted_out=True) for p in case.people)
    answer = look(replace(case, people=everybody), only(book, "welcome"), MONDAY)
    assert answer.effects == ()
    assert outcome(answer, "welcome") == "asked"
    assert len(answer.tasks) == 1


# --- cadences


@pytest.fixture
def in_setup() -> Case:
    """Held its kickoff and came into setup on 3 March, 09:00 UTC."""
    done = build_done("kickoff_held", "cadence_agreed", "plan_agreed", at=MONDAY + timedelta(days=1))
    return replace(CASE, facts=done)  # type: ignore[no-any-return]


KICKOFF = MONDAY + timedelta(days=1)


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
    answer = look(in_setup, only(book, "status_update"), now)
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
    assert look(unfinished, status, KICKOFF + timedelta(days=20)).touchpoints == ()
    entered = KICKOFF + timedelta(days=15)
    late_entry = replace(
        unfinished, facts=(*unfinished.facts, *build_done("cadence_agreed", "plan_agreed", at=entered))
    )
    answer = look(late_entry, status, entered + timedelta(hours=1))
    assert answer.touchpoints == (), "what was due before the stage was entered was never owed"
    assert answer.next_at[Concern.CHECK_INS] == datetime(2026, 3, 31, 9, tzinfo=UTC)


def test_a_cadence_ends_without_a_word_each_time_once_it_has_no_point(in_setup: Case, book: Playbook) -> None:
    status = bent(only(book, "status_update"), "status_update", unless=("go_live",))
    live = replace(in_setup, facts=(*in_setup.facts, *build_done("go_live", at=KICKOFF + timedelta(days=20))))
    done = lived(live, status, MONDAY, KICKOFF + timedelta(days=80), timedelta(hours=12))
    assert [e.occurrence for e in done.effects] == ["1"]
    assert [t.occurrence for t in done.touchpoints] == ["1"]


# --- anchors that move


def test_check_ins_move_with_the_go_live_and_never_go_twice() -> None:
    high = only(build_playbook("high"), "check_in_7", "check_in_30", "check_in_90")
    planned = replace(CASE, deals=(replace(DEAL, go_live_on=date(2026, 4, 6)),))
    before = look(planned, high, MONDAY)
    assert [u.due_at.date() for u in before.upcoming] == [
        date(2026, 4, 13),
        date(2026, 5, 6),
        date(2026, 7, 6),
    ]
    case = lived(planned, high, MONDAY, datetime(2026, 4, 14, tzinfo=UTC), timedelta(hours=3))
    assert [e.kind for e in case.effects] == ["check_in_7"]
    moved = replace(case, deals=(replace(DEAL, go_live_on=date(2026, 5, 4)),))
    done = lived(
        moved,
        high,
        datetime(2026, 4, 14, 3, tzinfo=UTC),
        datetime(2026, 9, 1, tzinfo=UTC),
        timedelta(hours=6),
    )
    assert [(e.kind, e.due_at.date()) for e in done.effects] == [
        ("check_in_7", date(2026, 4, 13)),
        ("check_in_30", date(2026, 6, 3)),
        ("check_in_90", date(2026, 8, 3)),
    ]


def test_a_planned_check_in_follows_an_anchor_that_moves_before_it_left() -> None:
    high = only(build_playbook("high"), "check_in_7")
    people = tuple(
        Person(id=f"003{n}", name=f"P{n}", email=f"p{n}@k.test", zone=zone)
        for n, zone in enumerate(("Asia/Tokyo", "America/Los_Angeles"))
    )
    parts = tuple(Stakeholder(person_id=p.id, role=CustomerRole.CHAMPION) for p in people)
    case = replace(CASE, people=people, stakeholders=parts, deals=(replace(DEAL, go_live_on=date(2026, 4, 6)),))
    now = datetime(2026, 4, 13, 2, tzinfo=UTC)  # morning in Tokyo, evening before in Los Angeles
    case = delivered(saved(case, high, now, look(case, high, now)), now)
    assert sorted(e.state for e in case.effects) == ["planned", "sent"]
    moved = replace(case, deals=(replace(DEAL, go_live_on=date(2026, 5, 4)),))
    (change,) = look(moved, high, now).changes
    assert change.key.endswith("0031")
    assert change.due_at == datetime(2026, 5, 11, 16, tzinfo=UTC)
    assert change.expires_at is not None
    assert change.expires_at > change.due_at


def test_without_a_go_live_check_ins_count_from_the_target_after_the_grace() -> None:
    high = only(build_playbook("high"), "check_in_30")
    case = CASE
    target = MONDAY + timedelta(days=45)
    grace_ends = target + timedelta(days=30)
    waiting = look(case, high, grace_ends - timedelta(days=2))
    assert waiting.touchpoints == ()
    next_at = waiting.next_at[Concern.CHECK_INS]
    assert next_at is not None
    assert grace_ends < next_at < grace_ends + timedelta(minutes=1)
    monday = datetime(2026, 5, 18, 7, tzinfo=UTC)  # day 30 after the target is a Saturday
    assert look(case, high, next_at).next_at[Concern.CHECK_INS] == monday
    answer = look(case, high, monday)
    assert outcome(answer, "check_in_30") == "planned"
    assert "30 days after the target date, as there is no go-live (16 April 2026)" in reason(answer, "check_in_30")


# --- lateness and pace


def test_a_message_found_too_late_is_skipped_with_its_dates(case: Case, book: Playbook) -> None:
    now = MONDAY + timedelta(days=7 + 12)
    answer = look(case, only(book, "check_in_7"), now)
    assert answer.effects == ()
    assert outcome(answer, "check_in_7") == "skipped"
    assert "12 days late; sent until 3 days after it was due" in reason(answer, "check_in_7")


def test_a_late_message_leaves_its_content_to_the_next_one_for_the_same_people(case: Case, book: Playbook) -> None:
    merging = late(only(book, "check_in_7", "check_in_30"), "check_in_7", 72, "merge")
    now = MONDAY + timedelta(days=15)
    answer = look(case, merging, now)
    assert outcome(answer, "check_in_7") == "merged"
    assert "left to “Check in 30” of 1 April 2026" in reason(answer, "check_in_7")
    alone = only(merging, "check_in_7")
    answer = look(case, alone, now)
    assert outcome(answer, "check_in_7") == "skipped"
    assert "no later message goes to the same people" in reason(answer, "check_in_7")


def test_a_late_message_may_be_put_before_the_owner(case: Case, book: Playbook) -> None:
    asking = late(only(book, "check_in_7"), "check_in_7", 72, "ask_owner")
    now = MONDAY + timedelta(days=15)
    answer = look(case, asking, now)
    assert outcome(answer, "check_in_7") == "asked"
    assert [d.kind for d in answer.decisions] == ["asked_owner"]
    assert "the owner decides whether to write now" in answer.tasks[0].text


def test_a_weekend_alone_never_makes_a_message_too_late(case: Case, book: Playbook) -> None:
    # Friday 16:30 in Berlin, useful for 24 hours; the sweep comes ten minutes after closing time.
    friday = datetime(2026, 3, 6, 15, 30, tzinfo=UTC)
    quick = late(only(book, "check_in_7"), "check_in_7", 24, "skip")
    signed = replace(case, deals=(replace(case.deals[0], signed_at=friday - timedelta(days=7)),))
    (effect,) = look(signed, quick, friday + timedelta(minutes=40)).effects
    assert effect.due_at == datetime(2026, 3, 9, 8, tzinfo=UTC)


def test_nobody_gets_more_mails_on_a_day_than_the_playbook_allows(book: Playbook) -> None:
    one_a_day = replace(book, pace=replace(book.pace, mails_per_person_and_day=1))
    answer = look(CASE, one_a_day, MONDAY + timedelta(hours=1))
    days = {(e.kind, e.person_id): e.due_at.astimezone(BERLIN).date() for e in answer.effects}
    assert days == {
        ("welcome", "003CHAMPION"): date(2026, 3, 2),
        ("welcome", "003EXECUTIVE_SPONSOR"): date(2026, 3, 2),
        ("kickoff_invitation", "003CHAMPION"): date(2026, 3, 3),
    }, "the welcome has the higher priority"


def test_after_three_days_down_nobody_gets_a_burst() -> None:
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
    answer = look(case, book, up_again)
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
    answer = look(stuck, generous, MONDAY + timedelta(days=3))
    moved = {c.key.split(":")[1]: c.due_at for c in answer.changes if c.key.endswith("CHAMPION")}
    assert moved == {
        "welcome": datetime(2026, 3, 5, 9, tzinfo=UTC),
        "kickoff_invitation": datetime(2026, 3, 6, 8, tzinfo=UTC),
    }


# --- holds, pilots, ends


def held(case: Case, since: datetime, **changes: Any) -> Case:
    return replace(case, holds=(Hold(since=since, reason="merger", by="mona@vendor.test", **changes),))


def test_on_hold_nothing_is_planned_and_what_is_planned_is_kept_back(case: Case, book: Playbook) -> None:
    now = MONDAY + timedelta(hours=2)
    planned = saved(case, book, now, look(case, book, now))
    paused = held(planned, now)
    answer = look(paused, book, now + timedelta(minutes=5))
    assert {c.state for c in answer.changes} == {EffectState.WITHHELD}
    assert all("on hold: merger" in d.because for d in answer.decisions)
    paused = saved(paused, book, now, answer)
    later = look(paused, book, MONDAY + timedelta(days=40))
    assert (later.effects, later.touchpoints, later.changes) == ((), (), ())


@pytest.mark.parametrize("how", ["held", "lost"])
def test_after_completion_too_nothing_leaves_on_hold_or_for_a_deal_that_was_lost(
    case: Case, book: Playbook, how: str
) -> None:
    done = replace(case, progress=replace(case.progress, status=Status.COMPLETED))
    step = bent(only(book, "welcome"), "welcome", after_completion=True)
    now = MONDAY + timedelta(hours=2)
    assert look(done, step, now).effects
    stopped = held(done, now) if how == "held" else replace(done, deals=(replace(done.deals[0], won=False),))
    assert look(stopped, step, now).effects == ()


def test_after_a_hold_that_shifts_everything_comes_as_much_later(case: Case, book: Playbook) -> None:
    check_in = only(book, "check_in_7")
    pause = held(case, MONDAY + timedelta(days=2), ended_at=MONDAY + timedelta(days=16))
    assert look(pause, check_in, MONDAY + timedelta(days=16)).effects == ()
    (effect,) = look(pause, check_in, MONDAY + timedelta(days=21)).effects
    assert effect.due_at == MONDAY + timedelta(days=21)


def test_after_a_hold_to_catch_up_dates_stay_and_lateness_decides(case: Case, book: Playbook) -> None:
    end = MONDAY + timedelta(days=8)
    back_soon = held(case, MONDAY + timedelta(days=2), ended_at=end, resume="catch-up")
    assert [e.kind for e in look(back_soon, only(book, "check_in_7"), end).effects] == ["check_in_7"]
    much_later = held(case, MONDAY + timedelta(days=2), ended_at=end + timedelta(days=9), resume="catch-up")
    answer = look(much_later, only(book, "check_in_7"), end + timedelta(days=9))
    assert outcome(answer, "check_in_7") == "skipped"


def test_after_a_hold_to_skip_what_fell_into_it_is_dropped(case: Case, book: Playbook) -> None:
    end = MONDAY + timedelta(days=8)
    skipping = held(case, MONDAY + timedelta(days=2), ended_at=end, resume="skip")
    answer = look(skipping, only(book, "check_in_7", "check_in_30"), end)
    assert outcome(answer, "check_in_7") == "skipped"
    assert "fell into the hold of 4 March 2026 to 10 March 2026" in reason(answer, "check_in_7")
    assert outcome(answer, "check_in_30") is None


def test_what_was_kept_back_is_released_into_working_time_and_one_mail_a_day(case: Case, book: Playbook) -> None:
    generous = late(late(book, "welcome", 240, "skip"), "kickoff_invitation", 240, "skip")
    generous = only(generous, "welcome", "kickoff_invitation")
    now = MONDAY + timedelta(hours=2)
    kept = saved(case, generous, now, look(case, generous, now))
    kept = held(kept, now, resume="catch-up")
    kept = saved(kept, generous, now, look(kept, generous, now))
    sunday = datetime(2026, 3, 8, 12, tzinfo=UTC)
    resumed = held(kept, now, ended_at=sunday, resume="catch-up")
    answer = look(resumed, generous, sunday)
    assert {d.kind for d in answer.decisions} == {"released"}
    due = sorted(c.due_at.astimezone(BERLIN) for c in answer.changes if c.due_at and "CHAMPION" in c.key)
    assert [(at.date(), at.time()) for at in due] == [
        (date(2026, 3, 9), time(9)),
        (date(2026, 3, 10), time(9)),
    ]
    again = look(saved(resumed, generous, sunday, answer), generous, sunday)
    assert again.changes == ()


def test_what_lay_too_long_is_cancelled_at_its_release(case: Case, book: Playbook) -> None:
    now = MONDAY + timedelta(hours=2)
    kept = saved(case, book, now, look(case, book, now))
    kept = held(kept, now, resume="catch-up")
    kept = saved(kept, book, now, look(kept, book, now))
    resumed = held(kept, now, ended_at=now + timedelta(days=30), resume="catch-up")
    answer = look(resumed, book, now + timedelta(days=30))
    assert {c.state for c in answer.changes} == {EffectState.CANCELLED}
    assert all("too late: 30 days late; sent until 3 days" in c.because for c in answer.changes)


def test_outside_the_pilot_or_blocked_nothing_leaves_and_the_crm_is_kept_back_only_when_blocked(
    case: Case, book: Playbook
) -> None:
    now = MONDAY + timedelta(hours=2)
    planned = saved(case, book, now, look(case, book, now))
    crm = replace(
        planned.effects[0],
        key="k:onboarding:1:crm:k",
        kind="onboarding",
        channel=Channel.CRM,
        recipient="k",
        person_id="k",
    )
    planned = replace(planned, effects=(*planned.effects, crm))
    elsewhere = look(replace(planned, only_accounts=frozenset({"001X"})), book, now)
    assert {c.state for c in elsewhere.changes} == {EffectState.WITHHELD}
    assert crm.key not in {c.key for c in elsewhere.changes}
    blocked = replace(planned, progress=replace(planned.progress, blocked="unknown Onboarding__c"))
    answer = look(blocked, book, now)
    assert {c.key for c in answer.changes} == {e.key for e in planned.effects}
    freed = saved(blocked, book, now, answer)
    freed = replace(freed, progress=replace(freed.progress, blocked=None))
    assert {c.state for c in look(freed, book, now).changes} == {EffectState.PLANNED}


def test_for_a_customer_who_left_everything_unsent_is_cancelled_and_nothing_lies_ahead(
    case: Case, book: Playbook
) -> None:
    now = MONDAY + timedelta(hours=2)
    planned = saved(case, book, now, look(case, book, now))
    gone = replace(planned, account=replace(case.account, churned_on=date(2026, 3, 3)))
    answer = look(gone, book, MONDAY + timedelta(days=2))
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
    standing = sum_up(case, book, now)
    answer = plan(case, standing, finished, book, now, ALL)
    assert {e.kind for e in answer.effects} == {"check_in_90", "risk_review"}
    assert outcome(answer, "check_in_30") is None


# --- accounts taken over


def adopted(case: Case, at: datetime) -> Case:
    return replace(case, progress=replace(case.progress, adopted_at=at, opened_at=at))


def test_an_account_taken_over_gets_nothing_whose_time_had_passed(case: Case, book: Playbook) -> None:
    at = MONDAY + timedelta(days=60)
    answer = look(adopted(case, at), book, at)
    assert answer.effects == ()
    assert {outcome(answer, step) for step in ("welcome", "kickoff_invitation", "check_in_7")} == {"skipped"}
    (decision,) = answer.decisions
    assert "its time had passed when the account was taken over: Welcome" in decision.because
    assert [u.step for u in answer.upcoming] == ["check_in_90", "risk_review"]


def test_a_welcome_goes_out_after_all_where_the_taking_over_asks_for_it(case: Case, book: Playbook) -> None:
    at = MONDAY + timedelta(days=60)
    asked = replace(adopted(case, at), facts=(build_fact("adopt", at=at, value={"welcome": True}),))
    answer = look(asked, book, at)
    assert {e.kind for e in answer.effects} == {"welcome"}


# --- people who come and go


def with_champion(case: Case, person: Person, *, former_left: bool) -> Case:
    parts = tuple(
        replace(part, left=True) if former_left and part.role is CustomerRole.CHAMPION else part
        for part in case.stakeholders
    )
    return replace(
        case,
        people=(*case.people, person),
        stakeholders=(*parts, Stakeholder(person_id=person.id, role=CustomerRole.CHAMPION)),
    )


NEW = Person(id="003NEW", name="Nora Neu", email="nora@kunde.test", zone="Europe/Berlin", country="DE")


def test_a_planned_mail_follows_whoever_holds_the_role_until_it_is_leased(case: Case, book: Playbook) -> None:
    invitation = only(book, "kickoff_invitation")
    now = MONDAY + timedelta(hours=1)
    planned = saved(case, invitation, now, look(case, invitation, now))
    changed = with_champion(planned, NEW, former_left=True)
    answer = look(changed, invitation, now)
    assert [(c.key.rpartition(":")[2], c.state) for c in answer.changes] == [("003CHAMPION", "cancelled")]
    assert "has left" in answer.changes[0].because
    assert [e.person_id for e in answer.effects] == ["003NEW"]
    again = look(saved(changed, invitation, now, answer), invitation, now)
    assert (again.effects, again.changes) == ((), ())


@pytest.mark.parametrize("again", [False, True])
def test_who_takes_over_a_role_after_a_step_was_sent_gets_it_only_where_the_step_says_so(
    case: Case, book: Playbook, again: bool
) -> None:
    step = bent(only(book, "welcome"), "welcome", again_for_new_holder=again)
    now = MONDAY + timedelta(hours=1)
    sent = delivered(saved(case, step, now, look(case, step, now)), now)
    month_later = now + timedelta(days=30)
    answer = look(with_champion(sent, NEW, former_left=True), step, month_later)
    assert [e.person_id for e in answer.effects] == (["003NEW"] if again else [])
    assert answer.changes == ()


def test_one_address_gets_a_step_once_though_it_comes_back_under_another_name(case: Case, book: Playbook) -> None:
    step = bent(only(book, "welcome"), "welcome", again_for_new_holder=True)
    now = MONDAY + timedelta(hours=1)
    sent = delivered(saved(case, step, now, look(case, step, now)), now)
    twin = replace(NEW, email="HANNA@kunde.test")
    answer = look(with_champion(sent, twin, former_left=True), step, now + timedelta(days=1))
    assert answer.effects == ()


def test_who_opts_out_or_bounces_before_the_mail_left_does_not_get_it(case: Case, book: Playbook) -> None:
    step = only(book, "welcome")
    planned = saved(case, step, MONDAY, look(case, step, MONDAY))
    people = tuple(replace(p, opted_out=p.id == "003CHAMPION") for p in case.people)
    silences = (Silence(subject="erik@kunde.test", scope="all", reason="bounced"),)
    changed = replace(planned, people=people, silences=silences)
    answer = look(changed, step, MONDAY)
    assert {c.key.rpartition(":")[2]: c.because for c in answer.changes} == {
        "003CHAMPION": "Hanna Weber wants no automated mail; a person of ours writes instead",
        "003EXECUTIVE_SPONSOR": "Erik Brandt has an address that bounced",
    }


def test_a_corrected_address_is_taken_over_without_a_second_mail(case: Case, book: Playbook) -> None:
    step = only(book, "kickoff_invitation")
    now = MONDAY + timedelta(hours=1)
    planned = saved(case, step, now, look(case, step, now))
    people = tuple(replace(p, email="hanna.weber@kunde.test") if p.id == "003CHAMPION" else p for p in case.people)
    changed = replace(planned, people=people)
    answer = look(changed, step, now)
    assert [c.recipient for c in answer.changes] == ["hanna.weber@kunde.test"]
    assert answer.effects == ()
    assert look(saved(changed, step, now, answer), step, now).changes == ()


def test_a_post_on_an_escalation_is_kept_back_on_hold_and_dropped_when_the_customer_is_gone(
    case: Case, book: Playbook
) -> None:
    post = EffectLine(
        key="006000000000001AAA:stall:1.1:slack:005CSM",
        kind="stall",
        occurrence="1.1",
        channel=Channel.SLACK,
        person_id="005CSM",
        recipient="cleo@vendor.test",
        role="csm",
        state=EffectState.PLANNED,
        due_at=MONDAY,
        expires_at=None,
        sent_at=None,
    )
    none = only(book)
    posted = replace(case, effects=(post,))
    assert look(posted, none, MONDAY).changes == ()
    (kept,) = look(held(posted, MONDAY), none, MONDAY).changes
    assert kept.state is EffectState.WITHHELD
    gone = replace(posted, account=replace(case.account, churned_on=date(2026, 3, 2)))
    (dropped,) = look(gone, none, MONDAY).changes
    assert dropped.state is EffectState.CANCELLED


# --- properties

people = st.lists(
    st.builds(
        Person,
        id=st.sampled_from([f"003{letter}" for letter in "ABCDE"]),
        name=st.just("Somebody"),
        email=st.sampled_from(["a@k.test", "b@k.test", "c@k.test", "d@k.test", None]),
        zone=st.sampled_from(ZONES),
        country=st.sampled_from(["DE", "SA", None]),
        opted_out=st.sampled_from([False, False, False, True]),
    ),
    unique_by=lambda person: person.id,
    min_size=1,
    max_size=5,
)
roles = st.sampled_from(list(CustomerRole))
signatures = st.integers(0, 10 * 365 * 24 * 60).map(lambda n: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=n))
CALENDARS = {
    "DE": Calendar(days_off=frozenset(date(year, 12, day) for year in range(2020, 2032) for day in (25, 26))),
    "SA": Calendar(weekend=frozenset({4, 5})),
}
MOMENTS = st.integers(0, 24 * 4 * 120).map(lambda quarters: timedelta(minutes=15) * quarters)


def any_case(data: st.DataObject) -> tuple[Case, datetime]:
    signed = data.draw(signatures, label="signed")
    who = data.draw(people, label="people")
    parts = tuple(
        Stakeholder(person_id=person.id, role=role)
        for person in who
        for role in data.draw(st.lists(roles, max_size=2, unique=True), label=person.id)
    )
    progress = Progress(stage_times={Stage.HANDOFF: signed}, opened_at=signed)
    case = replace(
        CASE,
        deals=(replace(DEAL, signed_at=signed, handoff_seen_at=signed),),
        people=tuple(who),
        stakeholders=parts,
        calendars=CALENDARS,
        progress=progress,
    )
    return case, signed


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_no_touchpoint_falls_outside_its_window_in_any_zone_on_any_date(data: st.DataObject) -> None:
    playbook = build_playbook()
    case, signed = any_case(data)
    keys: set[str] = set()
    for after in sorted(data.draw(st.lists(MOMENTS, min_size=1, max_size=4), label="reviews")):
        now = signed + after
        answer = look(case, playbook, now)
        for effect in answer.effects:
            assert effect.key not in keys
            keys.add(effect.key)
            who = case.person(effect.person_id) or case.owners[effect.person_id]
            here = effect.due_at.astimezone(ZoneInfo(who.zone))
            calendar = case.calendar(who.country)
            if effect.state is EffectState.PLANNED:
                assert time(9) <= here.time() < time(17)
                assert here.weekday() not in calendar.weekend
                assert here.date() not in calendar.days_off
                assert effect.due_at >= now
                assert effect.expires_at is not None
                assert effect.due_at <= effect.expires_at
        case = saved(case, playbook, now, answer)
        again = look(case, playbook, now)
        assert (again.effects, again.touchpoints, again.changes, again.decisions) == ((), (), (), ())


@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_people_listed_in_another_order_get_the_same_messages(data: st.DataObject) -> None:
    playbook = build_playbook()
    case, signed = any_case(data)
    now = signed + data.draw(MOMENTS, label="now")
    shuffled = replace(
        case,
        people=tuple(data.draw(st.permutations(case.people))),
        stakeholders=tuple(data.draw(st.permutations(case.stakeholders))),
    )
    assert look(shuffled, playbook, now) == look(case, playbook, now)


@given(signed=signatures, zone=st.sampled_from(ZONES), days=st.sampled_from([7, 30, 90]))
@settings(max_examples=200, deadline=None)
def test_seven_thirty_and_ninety_days_from_signature_are_elapsed_days_moved_only_into_working_hours(
    signed: datetime, zone: str, days: int
) -> None:
    playbook = only(build_playbook(), f"check_in_{days}")
    reader = Person(id="003A", name="Ada", email="a@k.test", zone=zone)
    case = replace(
        CASE,
        deals=(replace(DEAL, signed_at=signed),),
        people=(reader,),
        stakeholders=(Stakeholder(person_id="003A", role=CustomerRole.CHAMPION),),
        progress=Progress(stage_times={Stage.HANDOFF: signed}, opened_at=signed),
    )
    (ahead,) = look(case, playbook, signed).upcoming
    moment = signed + timedelta(days=days)
    assert ahead.due_at >= moment
    if ahead.due_at > moment:
        here = ahead.due_at.astimezone(ZoneInfo(zone))
        assert here.time() == time(9), "moved to the start of a working day"
        assert ahead.due_at - moment < timedelta(days=3)
    assert [e.due_at for e in look(case, playbook, ahead.due_at).effects] == [ahead.due_at]


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_nobody_gets_more_mails_a_day_than_allowed_however_irregularly_the_system_runs(data: st.DataObject) -> None:
    playbook = build_playbook()
    case, signed = any_case(data)
    for after in sorted(data.draw(st.lists(MOMENTS, min_size=2, max_size=6), label="reviews")):
        now = signed + after
        case = delivered(saved(case, playbook, now, look(case, playbook, now)), now)
    zones = {person.id: ZoneInfo(person.zone) for person in case.people}
    mails = [
        (e.recipient.lower(), e.due_at.astimezone(zones[e.person_id]).date())
        for e in case.effects
        if e.channel is Channel.MAIL and e.state is not EffectState.CANCELLED
    ]
    assert all(mails.count(mail) <= playbook.pace.mails_per_person_and_day for mail in mails)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_next_moment_is_never_missed(data: st.DataObject) -> None:
    playbook = build_playbook()
    case, signed = any_case(data)
    now = signed + data.draw(MOMENTS, label="now")
    answer = look(case, playbook, now)
    case = saved(case, playbook, now, answer)
    moments = [at for at in look(case, playbook, now).next_at.values() if at is not None]
    assert all(at > now for at in moments)
    just_before = min(moments, default=now + timedelta(days=400)) - timedelta(seconds=1)
    if just_before > now:
        quiet = look(case, playbook, just_before)
        assert (quiet.effects, quiet.touchpoints) == ((), ())
