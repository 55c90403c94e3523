"""What was said on the plan page is told to whoever is accountable: each answer once, whatever happens between."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.model.case import Case, Fact
from onboarding.model.effect import EffectLine
from onboarding.model.playbook import Playbook
from onboarding.model.vocabulary import UNSENT, EffectState, FactKind
from onboarding.shared_plan.named import PAGE
from onboarding.shared_plan.news import MORE, PLAN_ANSWERS, told_by
from tests.builders.case import CASE
from tests.builders.playbook import build_playbook
from tests.examples import examples
from tests.onboarding.touchpoints.reviews import MONDAY, planned_at, saved

BOOK = build_playbook()
MINUTE = timedelta(minutes=1)
STEPS = ("say", "say", "erase", "hand over", "leave", "run", "run", "deliver", "deliver", "fail", "retry", "late")


def fact(number: int, at: datetime) -> Fact:
    return Fact(
        key=f"page:{number}:0",
        kind=FactKind.SURVEY,
        name="pulse",
        at=at,
        learned_at=at,
        source=PAGE,
        by="Ina",
        value={"score": 2},
    )


def said(case: Case, number: int, at: datetime) -> Case:
    return replace(case, facts=(*case.facts, fact(number, at)))


def reviewed(case: Case, now: datetime, book: Playbook = BOOK) -> Case:
    after = saved(case, book, now, planned_at(case, book, now))
    again = planned_at(after, book, now)
    assert (again.changes, again.effects) == ((), ()), "a repeat changes nothing"
    return after


def news(case: Case, *states: EffectState) -> list[EffectLine]:
    return [line for line in case.effects if line.kind == PLAN_ANSWERS and line.state in states]


def left(case: Case, now: datetime, state: EffectState = EffectState.SENT) -> tuple[Case, list[str]]:
    """The case after its news that are due came to this state, and what they tell."""
    due = {line.key for line in news(case, EffectState.PLANNED) if line.due_at <= now}
    told = [one.key for key in sorted(due) for one in told_by(case, key, now)]
    lines = tuple(replace(line, state=state) if line.key in due else line for line in case.effects)
    return replace(case, effects=lines), told


def test_what_failed_and_is_tried_again_does_not_repeat_what_another_message_told() -> None:
    case = reviewed(said(said(CASE, 1, MONDAY), 2, MONDAY), MONDAY)
    (both,) = news(case, *UNSENT)
    one = replace(both, key="other", occurrence="other", tells=("page:1:0",), state=EffectState.SENT)
    case = replace(case, effects=(both, one))
    assert [fact.key for fact in told_by(case, both.key, MONDAY)] == ["page:2:0"]
    case = replace(case, effects=(both, replace(one, tells=both.tells)))
    assert news(reviewed(case, MONDAY), *UNSENT) == []


def handed_over(case: Case) -> Case:
    other = "005MANAGER" if case.account.csm_id == "005CSM" else "005CSM"
    return replace(case, account=replace(case.account, csm_id=other))


def test_one_message_tells_all_and_comes_back_with_its_owner() -> None:
    case = reviewed(said(CASE, 1, MONDAY), MONDAY + MINUTE)
    case = reviewed(handed_over(case), MONDAY + 2 * MINUTE)
    case = reviewed(handed_over(case), MONDAY + 3 * MINUTE)
    (message,) = news(case, *UNSENT)
    assert message.person_id == "005CSM"
    _, told = left(case, MONDAY + 20 * MINUTE)
    assert told == ["page:1:0"]


def test_an_answer_is_told_although_an_earlier_one_was_erased_since() -> None:
    case = said(said(CASE, 1, MONDAY), 2, MONDAY)
    case, _ = left(reviewed(case, MONDAY), MONDAY + 20 * MINUTE)
    case = replace(case, facts=case.facts[1:])
    case = reviewed(said(case, 3, MONDAY + 30 * MINUTE), MONDAY + 31 * MINUTE)
    assert left(case, MONDAY + 60 * MINUTE)[1] == ["page:3:0"]


def test_what_a_person_cancelled_is_not_told_and_what_failed_is_told_with_the_next() -> None:
    case = reviewed(said(CASE, 1, MONDAY), MONDAY)
    (message,) = news(case, *UNSENT)
    by_hand = replace(message, state=EffectState.CANCELLED, because="called them")
    quiet = reviewed(replace(case, effects=(by_hand,)), MONDAY + MINUTE)
    assert news(quiet, *UNSENT) == []
    failed, _ = left(case, MONDAY + 20 * MINUTE, EffectState.DEAD)
    failed = reviewed(failed, MONDAY + 21 * MINUTE)
    assert news(failed, *UNSENT) == [], "it would fail again"
    for before, expected in ((quiet, ["page:2:0"]), (failed, ["page:1:0", "page:2:0"])):
        after = reviewed(said(before, 2, MONDAY + 30 * MINUTE), MONDAY + 31 * MINUTE)
        assert left(after, MONDAY + 60 * MINUTE)[1] == expected


def test_a_message_of_an_earlier_program_told_as_many_as_its_occurrence_says() -> None:
    case = said(said(CASE, 1, MONDAY), 2, MONDAY + MINUTE)
    (message,) = news(reviewed(case, MONDAY + MINUTE), *UNSENT)
    older = replace(message, key="older", occurrence="1", tells=(), state=EffectState.SENT)
    after = reviewed(replace(case, effects=(older,)), MONDAY + MINUTE)
    assert left(after, MONDAY + 60 * MINUTE)[1] == ["page:2:0"]
    waits = replace(older, state=EffectState.PLANNED)
    after = reviewed(replace(case, effects=(waits,)), MONDAY + MINUTE)
    assert [line.because for line in news(after, EffectState.CANCELLED)] == [MORE]
    assert left(after, MONDAY + 60 * MINUTE)[1] == ["page:1:0", "page:2:0"]


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=examples(100))
def test_nothing_is_lost_and_nothing_told_twice(data: st.DataObject) -> None:
    case, now, told = CASE, MONDAY, Counter[str]()
    everybody = CASE.owners
    for number in range(data.draw(st.integers(1, 14), label="steps")):
        now += data.draw(st.integers(0, 12), label="minutes") * MINUTE
        match data.draw(st.sampled_from(STEPS), label="what"):
            case "say":
                case = said(case, number, now)
            case "late":
                # Opened before, stored after what was said meanwhile.
                case = said(case, number, now - 2 * MINUTE)
            case "erase" if case.facts:
                gone = data.draw(st.sampled_from(case.facts), label="erased")
                case = replace(case, facts=tuple(one for one in case.facts if one is not gone))
            case "hand over":
                case = handed_over(case)
            case "leave":
                away = {key: replace(owner, active=False) for key, owner in everybody.items()}
                case = replace(case, owners=away if case.owners is everybody else everybody)
            case "retry":
                again = {line.key for line in news(case, EffectState.DEAD)}
                lines = (
                    replace(line, state=EffectState.PLANNED) if line.key in again else line for line in case.effects
                )
                case = replace(case, effects=tuple(lines))
            case "run":
                case = reviewed(case, now)
            case "deliver" | "fail" as what:
                state = EffectState.SENT if what == "deliver" else EffectState.DEAD
                case, keys = left(reviewed(case, now), now, state)
                told += Counter(keys if what == "deliver" else ())
    failed = {key for line in news(case, EffectState.DEAD) for key in line.tells}
    case = replace(case, owners=everybody)
    case, keys = left(reviewed(case, now), now + 30 * MINUTE)
    told += Counter(keys)
    assert set(told.values()) <= {1}, "told twice"
    assert {one.key for one in case.facts} <= told.keys() | failed, "lost"
    assert news(reviewed(case, now + 30 * MINUTE), *UNSENT) == []
