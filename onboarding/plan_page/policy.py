"""Which parts of the plan page a reader sees: each part has a topic, and the policy for mails decides (SH-4)."""

from collections.abc import Mapping
from enum import StrEnum

from onboarding.model.message_policy import Topic, may_receive, seen_as
from onboarding.model.playbook import MilestonePlan
from onboarding.model.vocabulary import CustomerRole, Side, Stage


class Section(StrEnum):
    """A part of the page that not every role may see."""

    GOALS = "goals"
    AGREED = "agreed"
    CLASHES = "clashes"


TOPICS: Mapping[Section, Topic] = dict.fromkeys(Section, Topic.EXECUTIVE_UPDATE)
"""What is agreed between the two companies, its figures, and which priorities clash, are for those who
decide and those who lead the work."""
FOR_USERS = "activation"
"""The milestone of the last stage that is the work of everybody."""


def may_see(roles: frozenset[CustomerRole], section: Section) -> bool:
    """Return whether a reader with these roles may see this part."""
    return may_receive(seen_as(roles), TOPICS[section])


def work_topic(plan: MilestonePlan, stage: Stage) -> Topic:
    """Return what a piece of work is about: setup is configuration, agreements and results are for who decides."""
    if stage is Stage.SETUP:
        return Topic.ADMIN_CONFIGURATION
    if stage is Stage.TRAINING or plan.name == FOR_USERS:
        return Topic.ADMIN_TRAINING if plan.owner is CustomerRole.TECHNICAL_ADMIN else Topic.PROGRESS_UPDATE
    return Topic.EXECUTIVE_UPDATE


def may_see_work(roles: frozenset[CustomerRole], plan: MilestonePlan, stage: Stage) -> bool:
    """Return whether a reader may see this work: their own always, internal work of the vendor never."""
    return not plan.internal and (is_own(roles, plan) or may_receive(seen_as(roles), work_topic(plan, stage)))


def is_own(roles: frozenset[CustomerRole], plan: MilestonePlan) -> bool:
    """Return whether this is work of the customer's side that falls to one of these roles."""
    return plan.side is Side.CUSTOMER and plan.owner in roles
