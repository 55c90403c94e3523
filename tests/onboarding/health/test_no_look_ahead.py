"""What was learned later changes no past health: neither the score as measured nor the history of reviews."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.metrics.measure import Subject, health_at
from onboarding.model.case import Case, Fact
from onboarding.model.usage import Usage
from onboarding.review_case import review
from tests.builders.case import CASE, DEAL, SIGNED
from tests.builders.facts import build_done, build_fact, build_use
from tests.builders.playbook import build_playbook
from tests.examples import examples

PLAYBOOK = build_playbook()
AS_OF = SIGNED + timedelta(days=30)
GOAL = "Quote turnaround"
SPONSOR = "003EXECUTIVE_SPONSOR"
VALUES: dict[str, tuple[str, dict[str, Any]]] = {
    "survey": ("ces", {"score": 1, "low": 1, "high": 7, "person": SPONSOR}),
    "ticket": ("T-9", {"topic": "import", "sentiment": -1}),
    "reply": ("", {"person": SPONSOR}),
    "goal_value": (GOAL, {"value": 4}),
    "milestone": ("kickoff_held", {}),
    "milestone_undone": ("go_live", {}),
}


def case_of(*facts: Fact) -> Case:
    """A case of whose health everything is known on day 30."""
    seen = AS_OF - timedelta(hours=3)
    users = tuple((seen, f"user{number}") for number in range(20))
    used = Usage(known=True, read_at=AS_OF, signals=(build_use("login", *users), build_use("quote", *users[:9])))
    known = (
        build_fact("survey", "ces", SIGNED, value={"score": 6, "low": 1, "high": 7}),
        build_fact("ticket", "T-1", AS_OF - timedelta(days=3), value={"topic": "import", "sentiment": 0.5}),
        build_fact("reply", "", SIGNED, value={"person": SPONSOR}),
        build_fact("goal_value", GOAL, SIGNED + timedelta(days=9), value={"value": 30}),
        *build_done("go_live", at=SIGNED + timedelta(days=5)),
    )
    return replace(CASE, usage=used, deals=(replace(DEAL, seats=40),), facts=(*known, *facts))


later = st.builds(
    lambda kind, happened, late: build_fact(
        kind,
        VALUES[kind][0],
        SIGNED + timedelta(days=happened),
        learned_at=max(AS_OF, SIGNED + timedelta(days=happened)) + timedelta(hours=late),
        value=VALUES[kind][1],
    ),
    kind=st.sampled_from(sorted(VALUES)),
    happened=st.integers(0, 90),
    late=st.integers(1, 500),
)


def measured(case: Case, at: datetime = AS_OF) -> int | None:
    return health_at(Subject(case=case, playbook=PLAYBOOK, journal=(), use=None), at)


@settings(max_examples=examples(40))
@given(st.lists(later, max_size=6))
def test_what_is_learned_later_changes_no_health_of_before(facts: list[Fact]) -> None:
    before = measured(case_of())
    assert before is not None
    assert measured(case_of(*facts)) == before


def test_the_control_the_same_facts_change_it_once_they_are_known() -> None:
    bad = build_fact("survey", "ces", SIGNED + timedelta(days=1), value=VALUES["survey"][1])
    assert measured(case_of(bad)) != measured(case_of())


@settings(max_examples=examples(20))
@given(st.lists(later, max_size=4))
def test_a_later_review_keeps_every_day_of_the_history(facts: list[Fact]) -> None:
    first = review(case_of(), PLAYBOOK, AS_OF).review.progress
    assert first.health_history
    after = replace(case_of(*facts), progress=first)
    again = review(after, PLAYBOOK, AS_OF + timedelta(days=40)).review.progress
    assert again.health_history[: len(first.health_history)] == first.health_history
