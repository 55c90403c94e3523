"""The column "gets" of the table of roles and messages: what a role is promised where it is written to at all."""

from collections.abc import Mapping

from onboarding.model.message_policy import Topic
from onboarding.model.vocabulary import CustomerRole

GETS: Mapping[CustomerRole, frozenset[Topic]] = {
    CustomerRole.EXECUTIVE_SPONSOR: frozenset(
        {Topic.EXECUTIVE_UPDATE, Topic.OUTCOME_METRICS, Topic.BUSINESS_REVIEW, Topic.DECISION},
    ),
    CustomerRole.CHAMPION: frozenset({Topic.ENABLEMENT}),
    CustomerRole.TECHNICAL_ADMIN: frozenset({Topic.TECHNICAL_DOCUMENTATION, Topic.ADMIN_TRAINING}),
    CustomerRole.IT_SECURITY: frozenset({Topic.SECURITY_DOCUMENTATION}),
    CustomerRole.MANAGER: frozenset({Topic.USAGE_METRICS}),
    CustomerRole.ECONOMIC_BUYER: frozenset({Topic.ROI}),
    CustomerRole.END_USER: frozenset({Topic.END_USER_TRAINING}),
}
"""SH-EXEC, SH-CHAMP, SH-ADMIN, SH-USER, SH-SEC, SH-MGR, SH-FIN."""
