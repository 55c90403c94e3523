"""Work that a reader adds to the plan: by whom, what is refused, and what it becomes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.model.case import Fact
from onboarding.model.vocabulary import CustomerRole, FactKind, Stage, Status
from onboarding.own_tasks.plan import playbook_of, task_name
from onboarding.plan_page.checks import cleaned, problems
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.facts import facts_of
from onboarding.plan_page.form import AnswerKind, NothingToAnswer
from onboarding.plan_page.forms import form_for
from onboarding.plan_page.page import plan_page
from onboarding.plan_page.tasks.forms import MOST_TASKS
from tests.builders.tiers import MID
from tests.onboarding.plan_page.test_policy import page_of

CHAMPION = frozenset({CustomerRole.CHAMPION})
LAPTOPS = "Order the laptops"


def wrong(page: PageContext, title: str, day: str) -> dict[str, str]:
    form = form_for(AnswerKind.TASK, "", page)
    return dict(problems(form, cleaned(form, {"title": title, "day": day}), page))


def facts(page: PageContext, title: str = LAPTOPS, days: int = 10) -> tuple[Fact, ...]:
    form = form_for(AnswerKind.TASK, "", page)
    day = (page.today + timedelta(days=days)).isoformat()
    answers = cleaned(form, {"title": title, "day": day})
    assert problems(form, answers, page) == {}
    return facts_of(form, answers, page, title)


def with_facts(page: PageContext, *added: Fact) -> PageContext:
    case = replace(page.case, facts=(*page.case.facts, *added))
    return replace(page, case=case, playbook=playbook_of(case, page.playbook, page.now))


def test_the_work_falls_to_the_reader_on_its_day_and_no_stage_waits_for_it() -> None:
    page = page_of(CHAMPION, MID)
    [fact] = facts(page)
    assert (fact.kind, fact.name, fact.source) == (FactKind.TASK, task_name(LAPTOPS), "page")
    assert fact.value == {
        "title": LAPTOPS,
        "side": "customer",
        "owner": "champion",
        "due_on": (page.today + timedelta(days=10)).isoformat(),
        "needed": False,
        "stage": page.review.progress.stage.value,
        "person": "003READER",
    }


@pytest.mark.parametrize("roles", [frozenset({CustomerRole.END_USER}), frozenset({CustomerRole.EXECUTIVE_SPONSOR})])
def test_who_does_not_answer_for_the_work_of_their_side_adds_none(roles: frozenset[CustomerRole]) -> None:
    page = page_of(roles, MID)
    assert not plan_page(page).adds
    with pytest.raises(NothingToAnswer):
        form_for(AnswerKind.TASK, "", page)


def test_nothing_is_added_once_all_stages_are_done_or_there_is_more_than_enough() -> None:
    page = page_of(CHAMPION, MID)
    assert plan_page(page).adds
    done = replace(page.review.progress, status=Status.COMPLETED, stage=Stage.DONE)
    assert not plan_page(replace(page, review=replace(page.review, progress=done))).adds
    many = [fact for number in range(MOST_TASKS) for fact in facts(page, f"Piece of work {number}")]
    assert plan_page(with_facts(page, *many[1:])).adds
    assert not plan_page(with_facts(page, *many)).adds


@pytest.mark.parametrize(
    ("title", "day", "field", "told"),
    [
        ("?!", "2026-05-04", "title", "Say what has to be done."),
        ("x" * 121, "2026-05-04", "title", "at most 120 characters"),
        ("", "2026-05-04", "title", "Please answer this."),
        (LAPTOPS, "", "day", "Please answer this."),
        (LAPTOPS, "soon", "day", "Choose a day."),
        (LAPTOPS, "2020-01-01", "day", "has passed"),
        (LAPTOPS, "2199-01-01", "day", "more than two years ahead"),
        ("Complete the security and compliance review", "2026-05-04", "title", "in the plan already"),
    ],
)
def test_what_cannot_be_work_is_refused_at_its_field(title: str, day: str, field: str, told: str) -> None:
    assert told in wrong(page_of(CHAMPION, MID), title, day)[field]


def test_the_same_work_is_refused_the_second_time_however_it_is_spelt() -> None:
    page = page_of(CHAMPION, MID)
    again = with_facts(page, *facts(page))
    day = (page.today + timedelta(days=3)).isoformat()
    assert wrong(again, "order the LAPTOPS!", day) == {"title": "This is in the plan already."}
    assert form_for(AnswerKind.TASK, "", again).mark != form_for(AnswerKind.TASK, "", page).mark


def test_a_day_that_has_passed_where_the_account_is_is_refused_and_no_fault() -> None:
    page = page_of(CHAMPION, MID)
    abroad = replace(page, case=replace(page.case, account=replace(page.case.account, zone="Pacific/Kiritimati")))
    late = replace(abroad, now=page.now.replace(hour=20))
    today = late.today
    assert "has passed" in wrong(late, LAPTOPS, today.isoformat())["day"]
