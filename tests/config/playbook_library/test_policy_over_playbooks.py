"""SH-4 for the bundled playbooks: none sends a role what the policy forbids for it."""

import itertools

import pytest

from config.mail_templates.render import Templates
from config.playbook_library.library import load_library
from onboarding.model.message_policy import FORBIDDEN, Topic, may_receive
from onboarding.model.playbook import Playbook, Step
from onboarding.model.vocabulary import CustomerRole
from tests.builders.promises import GETS
from tests.builders.tiers import BUNDLED_TIERS

LIBRARY = load_library()
TEMPLATES = Templates()
PLAYBOOKS = [LIBRARY[tier].playbook for tier in BUNDLED_TIERS]
MAILS = [
    pytest.param(playbook, step, id=f"{playbook.tier}-{step.name}")
    for playbook in PLAYBOOKS
    for step in playbook.steps
    if step.mail is not None
]
FOR_EXECUTIVES = {
    "welcome",
    "kickoff_invitation",
    "kickoff_call",
    "executive_update",
    "activation",
    "win_celebration",
    "transition",
    "business_review_invitation",
    "decision_request",
    "catch_up",
}
"""Welcome, kickoff invitation and its call reach a sponsor only if no other contact is known; the catch-up if they join
later."""


@pytest.mark.parametrize(("playbook", "step"), MAILS)
@pytest.mark.parametrize("role", list(CustomerRole))
def test_no_step_names_a_role_that_must_not_get_its_topic(playbook: Playbook, step: Step, role: CustomerRole) -> None:
    assert step.mail is not None
    named = {*step.mail.to.roles, *step.mail.to.otherwise}
    topic = TEMPLATES.topic(step.mail.template)
    assert topic is step.mail.topic
    if topic in FORBIDDEN[role]:
        assert role not in named
    if role in named:
        assert may_receive(frozenset({role}), topic)


def test_what_the_table_forbids_has_a_template_so_that_the_test_above_proves_something() -> None:
    topics = {TEMPLATES.topic(name) for name in TEMPLATES.names()}
    assert {Topic.TECHNICAL_DOCUMENTATION, Topic.END_USER_TRAINING, Topic.EXECUTIVE_UPDATE} <= topics
    assert {Topic.ADMIN_TRAINING} <= topics


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.tier)
def test_executives_get_outcomes_and_nothing_of_the_work(playbook: Playbook) -> None:
    reached = {
        step.name
        for step in playbook.steps
        if step.mail is not None and CustomerRole.EXECUTIVE_SPONSOR in (*step.mail.to.roles, *step.mail.to.otherwise)
    }
    assert reached <= FOR_EXECUTIVES


@pytest.mark.parametrize("playbook", PLAYBOOKS[:2], ids=lambda playbook: playbook.tier)
@pytest.mark.parametrize("role", [role for role in CustomerRole if role is not CustomerRole.MANAGER])
def test_each_role_gets_something_of_what_the_table_promises_it(playbook: Playbook, role: CustomerRole) -> None:
    topics = {step.mail.topic for step in playbook.steps if step.mail is not None and role in step.mail.to.roles}
    assert topics & GETS[role]


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.tier)
def test_managers_are_told_how_their_team_uses_it(playbook: Playbook) -> None:
    mails = {step.mail.template for step in playbook.steps if step.mail and CustomerRole.MANAGER in step.mail.to.roles}
    assert "training_managers" in mails


def test_one_forbidding_role_is_enough_for_a_person_with_several() -> None:
    for pair in itertools.combinations(CustomerRole, 2):
        for topic in Topic:
            allowed = all(topic not in FORBIDDEN[role] for role in pair)
            assert may_receive(frozenset(pair), topic) is allowed


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda playbook: playbook.tier)
def test_every_template_is_used_by_a_step_of_some_playbook_and_promotion_is_marked(
    playbook: Playbook,
) -> None:
    for step in playbook.steps:
        if step.mail is not None:
            assert TEMPLATES.source(step.mail.template).head.purpose == step.purpose
    used = {step.mail.template for each in PLAYBOOKS for step in each.steps if step.mail is not None}
    assert used == set(TEMPLATES.names())
