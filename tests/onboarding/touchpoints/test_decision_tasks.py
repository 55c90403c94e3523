"""The task about a conflict of priorities: only where no mail asks or will ask, and once for each conflict (SH-7)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from onboarding.model.case import Case
from onboarding.model.parties import Person
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import Concern, CustomerRole, EffectState
from onboarding.review_case import review
from tests.builders.case import CASE, SIGNED
from tests.onboarding.clashes.test_clash import ID, decided, raised
from tests.onboarding.touchpoints.reviews import ALL, bent, lived, planned_at, saved
from tests.onboarding.touchpoints.test_decision_requests import OTHER, SPONSOR, STEP, book, with_facts, without_sponsor

NIGHT = [(17, 30), (18, 30), (21, 0), (3, 0), (5, 0)]


def told(case: Case, now: datetime, playbook: Playbook | None = None, concerns: frozenset[Concern] = ALL) -> list[str]:
    """Return what each task about a conflict is about."""
    found = review(case, playbook or book(), now, concerns).review.tasks
    return [one.about for one in found if "clash" in one.text]


def at(moment: datetime) -> float:
    return (moment - SIGNED) / timedelta(days=1)


@pytest.mark.parametrize(("hour", "minute"), NIGHT)
def test_raised_outside_the_sponsors_hours_it_is_no_task_as_the_mail_is_ahead(hour: int, minute: int) -> None:
    now = SIGNED.replace(hour=hour, minute=minute) + timedelta(days=1)
    case = with_facts(raised(at(now)))
    assert [one.step for one in planned_at(case, book(), now).upcoming if one.occurrence == ID] == [STEP]
    assert told(case, now) == []
    assert told(with_facts(raised(at(now)), case=without_sponsor()), now) == [f"conflict:{ID}"]


@pytest.mark.parametrize("concerns", [frozenset(), frozenset({Concern.ESCALATIONS})])
def test_a_review_that_plans_no_mail_itself_tells_no_task_for_it(concerns: frozenset[Concern]) -> None:
    now = SIGNED + timedelta(days=1, hours=1)
    assert told(with_facts(raised()), now, concerns=concerns) == []
    assert told(with_facts(raised(), case=without_sponsor()), now, concerns=concerns) == [f"conflict:{ID}"]


def test_two_whose_mails_are_ahead_are_both_no_task() -> None:
    steps = [replace(step, due=replace(step.due, days=5)) if step.name == STEP else step for step in book().steps]
    playbook, now = replace(book(), steps=tuple(steps)), SIGNED + timedelta(days=2)
    case = with_facts(raised(), OTHER)
    assert len([one for one in planned_at(case, playbook, now).upcoming if one.step == STEP]) == 2
    assert told(case, now, playbook) == []


def test_a_step_that_is_left_to_a_person_asks_by_no_mail() -> None:
    now = SIGNED + timedelta(days=1, hours=1)
    playbook = bent(book(), STEP, mode="task")
    for concerns in (ALL, frozenset[Concern]()):
        assert told(with_facts(raised()), now, playbook, concerns) == [f"conflict:{ID}"]
    case = saved(with_facts(raised()), playbook, now, planned_at(with_facts(raised()), playbook, now))
    assert told(case, now, playbook) == [f"conflict:{ID}"], "one task for one piece of work"


@pytest.mark.slow
def test_one_that_came_too_late_is_one_task_until_it_is_decided() -> None:
    start = SIGNED + timedelta(days=1, hours=1)
    people = tuple(replace(one, email=None) if one.email == SPONSOR else one for one in CASE.people)
    unreached = replace(CASE, people=people)
    case = lived(with_facts(raised(), case=unreached), book(), start, SIGNED + timedelta(days=20))
    now = SIGNED + timedelta(days=20)
    assert [point.outcome for point in case.touchpoints if point.step == STEP] == ["asked"]
    assert told(case, now) == [f"conflict:{ID}"]
    assert told(with_facts(decided(19.9), case=case), now) == []


@pytest.mark.slow
def test_a_mail_that_was_cancelled_as_too_late_is_one_task_and_no_task_once_it_is_decided() -> None:
    start, now = SIGNED + timedelta(days=1, hours=1), SIGNED + timedelta(days=18)
    case = lived(with_facts(raised()), book(), start, now, deliver=False)
    assert [line.state for line in case.effects if line.kind == STEP] == [EffectState.CANCELLED]
    assert told(case, now) == [f"conflict:{ID}"]
    assert told(with_facts(decided(17), case=case), now) == []


@pytest.mark.slow
def test_a_second_sponsor_is_not_asked_so_that_no_mail_of_theirs_can_be_late() -> None:
    nora = Person(id="003NEW", name="Nora Neu", email="nora@kunde.test", zone="Europe/Berlin", country="DE")
    erik = next(one for one in CASE.stakeholders if one.role is CustomerRole.EXECUTIVE_SPONSOR)
    both = replace(
        CASE, people=(*CASE.people, nora), stakeholders=(*CASE.stakeholders, replace(erik, person_id=nora.id))
    )
    start, now = SIGNED + timedelta(days=1, hours=1), SIGNED + timedelta(days=18)
    case = lived(with_facts(raised(), case=both), book(), start, start, deliver=False)
    sent = [
        replace(line, state=EffectState.SENT, sent_at=start) if line.recipient == SPONSOR else line
        for line in case.effects
    ]
    case = lived(replace(case, effects=tuple(sent)), book(), start, now, deliver=False)
    assert [line.recipient for line in case.effects if line.kind == STEP] == [SPONSOR]
    assert told(case, now) == []
