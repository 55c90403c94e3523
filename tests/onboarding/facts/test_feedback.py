"""Survey answers on their scales, tickets that are reported once, replies."""

from datetime import timedelta
from typing import Any

import pytest

from onboarding.facts.feedback import SCALES, effort_of, read_answers, read_replies, read_tickets
from onboarding.model.state import Reply, Ticket
from onboarding.model.vocabulary import SurveyKind
from tests.builders.case import SIGNED
from tests.builders.facts import build_fact

NEXT = SIGNED + timedelta(days=1)


@pytest.mark.parametrize("kind", list(SurveyKind))
def test_the_higher_end_of_every_scale_is_the_better_one(kind: SurveyKind) -> None:
    scale = SCALES[kind]
    best, worst = (
        read_answers([build_fact("survey", kind, value={"score": score, "low": scale.low, "high": scale.high})])[0]
        for score in (scale.high, scale.low)
    )
    assert (best.share, worst.share) == (1, 0)


@pytest.mark.parametrize(
    "value", [{"score": "ten"}, {"score": True}, {"score": 11}, {"score": 0, "low": 1, "high": 5}, {"low": 1}]
)
def test_an_answer_outside_its_scale_is_none(value: dict[str, Any]) -> None:
    assert read_answers([build_fact("survey", "csat", value=value)]) == ()


def test_effort_is_the_last_answer_put_on_ten_whatever_its_scale() -> None:
    told = [
        build_fact("survey", "effort", value={"score": 2}),
        build_fact("survey", "ces", value={"score": 4, "low": 1, "high": 7, "person": "003A", "comment": "fine"}),
        build_fact("survey", "nps", value={"score": 9}),
        build_fact("survey", "mood", value={"score": 9}),
    ]
    answers = read_answers(told)
    assert [one.kind for one in answers] == ["effort", "ces", "nps"]
    assert (answers[1].person, answers[1].comment) == ("003A", "fine")
    assert effort_of(answers) == 5.0
    assert effort_of(()) is None


def test_a_ticket_is_told_once_dated_by_its_first_report_and_its_last_holds() -> None:
    told = [
        build_fact("ticket", "T-1", SIGNED, value={"topic": "import"}),
        build_fact("ticket", "T-1", NEXT, value={"topic": "data import", "sentiment": -0.5}),
        build_fact("ticket", "T-2", NEXT, value={"topic": "sso", "sentiment": "bad"}),
    ]
    assert read_tickets(told) == (Ticket("T-1", "data import", SIGNED, -0.5), Ticket("T-2", "sso", NEXT, None))


def test_replies_name_who_answered_and_who_says_so() -> None:
    assert read_replies([build_fact("reply", "", NEXT, value={"person": "003A"})]) == (
        Reply(NEXT, "003A", "cleo@vendor.test"),
    )
