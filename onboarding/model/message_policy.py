"""Which of the customer's people gets which kind of message, and which they must not get (SH-4).

A topic is what a message is about, whatever its words. Every mail template declares one, every mail of a
playbook repeats it, and the rules ask ``may_receive`` for each recipient, so that no playbook can send a
role what the table forbids it.
"""

from collections.abc import Mapping
from enum import StrEnum

from onboarding.model.vocabulary import CustomerRole


class Topic(StrEnum):
    """What a message is about."""

    WELCOME = "welcome"
    KICKOFF_INVITATION = "kickoff_invitation"
    KICKOFF_RECAP = "kickoff_recap"
    PROGRESS_UPDATE = "progress_update"
    """Where the work stands, for the people who do it."""
    EXECUTIVE_UPDATE = "executive_update"
    """Where the work stands, for people who decide: a page without tasks or technique."""
    OUTCOME_METRICS = "outcome_metrics"
    BUSINESS_REVIEW = "business_review"
    DECISION = "decision"
    """A trade-off that somebody has to make (SH-7)."""
    TECHNICAL_UPDATE = "technical_update"
    TECHNICAL_DOCUMENTATION = "technical_documentation"
    ADMIN_CONFIGURATION = "admin_configuration"
    SECURITY_DOCUMENTATION = "security_documentation"
    END_USER_TRAINING = "end_user_training"
    ADMIN_TRAINING = "admin_training"
    MANAGER_TRAINING = "manager_training"
    ENABLEMENT = "enablement"
    """Talking points, tools and change-management material for whoever carries the change."""
    USAGE_METRICS = "usage_metrics"
    ROI = "roi"
    CHECK_IN = "check_in"
    CELEBRATION = "celebration"
    TRANSITION = "transition"
    SURVEY = "survey"


TECHNICAL = frozenset(
    {
        Topic.TECHNICAL_UPDATE,
        Topic.TECHNICAL_DOCUMENTATION,
        Topic.ADMIN_CONFIGURATION,
        Topic.ADMIN_TRAINING,
    }
)
"""Implementation work. That training for administrators counts as such is our reading of the table."""

FORBIDDEN: Mapping[CustomerRole, frozenset[Topic]] = {
    CustomerRole.EXECUTIVE_SPONSOR: TECHNICAL,
    CustomerRole.CHAMPION: frozenset(),
    CustomerRole.TECHNICAL_ADMIN: frozenset({Topic.END_USER_TRAINING}),
    CustomerRole.IT_SECURITY: frozenset(),
    CustomerRole.MANAGER: frozenset(),
    CustomerRole.ECONOMIC_BUYER: frozenset(),
    CustomerRole.END_USER: frozenset(
        {Topic.EXECUTIVE_UPDATE, Topic.ADMIN_CONFIGURATION, Topic.ADMIN_TRAINING},
    ),
}
"""What a role must not get, role by role; empty where the documents name nothing for a role."""


def may_receive(roles: frozenset[CustomerRole], topic: Topic) -> bool:
    """Whether somebody holding these roles may get a message on this topic.

    Strict: somebody with several roles gets it only if none of them forbids it. Nobody's topic is forbidden
    to a person without a role, for the table is silent on them.
    """
    return all(topic not in FORBIDDEN[role] for role in roles)
