"""What the page calls the reader's next work decides on the resources of the page and of mails alike."""

from dataclasses import replace
from datetime import timedelta

from config.playbook_library.library import load_library
from onboarding.brand.resources import Resource, ResourceKind, Resources
from onboarding.model.case import Case
from onboarding.model.message_policy import Topic
from onboarding.model.vocabulary import CustomerRole, Stage
from onboarding.own_tasks.plan import task_name
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.page import plan_page
from onboarding.plan_page.useful import resources_of_mail
from onboarding.review_case import review_without_writes
from onboarding.shared_plan.links import roles_of
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_done, build_fact
from tests.builders.tiers import MID

MID = load_library().playbook_versions[MID].playbook
NOW = SIGNED + timedelta(days=20)
TASK = task_name("Sign the data agreement")


def guide(milestone: str) -> Resource:
    links = {"en": f"https://learn.example/{milestone}"}
    return Resource(
        title=milestone, kind=ResourceKind.GUIDE, links=links, topic=Topic.CHECK_IN, milestones=(milestone,)
    )


GUIDES = Resources(resources=tuple(guide(name) for name in ("kickoff_booked", "stakeholders_identified", TASK)))


def useful(case: Case, reader: str) -> set[str]:
    """Return the work for which this reader finds resources, on the page and in mails."""
    found = review_without_writes(case, MID, NOW, frozenset())
    context = PageContext(
        case=case,
        review=found.review,
        playbook=found.playbook,
        now=NOW,
        reader=next(one for one in case.people if one.id == reader),
        roles=roles_of(found.review.state, reader),
        resources=GUIDES,
    )
    assert context.review.progress.stage is Stage.KICKOFF
    page = {one.title for one in plan_page(context).resources}
    mail = {one.title for one in resources_of_mail(context, Topic.CHECK_IN)}
    assert mail == page
    assert not resources_of_mail(context, Topic.EXECUTIVE_UPDATE), "a mail that asks for no next step names none"
    return page


IN_KICKOFF = replace(CASE, facts=build_done("handoff_complete"))


def test_work_of_an_earlier_stage_that_is_overdue_is_the_next_too() -> None:
    assert useful(IN_KICKOFF, "003CHAMPION") == {"kickoff_booked", "stakeholders_identified"}
    assert useful(IN_KICKOFF, "003MANAGER") == set(), "it is the champion's"


def test_without_a_champion_the_next_work_is_everybodys() -> None:
    parts = tuple(one for one in CASE.stakeholders if one.role is not CustomerRole.CHAMPION)
    assert useful(replace(IN_KICKOFF, stakeholders=parts), "003MANAGER") == {
        "kickoff_booked",
        "stakeholders_identified",
    }


def test_a_task_is_the_next_work_of_the_one_whom_it_names_alone() -> None:
    parts = (
        *CASE.stakeholders,
        replace(CASE.stakeholders[0], person_id="003END_USER", role=CustomerRole.TECHNICAL_ADMIN),
    )
    task = {"side": "customer", "stage": "kickoff", "due_on": "2026-03-25", "owner": "technical_admin"}
    told = {**task, "title": "Sign the data agreement", "person": "003TECHNICAL_ADMIN"}
    facts = (*IN_KICKOFF.facts, build_fact("task", TASK, value=told))
    case = replace(IN_KICKOFF, stakeholders=parts, facts=facts)
    assert useful(case, "003TECHNICAL_ADMIN") == {TASK}
    assert useful(case, "003END_USER") == set()
