"""The account plan holds what the next owner has to know, and says where something is not known (CT-1 to CT-5)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.account_plan.markdown import LONGEST, as_markdown, sections
from onboarding.account_plan.plan import AccountPlan, account_plan, is_due
from onboarding.model.case import Case
from onboarding.model.review import Review
from onboarding.model.usage import Usage
from onboarding.model.vocabulary import CustomerRole, Status
from onboarding.review_case import review
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_done, build_fact, build_use
from tests.builders.playbook import build_playbook

NOW = SIGNED + timedelta(days=50)
METRIC = "Quote turnaround"


def _review(case: Case) -> Review:
    return review(case, build_playbook(), NOW).review


def _plan(case: Case) -> AccountPlan:
    return account_plan(case, _review(case))


def _section(case: Case, heading: str) -> tuple[str, ...]:
    return dict(sections(_plan(case)))[heading]


def test_it_passes_on_from_activation_and_never_for_who_has_left() -> None:
    assert not is_due(_review(CASE))
    activated = _review(replace(CASE, facts=build_done("activation")))
    assert is_due(activated)
    assert not is_due(replace(activated, progress=replace(activated.progress, status=Status.CHURNED)))


def test_champions_come_first_and_who_left_is_said() -> None:
    gone = build_fact("stakeholder", "003MANAGER", value={"person_id": "003MANAGER", "role": "manager", "left": True})
    people = _plan(replace(CASE, facts=(gone,))).relationships
    assert people[0].roles[0] is CustomerRole.CHAMPION
    assert [one.name for one in people if one.left] == ["Max Krause"]
    assert "Max Krause, manager (has left)" in _section(replace(CASE, facts=(gone,)), "People")


def test_a_goal_says_what_was_delivered_and_what_is_only_assumed() -> None:
    value = build_fact("goal_value", METRIC, SIGNED + timedelta(days=40), value={"value": 4})
    (assumed,) = _section(CASE, "Goals and what was delivered")
    (reached,) = _section(replace(CASE, facts=(value,)), "Goals and what was delivered")
    assert "nobody has said" in assumed
    assert "assumed: the customer" in assumed
    assert "4 hours on 11 April 2026, reached" in reached
    assert f"the goal for {METRIC} is reached: agree the next one" in _plan(replace(CASE, facts=(value,))).opportunities


@pytest.mark.parametrize(
    ("users", "told"), [(9, "talk about more seats"), (5, None), (2, "bring in the teams that have not started")]
)
def test_use_of_the_seats_says_where_to_go_next(users: int, told: str | None) -> None:
    seen = build_use("login", *((SIGNED + timedelta(days=n), f"user{n}") for n in range(users)))
    deal = replace(CASE.deals[0], seats=10)
    case = replace(CASE, deals=(deal,), usage=Usage(known=True, read_at=NOW, signals=(seen,)))
    found = [one for one in _plan(case).opportunities if "seats" in one]
    assert [told in one for one in found] == ([True] if told else []) if told else found == []


def test_an_advocate_is_named_with_or_without_consent_and_the_last_report_holds() -> None:
    def told(consent: bool, days: int) -> object:
        value = {"person": "003CHAMPION", "consent": consent}
        return build_fact("advocate", "reference", SIGNED + timedelta(days=days), value=value)

    asked, agreed = told(False, 1), told(True, 2)
    (line,) = _section(replace(CASE, facts=(asked, agreed)), "Who may speak for us")  # type: ignore[arg-type]
    assert line == "Hanna Weber: reference, with their consent"
    (line,) = _section(replace(CASE, facts=(asked,)), "Who may speak for us")  # type: ignore[arg-type]
    assert line == "Hanna Weber: reference, without their consent"
    erased = replace(CASE, facts=(agreed,), people=(), stakeholders=())  # type: ignore[arg-type]
    assert not any("reference" in line for line in _section(erased, "Who may speak for us"))


def test_it_is_the_same_whatever_the_order_of_the_facts() -> None:
    facts = (
        *build_done("activation", "kickoff_held"),
        build_fact("lesson", "setup", value={"text": "Ask earlier"}),
        build_fact("promise", "abc", value={"text": "A day on site"}),
        build_fact("advocate", "referral", value={"person": "003CHAMPION", "consent": True}),
    )
    assert as_markdown(_plan(replace(CASE, facts=facts))) == as_markdown(_plan(replace(CASE, facts=facts[::-1])))


def test_text_of_people_makes_no_heading_and_never_outgrows_the_field() -> None:
    lesson: Callable[[str], Case] = lambda text: replace(  # noqa: E731
        CASE, facts=(build_fact("lesson", value={"text": text}),)
    )
    assert "\n# Injected" not in as_markdown(_plan(lesson("One\n# Injected")))
    assert len(as_markdown(_plan(lesson("x" * 50_000)))) <= LONGEST


def test_every_section_says_something_where_nothing_is_known() -> None:
    bare = replace(CASE, people=(), stakeholders=(), deals=(replace(CASE.deals[0], handoff={}),))
    assert all(entries for _, entries in sections(_plan(bare)))
