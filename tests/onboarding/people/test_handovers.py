"""A handover is told to whoever has the role now, with its note, for a week."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from onboarding.facts.fold import fold_facts
from onboarding.model.case import Case, Fact
from onboarding.model.parties import Absence, AbsenceSource
from onboarding.model.vocabulary import FactKind
from onboarding.people.handovers import TOLD_FOR, WITHOUT_NOTE, handover_tasks, handover_words
from onboarding.review_case import review, review_context
from tests.builders.case import CASE
from tests.builders.playbook import build_playbook

AT = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)
NOW = AT + timedelta(days=1)


def handed_over(reason: str = "they like short calls", by: str = "cleo@vendor.test", to: str = "005SELLER") -> Case:
    value = {"owner_id": to, "reason": reason}
    fact = Fact(key="f1", kind=FactKind.REASSIGN, name="csm", at=AT, learned_at=AT, source="person", by=by, value=value)
    return replace(CASE, facts=(*CASE.facts, fact))


def told(case: Case, now: datetime = NOW) -> list[str]:
    state = review_context(case, build_playbook(), now).state
    return [task.text for task in handover_tasks(case, state, now)]


def test_the_new_owner_reads_who_handed_it_over_and_their_note() -> None:
    assert told(handed_over()) == ["Cleo Santos handed this customer over to you: “they like short calls”"]
    state = fold_facts(handed_over(), build_playbook(), NOW)
    said = "Handed over by Cleo Santos on Tue 10 Mar: “they like short calls”"
    assert handover_words(handed_over(), state, NOW, "Europe/Berlin") == said, "the day is the reader's"


@pytest.mark.parametrize("reason", ["", WITHOUT_NOTE])
def test_without_a_note_it_is_told_all_the_same(reason: str) -> None:
    assert told(handed_over(reason)) == ["Cleo Santos handed this customer over to you."]


def test_it_is_told_for_a_week_and_not_to_who_took_it_over_themselves() -> None:
    assert told(handed_over(), AT + TOLD_FOR) == []
    seller = CASE.owners["005SELLER"]
    assert told(handed_over(by=seller.email)) == []
    assert told(CASE) == []


def test_who_covers_for_the_new_owner_reads_it_too() -> None:
    case = handed_over()
    away = Absence(since=AT.date(), back=AT.date() + timedelta(days=9), source=AbsenceSource.PERSON)
    seller = replace(case.owners["005SELLER"], absences=(away,), backup_id="005CSM")
    case = replace(case, owners={**case.owners, "005SELLER": seller})
    assert told(case) == [f"Cleo Santos handed this customer over to {seller.name}: “they like short calls”"]


def test_it_is_among_the_tasks_of_a_review_and_so_in_the_digest_also_without_a_stall() -> None:
    tasks = {task.text: task for task in review(handed_over(), build_playbook(), NOW).review.tasks}
    task = tasks["Cleo Santos handed this customer over to you: “they like short calls”"]
    assert (task.role, task.until) == ("csm", AT + TOLD_FOR)
