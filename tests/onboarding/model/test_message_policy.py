from itertools import combinations

import pytest

from onboarding.model.message_policy import FORBIDDEN, Topic, may_receive
from onboarding.model.vocabulary import CustomerRole
from tests.builders.promises import GETS

SPONSOR, CHAMPION = CustomerRole.EXECUTIVE_SPONSOR, CustomerRole.CHAMPION
ADMIN, USER = CustomerRole.TECHNICAL_ADMIN, CustomerRole.END_USER


def may(topic: Topic, *roles: CustomerRole) -> bool:
    return may_receive(frozenset(roles), topic)


@pytest.mark.parametrize(
    ("role", "topic"),
    [
        (SPONSOR, Topic.TECHNICAL_UPDATE),
        (SPONSOR, Topic.TECHNICAL_DOCUMENTATION),
        (SPONSOR, Topic.ADMIN_CONFIGURATION),
        (ADMIN, Topic.END_USER_TRAINING),
        (USER, Topic.EXECUTIVE_UPDATE),
        (USER, Topic.ADMIN_CONFIGURATION),
    ],
)
def test_the_column_must_not_get_of_the_source_is_refused(role: CustomerRole, topic: Topic) -> None:
    assert not may(topic, role)


@pytest.mark.parametrize(
    ("role", "topic"),
    [
        (SPONSOR, Topic.EXECUTIVE_UPDATE),
        (SPONSOR, Topic.OUTCOME_METRICS),
        (SPONSOR, Topic.BUSINESS_REVIEW),
        (SPONSOR, Topic.DECISION),
        (CHAMPION, Topic.ENABLEMENT),
        (ADMIN, Topic.TECHNICAL_DOCUMENTATION),
        (USER, Topic.END_USER_TRAINING),
        (CustomerRole.IT_SECURITY, Topic.SECURITY_DOCUMENTATION),
        (CustomerRole.MANAGER, Topic.USAGE_METRICS),
        (CustomerRole.ECONOMIC_BUYER, Topic.ROI),
    ],
)
def test_the_column_gets_of_the_source_is_promised_and_allowed(role: CustomerRole, topic: Topic) -> None:
    assert topic in GETS[role]
    assert may(topic, role)


def test_every_role_stands_in_both_columns_and_is_promised_nothing_that_is_forbidden() -> None:
    assert set(GETS) == set(FORBIDDEN) == set(CustomerRole)
    for role in CustomerRole:
        assert GETS[role]
        assert not GETS[role] & FORBIDDEN[role]


def test_who_holds_several_roles_gets_only_what_none_of_them_forbids() -> None:
    for first, second in combinations(CustomerRole, 2):
        for topic in Topic:
            assert may(topic, first, second) == (may(topic, first) and may(topic, second))
    assert not may(Topic.TECHNICAL_DOCUMENTATION, ADMIN, SPONSOR)


def test_a_person_without_a_role_is_not_in_the_table() -> None:
    assert all(may(topic) for topic in Topic)
