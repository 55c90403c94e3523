"""A bad answer makes a call for the owner within a day; a good one, or a better one later, makes none."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from onboarding.facts.feedback import SCALES
from onboarding.model.case import Fact
from onboarding.model.vocabulary import SurveyKind
from onboarding.review_case import review
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_fact
from tests.builders.playbook import build_playbook

AT = SIGNED + timedelta(days=9)


def answer(kind: SurveyKind, score: float, at: datetime = AT, **more: object) -> Fact:
    scale = SCALES[kind]
    value = {"score": score, "low": scale.low, "high": scale.high, "person": "003CHAMPION", **more}
    return build_fact("survey", kind.value, at, value=value)


def calls(*facts: Fact, now: datetime = AT) -> list[tuple[str, str, datetime | None]]:
    tasks = review(replace(CASE, facts=facts), build_playbook(), now).review.tasks
    return [(one.role, one.text, one.due_at) for one in tasks if "call within a day" in one.text]


def test_a_bad_answer_is_a_call_for_the_owner_within_a_day() -> None:
    (found,) = calls(answer(SurveyKind.CES, 2, comment="too many forms"))
    assert found == (
        "csm",
        "Hanna Weber answered 2 of 7 (ces) on 11 March 2026, “too many forms”: call within a day",
        AT + timedelta(days=1),
    )
    assert calls(answer(SurveyKind.CES, 2), now=AT + timedelta(days=7)) == []


@pytest.mark.parametrize(
    ("kind", "bad"), [(SurveyKind.CES, 3), (SurveyKind.CSAT, 2), (SurveyKind.NPS, 6), (SurveyKind.EFFORT, 4)]
)
def test_each_scale_has_its_own_line_between_bad_and_good(kind: SurveyKind, bad: int) -> None:
    assert len(calls(answer(kind, bad))) == 1
    assert calls(answer(kind, bad + 1)) == []


def test_a_better_answer_of_the_same_person_takes_the_call_back() -> None:
    later = AT + timedelta(hours=3)
    assert calls(answer(SurveyKind.NPS, 2), answer(SurveyKind.NPS, 9, later), now=later) == []
    assert len(calls(answer(SurveyKind.NPS, 2), answer(SurveyKind.CES, 7, later), now=later)) == 1
