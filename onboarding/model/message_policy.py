"""The messages of a step, and which of the customer's roles may receive which topic (SH-4).

A topic is the subject of a message, whatever its wording. Every mail template declares one, every mail of a
playbook repeats it, and the rules call ``may_receive`` for each recipient, so that no playbook can send a role
a topic that is forbidden for it.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from onboarding.model.schedule import Name, Source, Written
from onboarding.model.vocabulary import CustomerRole, SurveyKind, VendorRole
from onboarding.values import dataclass


class Purpose(StrEnum):
    """The purpose of a mail, by which it needs a way to unsubscribe."""

    SERVICE = "service"
    """Needed for the onboarding itself."""
    PROMOTIONAL = "promotional"


class Topic(StrEnum):
    """The subject of a message."""

    WELCOME = "welcome"
    KICKOFF_INVITATION = "kickoff_invitation"
    KICKOFF_RECAP = "kickoff_recap"
    PROGRESS_UPDATE = "progress_update"
    """The state of the work, for the people who do it."""
    EXECUTIVE_UPDATE = "executive_update"
    """The state of the work, for decision makers: one page without tasks or technical detail."""
    OUTCOME_METRICS = "outcome_metrics"
    BUSINESS_REVIEW = "business_review"
    DECISION = "decision"
    """A trade-off that a person has to decide (SH-7)."""
    TECHNICAL_UPDATE = "technical_update"
    TECHNICAL_DOCUMENTATION = "technical_documentation"
    ADMIN_CONFIGURATION = "admin_configuration"
    SECURITY_DOCUMENTATION = "security_documentation"
    END_USER_TRAINING = "end_user_training"
    ADMIN_TRAINING = "admin_training"
    MANAGER_TRAINING = "manager_training"
    ENABLEMENT = "enablement"
    """Talking points, tools and change-management material for the champion."""
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
"""Implementation work. Counting administrator training as such is this project's reading of SH-4."""

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
"""Forbidden topics of each role; empty where the requirements name none."""


def may_receive(roles: frozenset[CustomerRole], topic: Topic) -> bool:
    """Return whether a person with these roles may receive this topic.

    Every role must allow it: with several roles, one that forbids the topic is enough. A person without a role
    may receive every topic, because SH-4 does not restrict them.
    """
    return all(topic not in FORBIDDEN[role] for role in roles)


def seen_as(roles: frozenset[CustomerRole]) -> frozenset[CustomerRole]:
    """Return the roles as which a reader of the plan page, or of resources, is judged: a person without a role has no
    part in the project beyond using the product."""
    return roles or frozenset({CustomerRole.END_USER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients(Written):
    """All contacts with one of ``roles``; else those with the first of ``otherwise`` that has a holder."""

    roles: tuple[CustomerRole, ...] = field(metadata={"min_length": 1})
    otherwise: tuple[CustomerRole, ...] = ()
    anybody: bool = False
    """As the last resort, any contact with an address, even without a role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPart(Written):
    """The mail part of a step."""

    template: Name
    topic: Topic
    """The topic, the same as in its template; it decides which roles must not receive the mail (SH-4)."""
    to: Recipients
    survey: SurveyKind | None = None
    """The survey whose question it asks, where its reader may be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackPart(Written):
    """The Slack part of a step, for the vendor's people. ``says`` is a template with the same names as a mail's."""

    to: tuple[VendorRole, ...] = field(metadata={"min_length": 1})
    says: str
    account_plan: bool = False
    """Whether the account plan follows the text (CT-2)."""
    brief: bool = False
    """Whether the customer's people follow the text: where they stand, what matters to them, what is to be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value(Written):
    """The value of the product for customers of this tier, written once and used by every message (CO-5, GO-4)."""

    product: str = ""
    """The product's name; messages leave it out if it is empty."""
    line: str = ""
    """The customer's gain, as a clause that completes "so that"."""
    for_role: Mapping[CustomerRole, str] = field(default_factory=dict)
    """The same for one role (SH-5); people who took no part in the purchase are told it first (SH-6)."""
    contract_days: int = field(default=365, metadata={"ge": 1, "le": 3660})
    """The days that a deal's amount pays for: what a day without value costs in the report. In no message."""
    contract_source: Source = "ours"
