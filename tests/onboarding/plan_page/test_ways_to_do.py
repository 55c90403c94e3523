"""The main link of work on goals leads to the form that does it."""

from dataclasses import replace

from onboarding.model.playbook import MilestonePlan
from onboarding.model.state import Goal, GoalValue
from onboarding.model.vocabulary import CustomerRole
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.goals.ways import WayToDo, way_to_do
from onboarding.plan_page.work import work_of
from tests.builders.case import SIGNED
from tests.builders.tiers import MID, TECH
from tests.onboarding.plan_page.test_policy import page_of

CHAMPION = frozenset({CustomerRole.CHAMPION})


def tech(*goals: Goal) -> PageContext:
    page = page_of(CHAMPION, TECH)
    return replace(page, review=replace(page.review, state=replace(page.state, goals=goals)))


def way(page: PageContext, name: str) -> WayToDo | None:
    return way_to_do(plan(page, name), page)


def plan(page: PageContext, name: str) -> MilestonePlan:
    return next(one for one in page.playbook.milestones() if one.name == name)


def goal(metric: str, *, confirmed: bool = False, value: float | None = None) -> Goal:
    (known,) = page_of(CHAMPION, TECH).state.goals
    values = () if value is None else (GoalValue(SIGNED, value, "jo", SIGNED.date()),)
    return replace(known, metric=metric, confirmed_at=SIGNED if confirmed else None, values=values)


def test_the_first_goal_that_is_not_confirmed_is_confirmed_next() -> None:
    page = tech(goal("Quotes", confirmed=True), goal("Visits"))
    shown = "Visits from 48 to 4 hours by 30 April 2026"
    assert way(page, "goals_confirmed") == WayToDo("goal/1", "These figures are right", "Visits", shown)
    assert way(tech(goal("Quotes", confirmed=True)), "goals_confirmed") is None


def test_the_first_goal_without_a_value_is_valued_next() -> None:
    page = tech(goal("Quotes", confirmed=True, value=3), goal("Visits", confirmed=True))
    found = way(page, "goals_checked")
    assert found is not None
    assert (found.form, found.about) == ("value/1", "Visits")


def test_where_no_goal_is_written_down_one_is_stated() -> None:
    for name in ("goals_confirmed", "goals_checked"):
        found = way(tech(), name)
        assert found is not None
        assert found.form == "new_goal"


def test_other_work_and_work_that_is_not_the_readers_has_no_such_form() -> None:
    page = tech(goal("Quotes"))
    assert way(page, "stakeholders_identified") is None
    assert {one.name for one in work_of(page) if one.way} == {"goals_confirmed", "goals_checked"}
    unseen = replace(page, roles=frozenset({CustomerRole.IT_SECURITY}))
    assert not [one for one in work_of(unseen) if one.way]
    assert not [one for one in work_of(page_of(CHAMPION, MID)) if one.way and one.done]
