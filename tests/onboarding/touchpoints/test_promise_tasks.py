"""What was promised reaches the people who can keep it: before its day, when it is over, and at the transition."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from onboarding.facts.fold import fold_facts, next_change
from onboarding.facts.promises import promise_id
from onboarding.model.case import Case, Fact
from onboarding.model.vocabulary import Stage
from onboarding.review_case import review
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_done, build_fact
from tests.builders.playbook import build_playbook

TEXT = "Single sign-on before go-live"


def tasks(day: float, *facts: Fact, case: Case = CASE) -> Sequence[tuple[str, str]]:
    now = SIGNED + timedelta(days=day)
    found = review(replace(case, facts=facts), build_playbook(), now).review.tasks
    return [(task.role, task.text) for task in found if "promise" in task.text.casefold()]


def due(day: int) -> Fact:
    value = {"text": TEXT, "due": (SIGNED + timedelta(days=day)).date().isoformat()}
    return build_fact("promise", promise_id(TEXT), SIGNED, value=value)


def test_an_open_promise_without_a_day_asks_for_nothing_until_the_transition() -> None:
    assert tasks(10) == []
    reached = dict.fromkeys(list(Stage)[:5], SIGNED)
    late = replace(CASE, progress=replace(CASE.progress, stage=Stage.FIRST_VALUE, stage_times=reached))
    assert tasks(10, case=late) == [], "first value is not reached yet"
    ((role, text),) = tasks(10, *build_done("activation"), case=late)
    assert role == "csm"
    assert text == f"Transition: “{TEXT}” was promised and is open; say of each whether it was kept or broken"
    other = build_fact("promise", promise_id("A day on site"), SIGNED, value={"text": "A day on site"})
    ((_, both),) = tasks(10, *build_done("activation"), other, case=late)
    assert f"“A day on site” and “{TEXT}” were promised and are open" in both
    kept = build_fact("promise_settled", promise_id(TEXT), value={"state": "kept", "text": TEXT})
    assert tasks(10, *build_done("activation"), kept, case=late) == []


@pytest.mark.parametrize(
    ("day", "roles", "word"),
    [(8.4, [], ""), (8.7, ["csm"], "is due on 12 March 2026"), (10.5, ["csm"], "is due"), (10.7, 2, "was due")],
)
def test_a_promise_with_a_day_is_told_the_day_before_and_its_seller_once_it_is_over(
    day: float, roles: list[str] | int, word: str
) -> None:
    found = tasks(day, due(10))
    assert [role for role, _ in found] == (["csm", "account_executive"] if roles == 2 else roles)
    assert all(word in text for _, text in found)


def test_what_is_broken_is_told_to_the_seller_for_a_week_and_asks_for_nothing_else() -> None:
    broken = build_fact(
        "promise_settled", promise_id(TEXT), SIGNED + timedelta(days=12), value={"state": "broken", "text": TEXT}
    )
    assert tasks(13, due(10), broken) == [
        ("account_executive", f"What you promised, “{TEXT}”, was not kept, says cleo@vendor.test")
    ]
    assert tasks(20, due(10), broken) == []


def test_time_alone_brings_the_review_on_the_day_before_and_on_the_day_after() -> None:
    case = replace(CASE, facts=(due(60),))

    def ahead(now: datetime) -> datetime | None:
        return next_change(case, build_playbook(), fold_facts(case, build_playbook(), now), now)

    day_before, day_after = datetime(2026, 4, 29, 22, tzinfo=UTC), datetime(2026, 5, 1, 22, tzinfo=UTC)
    assert ahead(SIGNED + timedelta(days=30)) == day_before
    assert ahead(day_before) == day_after
