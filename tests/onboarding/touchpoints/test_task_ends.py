"""A task that is told for a week says until when, and the review that drops it comes by itself."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from onboarding.model.case import Case
from onboarding.model.review import Review
from onboarding.model.suppressions import Suppressed, Suppression, SuppressionScope
from onboarding.model.vocabulary import Concern
from onboarding.review_case import review
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_fact
from tests.builders.playbook import build_playbook

BEGAN = SIGNED + timedelta(days=3)
A_WEEK = timedelta(days=7)
SCALE = {"low": 1, "high": 7}
BAD_ANSWER = replace(CASE, facts=(build_fact("survey", "ces", BEGAN, value={"score": 1, **SCALE}),))
BROKEN = replace(
    CASE,
    facts=(
        build_fact("promise", "p1", SIGNED, value={"text": "A named engineer", "source": "sales"}),
        build_fact("promise_settled", "p1", BEGAN, value={"state": "broken"}),
    ),
)
LOST = Suppression(subject="003CHAMPION", scope=SuppressionScope.ALL, reason=Suppressed.BOUNCED, at=BEGAN)
BOUNCED = replace(CASE, suppressions=(LOST,))


def reviewed(case: Case, now: datetime) -> Review:
    return review(case, build_playbook(), now).review


@pytest.mark.parametrize("case", [BAD_ANSWER, BROKEN, BOUNCED], ids=["bad answer", "broken promise", "bounced"])
def test_a_task_of_a_week_brings_the_review_that_drops_it(case: Case) -> None:
    (task,) = [one for one in reviewed(case, BEGAN).tasks if one.until == BEGAN + A_WEEK]
    before = reviewed(case, BEGAN + A_WEEK - timedelta(seconds=1))
    assert task in before.tasks
    assert before.next_at[Concern.ESCALATIONS] == BEGAN + A_WEEK
    assert task.text not in [one.text for one in reviewed(case, BEGAN + A_WEEK).tasks]
