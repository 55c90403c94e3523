"""The audience widens by phase: nobody gets a mail before the stage from which their role is written to (SX-8)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from config.playbook_library.phases import phase_problems
from onboarding.explain.explanation import explain
from onboarding.model.case import Case, Fact
from onboarding.model.parties import Stakeholder
from onboarding.model.playbook import Playbook
from onboarding.model.review import Review
from onboarding.model.schedule import Due
from onboarding.model.vocabulary import Channel, CustomerRole, Stage, Tier
from onboarding.model.written.widening import Widening
from onboarding.people.phases import ORDER, begins, earliest, not_yet
from onboarding.review_case import review
from tests.builders.case import CASE, SIGNED
from tests.builders.facts import build_done, build_fact
from tests.builders.tiers import BUNDLED_TIERS, MID
from tests.onboarding.plan_page.test_policy import playbooks

MORNING = SIGNED + timedelta(days=1, hours=1)
STEP = "training_end_users"
WAITS = "not yet: end users are written to from training on"


def early(**change: object) -> Playbook:
    """The bundled playbook with the users' training due on the day of the signature."""
    playbook = playbooks()[MID]
    given = {"due": Due(anchor="signature", source="ours"), "stage": None, "handoff_first": False, **change}
    steps = tuple(replace(step, **given) if step.name == STEP else step for step in playbook.steps)
    return replace(playbook, steps=steps)


def reviewed(playbook: Playbook, *facts: Fact, case: Case = CASE) -> Review:
    return review(replace(case, facts=facts), playbook, MORNING).review


def written_to(found: Review, step: str = STEP) -> set[str]:
    return {effect.person_id for effect in found.effects if effect.kind == step and effect.channel is Channel.MAIL}


def activated() -> Fact:
    return build_fact("milestone", "activation", SIGNED + timedelta(hours=1))


def test_before_their_phase_people_get_nothing_and_it_is_said_why() -> None:
    found = reviewed(early())
    assert found.progress.stage is not Stage.TRAINING
    assert written_to(found) == set()
    assert [one for one in found.touchpoints if one.step == STEP] == [], "it waits, and nobody else gets it"
    told = explain(CASE, found, early(), MORNING, {})
    assert WAITS in " ".join(told.lines)


def test_without_the_rule_or_with_first_value_they_do() -> None:
    assert written_to(reviewed(replace(early(), audience=None))) == {"003END_USER"}
    assert written_to(reviewed(early(), activated())) == {"003END_USER"}
    roles = {CustomerRole.END_USER: Stage.KICKOFF}
    kickoff = replace(early(), audience=Widening(roles=roles, source="ours"))
    assert written_to(reviewed(kickoff)) == {"003END_USER"}, "the handoff is complete, so it is the kickoff"


def test_who_has_another_part_too_is_written_to_from_the_first_of_their_phases_on() -> None:
    both = Stakeholder(person_id="003END_USER", role=CustomerRole.CHAMPION)
    case = replace(CASE, stakeholders=(*CASE.stakeholders, both))
    assert written_to(reviewed(early(), case=case)) == {"003END_USER"}


def test_who_stands_in_for_a_missing_role_is_written_to_in_its_phase() -> None:
    user = tuple(one for one in CASE.stakeholders if one.role is CustomerRole.END_USER)
    found = reviewed(playbooks()[MID], case=replace(CASE, stakeholders=user))
    assert written_to(found, "welcome") == {"003END_USER"}


def test_who_was_trained_early_is_asked_about_it_then() -> None:
    playbook = playbooks()[MID]
    step = next(one for one in playbook.steps if one.name == "training_feedback")
    trained = build_done("role_training_delivered", at=SIGNED - timedelta(days=3))
    soon = replace(step, due=Due(anchor=step.due.anchor, source="ours"), late=replace(step.late, send_for_hours=900))
    steps = tuple(soon if one.name == step.name else one for one in playbook.steps)
    assert written_to(reviewed(replace(playbook, steps=steps), *trained), step.name) == {"003END_USER", "003MANAGER"}


@pytest.mark.parametrize("tier", BUNDLED_TIERS)
def test_the_bundled_playbooks_keep_their_own_rule(tier: Tier) -> None:
    playbook = playbooks()[tier]
    assert [problem for step in playbook.steps for problem in phase_problems(playbook, step)] == []
    order = [
        ORDER[begins(playbook, role)]
        for role in (CustomerRole.CHAMPION, CustomerRole.IT_SECURITY, CustomerRole.END_USER)
    ]
    assert order == sorted(order)
    assert order[0] == 0
    assert playbook.audience is not None
    assert set(playbook.audience.roles) == set(CustomerRole)


def test_a_step_before_the_phase_of_its_role_is_a_mistake() -> None:
    playbook = early()
    step = next(one for one in playbook.steps if one.name == STEP)
    ((number, problem, mend),) = phase_problems(playbook, step)
    assert (number, problem) == (0, "end_user is written to from training on, and this step is due in handoff (SX-8)")
    assert mend == "take end_user out of roles, or write end_user: handoff under audience: roles:"


def stage_of(**given: object) -> Stage | None:
    playbook = playbooks()[MID]
    return earliest(playbook, replace(playbook.steps[0], **given))


def test_the_earliest_stage_of_a_step_follows_from_its_anchor() -> None:
    milestone = Due(anchor="milestone:role_training_delivered", source="ours")
    assert stage_of(due=milestone) is Stage.TRAINING
    assert stage_of(due=milestone, while_in=(Stage.TRAINING, Stage.SETUP)) is Stage.SETUP
    assert stage_of(due=Due(anchor="stage", source="ours"), stage=Stage.SETUP) is Stage.SETUP
    assert stage_of(due=Due(anchor="check_ins", source="ours")) is None


@pytest.mark.parametrize("role", list(CustomerRole))
def test_every_role_has_words(role: CustomerRole) -> None:
    assert not_yet(role, Stage.DONE).endswith("are written to from done on")
