"""The plan page over all roles: no part of it, as text, holds what the policy keeps from its reader (SH-4)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from html import unescape
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.playbook_library.library import load_library
from onboarding.brand.company import NO_BRAND
from onboarding.brand.resources import Resource, ResourceKind, Resources
from onboarding.facts.meetings import KICKOFF_CALL
from onboarding.forecast.forecast import forecast
from onboarding.model.case import Hold
from onboarding.model.message_policy import Topic, may_receive
from onboarding.model.parties import Person, Stakeholder
from onboarding.model.playbook import Playbook
from onboarding.model.state import Meeting
from onboarding.model.vocabulary import CustomerRole, Side, Stage, Tier
from onboarding.plan_page.calls.shown import next_call
from onboarding.plan_page.context import PageContext
from onboarding.plan_page.page import plan_page
from onboarding.plan_page.policy import TOPICS, Section, work_topic
from onboarding.review_case import review_without_writes
from onboarding.shared_plan.links import roles_of
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_done, build_fact
from tests.builders.tiers import BUNDLED_TIERS, MID
from tests.examples import examples
from web.plan.views import Place, plan

ROLE_SETS = [frozenset(some) for size in (0, 1, 2, len(CustomerRole)) for some in combinations(CustomerRole, size)]
METRIC, PROMISE, CLASH = "Quote turnaround", "Single sign-on before go-live", "Office move"


@cache
def playbooks() -> Mapping[Tier, Playbook]:
    return {tier: version.playbook for tier, version in load_library().playbook_versions.items()}


def page_of(roles: frozenset[CustomerRole], tier: Tier, done: tuple[str, ...] = (), days: int = 20) -> PageContext:
    reader = Person(id="003READER", name="Rita Reader", email="rita@kunde.test", zone="Europe/Berlin")
    case = replace(
        CASE,
        people=(*CASE.people, reader),
        stakeholders=(*CASE.stakeholders, *(Stakeholder(person_id=reader.id, role=role) for role in sorted(roles))),
        facts=(*build_done(*done), build_fact("conflict", "abc", value={"this": CLASH, "with": "Go-live"})),
    )
    now = SIGNED + timedelta(days=days)
    found = review_without_writes(case, playbooks()[tier], now, frozenset())
    return PageContext(
        case=case,
        review=found.review,
        playbook=found.playbook,
        now=now,
        reader=reader,
        roles=roles_of(found.review.state, reader.id),
        forecast=forecast(case, found.review, found.playbook, now),
    )


def text_of(context: PageContext) -> str:
    return bytes(plan(Place(NO_BRAND, context.language, "token"), plan_page(context)).body).decode()


def seen_as(context: PageContext) -> frozenset[CustomerRole]:
    """One without a role takes part as a user of the product does."""
    return context.roles or frozenset({CustomerRole.END_USER})


def forbidden(context: PageContext) -> set[str]:
    """Return the titles of work that this reader must not see, by the playbook and the policy for mails."""
    hidden = set()
    for stage, plan_of in context.playbook.stages.items():
        for one in plan_of.milestones:
            own = one.side is Side.CUSTOMER and one.owner.value in {role.value for role in context.roles}
            if one.internal or not (own or may_receive(seen_as(context), work_topic(one, stage))):
                hidden.add(one.title)
    return hidden


NAMES = st.lists(
    st.sampled_from(sorted({one.name for playbook in playbooks().values() for one in playbook.milestones()})),
    max_size=25,
)


@given(st.sampled_from(ROLE_SETS), st.sampled_from(BUNDLED_TIERS), NAMES, st.integers(0, 200))
@settings(max_examples=examples(120))
def test_no_page_shows_what_the_policy_keeps_from_its_reader(
    roles: frozenset[CustomerRole], tier: Tier, done: list[str], days: int
) -> None:
    context = page_of(roles, tier, tuple(done), days)
    shown = text_of(context)
    assert [title for title in forbidden(context) if title in unescape(shown)] == []
    for section, text in ((Section.GOALS, METRIC), (Section.AGREED, PROMISE), (Section.CLASHES, CLASH)):
        assert (text in shown) is may_receive(seen_as(context), TOPICS[section])


@pytest.mark.parametrize("tier", BUNDLED_TIERS)
def test_what_an_end_user_and_a_sponsor_never_see(tier: Tier) -> None:
    """In words of the requirement, so that a change of the topics shows here too."""
    user = text_of(page_of(frozenset({CustomerRole.END_USER}), tier))
    sponsor = text_of(page_of(frozenset({CustomerRole.EXECUTIVE_SPONSOR}), tier))
    champion = text_of(page_of(frozenset({CustomerRole.CHAMPION}), tier))
    setup = [one.title for one in playbooks()[tier].stages[Stage.SETUP].milestones if not one.internal]
    assert setup
    assert METRIC not in user
    assert PROMISE not in user
    assert CLASH not in user
    assert CLASH in sponsor
    assert "/decide/abc" in sponsor
    assert "/decide/" not in champion
    assert "cleo@vendor.test" not in sponsor.replace("mailto:cleo@vendor.test", "").replace(">cleo@vendor.test<", "")
    assert not [title for title in setup if title in sponsor + user]
    assert [title for title in setup if title in champion]
    assert METRIC in sponsor
    assert METRIC in champion
    for text in (user, sponsor, champion):
        assert not [one.title for one in playbooks()[tier].milestones() if one.internal and f">{one.title}<" in text]


def test_one_without_a_role_sees_what_an_end_user_sees() -> None:
    for tier in BUNDLED_TIERS:
        nobody, user = (page_of(frozenset(roles), tier) for roles in ((), (CustomerRole.END_USER,)))
        setup = [one.title for one in playbooks()[tier].stages[Stage.SETUP].milestones]
        for text in (text_of(nobody), text_of(user)):
            assert not [words for words in (METRIC, PROMISE, *setup) if words in text]


@pytest.mark.parametrize("topic", Topic)
def test_a_call_that_an_end_user_may_not_know_of_is_hidden_from_one_without_a_role(topic: Topic) -> None:
    shown = [call_is_shown(frozenset(roles), topic) for roles in ((), (CustomerRole.END_USER,))]
    assert shown == [may_receive(frozenset({CustomerRole.END_USER}), topic)] * 2


def call_is_shown(roles: frozenset[CustomerRole], topic: Topic) -> bool:
    """Return whether the reader sees the agreed kickoff of a playbook whose invitation has this topic."""
    context = page_of(roles, MID)
    steps = tuple(
        replace(step, mail=replace(step.mail, topic=topic)) if step.mail and step.calendar else step
        for step in context.playbook.steps
    )
    meeting = Meeting(at=context.now + timedelta(days=2), agreed_at=context.now)
    state = replace(context.state, meetings={KICKOFF_CALL: meeting})
    changed = replace(context, playbook=replace(context.playbook, steps=steps))
    return next_call(replace(changed, review=replace(context.review, state=state))) is not None


def test_why_an_onboarding_was_on_hold_is_told_to_nobody_at_the_customer() -> None:
    context = page_of(frozenset({CustomerRole.EXECUTIVE_SPONSOR}), MID)
    hold = Hold(since=SIGNED + timedelta(1), until=SIGNED + timedelta(9), reason="they have not paid", by="cleo")
    case = replace(context.case, holds=(hold,))
    found = review_without_writes(case, context.playbook, context.now, frozenset())
    held = forecast(case, found.review, found.playbook, context.now)
    assert held is not None
    assert held.go_live is not None
    reasons = [one for one in held.go_live.reasons if one.title == "On hold"]
    assert ["they have not paid" in one.text for one in reasons] == [True], "our own people read it"
    text = text_of(replace(context, case=case, review=found.review, forecast=held))
    assert "On hold" in text
    assert "they have not paid" not in text


def test_each_reader_finds_the_resources_of_their_role_and_no_others() -> None:
    for role in CustomerRole:
        context = replace(page_of(frozenset({role}), MID), resources=one_for_each_role())
        shown = text_of(context)
        for other in CustomerRole:
            assert (f"https://learn.example/{other.value}" in shown) is (other is role)


def one_for_each_role() -> Resources:
    return Resources(
        resources=tuple(
            Resource(
                title=f"For {role.value}",
                kind=ResourceKind.VIDEO,
                links={"en": f"https://learn.example/{role.value}"},
                topic=Topic.CHECK_IN,
                roles=(role,),
            )
            for role in CustomerRole
        )
    )


def test_a_role_beside_another_takes_nothing_back() -> None:
    """With several roles one that forbids is enough."""
    both = frozenset({CustomerRole.CHAMPION, CustomerRole.END_USER})
    assert METRIC not in text_of(page_of(both, MID))


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "a\r\nX-Evil: 1"]
)
def test_names_and_goals_are_text_and_never_markup(hostile: str) -> None:
    context = page_of(frozenset({CustomerRole.CHAMPION}), MID)
    case = replace(context.case, account=replace(context.case.account, name=hostile))
    shown = text_of(replace(context, case=case, reader=replace(context.reader, name=hostile)))
    assert "<script" not in shown
    assert "<img" not in shown
    assert "49" not in shown.partition("</h1>")[0].rpartition("<h1>")[2]
