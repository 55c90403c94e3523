"""Calls whose time is over: asked after until somebody says what became of them; missed, new times go out once."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.playbook_library.library import load_library
from onboarding.model.case import Case, Fact
from onboarding.model.playbook import Playbook
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import Concern, EffectState
from onboarding.playbook_changes.renames import Renames, renamed
from onboarding.review_case import review_without_writes
from onboarding.shared_plan.passed_calls import ASKED_FOR, missed_calls, passed_calls, told_version
from onboarding.shared_plan.words import sentence
from tests.builders.case import CASE
from tests.builders.facts import build_done, build_fact
from tests.builders.tiers import MID
from tests.onboarding.touchpoints.reviews import MONDAY, lived

AT = MONDAY + timedelta(days=1, hours=2)
KICKOFF, CHECK_IN = "kickoff_booked", "check_in_7"
END = {KICKOFF: AT + timedelta(minutes=45), CHECK_IN: AT + timedelta(minutes=15)}
MINUTE = timedelta(minutes=1)


def book() -> Playbook:
    return load_library().playbook_versions[MID].playbook


def fact(kind: str, name: str, at: datetime, **value: Any) -> Fact:
    return replace(build_fact(kind, name, value=value), key=f"{kind}:{name}:{at}:{value}", at=at, learned_at=at)


def agreed(name: str, at: datetime = AT, said_at: datetime = MONDAY) -> Fact:
    return fact("meeting", name, said_at, meeting_at=at.isoformat())


def missed(name: str, at: datetime = AT, said_at: datetime | None = None) -> Fact:
    return fact("call_missed", name, said_at or at + timedelta(hours=1), was_at=at.isoformat())


def with_facts(*facts: Fact) -> Case:
    return replace(CASE, facts=(*CASE.facts, *facts))


def state_of(case: Case, now: datetime) -> OnboardingState:
    return review_without_writes(case, book(), now).review.state


def passed(case: Case, now: datetime) -> list[str]:
    return [one.call.meeting for one in passed_calls(case, state_of(case, now), book(), now)]


def tasks(case: Case, now: datetime) -> list[tuple[str, str]]:
    found = review_without_writes(case, book(), now).review.tasks
    return [(one.text, one.command) for one in found if one.about.startswith("passed:")]


@pytest.mark.parametrize("name", [KICKOFF, CHECK_IN])
def test_a_call_is_over_when_its_length_is_and_until_a_new_time_is_agreed(name: str) -> None:
    case, end = with_facts(agreed(name)), END[name]
    assert passed(case, end - MINUTE) == []
    assert passed(case, end) == [name]
    anew = with_facts(agreed(name), agreed(name, AT + timedelta(days=7), end))
    assert passed(anew, end + MINUTE) == []
    assert passed(anew, end + timedelta(days=8)) == [name], "the new one is asked after too"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (KICKOFF, build_done("kickoff_held")[0]),
        (CHECK_IN, fact("call_held", CHECK_IN, END[CHECK_IN], was_at=AT.isoformat())),
    ],
)
def test_once_it_is_said_to_be_held_nobody_is_asked_any_more(name: str, said: Fact) -> None:
    now = END[name] + timedelta(days=1)
    held = replace(said, at=END[name], learned_at=END[name])
    assert passed(with_facts(agreed(name)), now) == [name]
    assert passed(with_facts(agreed(name), held), now) == []
    assert tasks(with_facts(agreed(name), held), now) == []


def test_what_a_customer_says_of_the_kickoff_is_a_task_of_ours_until_it_is_marked() -> None:
    said = replace(fact("call_held", KICKOFF, END[KICKOFF], was_at=AT.isoformat(), person="003CHAMP"), source="page")
    ((text, command),) = tasks(with_facts(agreed(KICKOFF), said), END[KICKOFF] + MINUTE)
    assert "says that the kickoff of 3 March 2026, 11:00 UTC took place: mark it as held" in text
    assert command == f"first90 record {CASE.key} milestone kickoff_held"


def test_the_owner_is_told_how_to_settle_it_either_way_for_thirty_days() -> None:
    case = with_facts(agreed(CHECK_IN))
    ((text, command),) = tasks(case, END[CHECK_IN])
    assert text.endswith("Mark it as held, or as missed")
    record = f"first90 record {CASE.key} milestone check_in_7"
    assert command == f"{record}` or `{record} --no-show"
    assert tasks(case, END[CHECK_IN] + ASKED_FOR + MINUTE) == []


def test_the_end_of_a_call_is_a_moment_at_which_the_onboarding_is_looked_at() -> None:
    now = AT - timedelta(hours=1)
    found = review_without_writes(with_facts(agreed(KICKOFF)), book(), now).review
    assert found.next_at[Concern.ESCALATIONS] is not None
    assert found.next_at[Concern.ESCALATIONS] <= END[KICKOFF]


@pytest.mark.parametrize("name", [KICKOFF, CHECK_IN])
def test_a_missed_call_has_no_time_and_its_booking_stays_dated(name: str) -> None:
    now = END[name] + timedelta(hours=2)
    before, after = state_of(with_facts(agreed(name)), now), state_of(with_facts(agreed(name), missed(name)), now)
    assert name in before.meetings
    assert name not in after.meetings
    assert passed(with_facts(agreed(name), missed(name)), now) == []
    assert after.kickoff_booked_at == before.kickoff_booked_at
    assert after.milestones[KICKOFF] == before.milestones[KICKOFF]
    anew = with_facts(agreed(name), missed(name), agreed(name, AT + timedelta(days=7), now))
    assert state_of(anew, now).meetings[name].at == AT + timedelta(days=7)
    assert missed_calls(anew, state_of(anew, now), book(), now) == ()


def test_a_time_that_the_crm_shows_is_missed_too_and_one_recorded_again_stands() -> None:
    deal = replace(CASE.deals[0], kickoff_at=AT, kickoff_seen_at=MONDAY)
    case, now = replace(with_facts(missed(KICKOFF)), deals=(deal,)), END[KICKOFF] + timedelta(hours=2)
    assert KICKOFF not in state_of(case, now).meetings
    again = replace(case, facts=(*case.facts, agreed(KICKOFF, AT, now)))
    assert state_of(again, now).meetings[KICKOFF].at == AT, "it was missed by mistake"


def test_a_call_that_another_version_names_anew_is_the_same_missed_call() -> None:
    case, now, anew = with_facts(agreed(CHECK_IN), missed(CHECK_IN)), END[CHECK_IN] + timedelta(hours=2), "first_call"
    steps = tuple(
        replace(one, calendar=replace(one.calendar, meeting=anew))
        if one.calendar and one.calendar.meeting == CHECK_IN
        else one
        for one in book().steps
    )
    later, moved = replace(book(), steps=steps), renamed(case, Renames(steps={CHECK_IN: anew}))
    state = review_without_writes(moved, later, now).review.state
    (before,), (after,) = (missed_calls(case, state_of(case, now), book(), now), missed_calls(moved, state, later, now))
    assert (after.call.meeting, after.number) == (anew, before.number), "its mail has been sent"


def mails(case: Case) -> list[tuple[str, str, EffectState]]:
    return [(one.occurrence, one.recipient, one.state) for one in case.effects if one.kind == "missed_call"]


@pytest.mark.parametrize("name", [KICKOFF, CHECK_IN])
def test_new_times_go_out_once_for_each_call_that_was_missed(name: str) -> None:
    start, later = MONDAY + timedelta(days=1), MONDAY + timedelta(days=5)
    again = AT + timedelta(days=7)
    told = with_facts(agreed(name), missed(name))
    case = lived(told, book(), start, later)
    (first,) = mails(case)
    assert first == (f"{name}.20260303T1100Z", "hanna@kunde.test", EffectState.SENT)
    assert told_version(next(s for s in book().steps if s.name == "missed_call"), first[0]).at == AT  # type: ignore[union-attr]
    more = replace(case, facts=(*case.facts, agreed(name, again, later), missed(name, again)))
    twice = mails(lived(more, book(), later, again + timedelta(days=3)))
    assert [occurrence for occurrence, _, _ in twice] == [f"{name}.20260303T1100Z", f"{name}.20260310T1100Z"]


def test_no_new_times_go_out_where_one_is_agreed_before_the_mail_has_left() -> None:
    anew = agreed(KICKOFF, AT + timedelta(days=7), AT + timedelta(hours=1))
    case = lived(with_facts(agreed(KICKOFF), missed(KICKOFF), anew), book(), MONDAY, MONDAY + timedelta(days=5))
    assert [state for _, _, state in mails(case)] in ([], [EffectState.CANCELLED])


def test_a_new_time_after_one_that_is_over_is_told_as_such() -> None:
    anew = replace(agreed(KICKOFF, AT + timedelta(days=7), END[KICKOFF]), source="page")
    case = with_facts(agreed(KICKOFF), anew)
    said = sentence(case, state_of(case, END[KICKOFF]), anew)
    assert "says that the kickoff of 3 March 2026, 11:00 UTC did not take place, and booked it for 10 March" in said
