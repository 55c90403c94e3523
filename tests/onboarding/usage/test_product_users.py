"""Users of the product: role, class of use, timeline and next step, and by role what the others miss."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from config.playbook_library.library import load_library
from onboarding.facts.fold import fold_facts
from onboarding.model.parties import Person
from onboarding.model.state import OnboardingState
from onboarding.model.usage import UseClass, UserPlan
from onboarding.model.vocabulary import CustomerRole
from onboarding.usage.by_role import by_role, role_sentences
from onboarding.usage.product_users import NOT_SEEN, ProductUser, product_users
from onboarding.usage.use import TrialUse, UserUse
from tests.builders.case import CASE
from tests.builders.tiers import MID

PLAYBOOK = load_library()[MID].playbook
DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
USERS_DO = "Users complete their own daily tasks in the product"
ADMINS_DO = "Administrators complete a task of their own"


def after(days: int) -> datetime:
    return DAY + timedelta(days=days)


def use(user: str, *, used: int | None = 1, key: int | None = None, days: int = 1, role: str = "") -> UserUse:
    return UserUse(
        user=user,
        first_at=DAY,
        last_at=after(9),
        key_at=None if key is None else after(key),
        days=days,
        signed_up_at=DAY,
        used_at=None if used is None else after(used),
        role=role,
    )


def people(**roles: list[str]) -> OnboardingState:
    """Return a state whose people hold these roles, each with an address of the name."""
    held = {
        CustomerRole(role): tuple(Person(id=name, name=name.title(), email=f"{name}@acme.example") for name in names)
        for role, names in roles.items()
    }
    return replace(fold_facts(CASE, PLAYBOOK, DAY), holders=held)


def test_people_are_told_apart_by_the_same_spelling_as_everywhere() -> None:
    champion = CustomerRole.CHAMPION
    ann = Person(id="ann", name="Ann", email=" Ann@Müller.example")
    state = replace(people(), holders={champion: (ann,)})
    (found,) = product_users([use("ann@xn--mller-kva.example")], state, PLAYBOOK)
    assert (found.name, found.roles) == ("Ann", (champion.value,))


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, "none"), (1, "casual"), (3, "casual"), (4, "regular"), (11, "regular"), (12, "power"), (30, "power")],
)
def test_the_class_of_use_follows_the_days_with_use(days: int, expected: str) -> None:
    assert UserPlan().use_class(days) == UseClass(expected)


def test_the_playbook_says_where_the_classes_begin() -> None:
    assert UserPlan(regular_days=2, power_days=3).use_class(2) is UseClass.REGULAR
    with pytest.raises(ValueError, match="power_days must be more"):
        UserPlan(regular_days=5, power_days=5)


def test_each_user_has_a_timeline_and_the_role_of_the_map_before_that_of_the_event() -> None:
    state = people(technical_admin=["tom"], champion=["tom", "cora"])
    found = product_users(
        [use("TOM@acme.example", key=3, days=12, role="end_user"), use("u-7", role="end_user")], state, PLAYBOOK
    )
    assert found == (
        ProductUser(
            user="TOM@acme.example",
            name="Tom",
            roles=("champion", "technical_admin"),
            use=UseClass.POWER,
            signed_up_at=DAY,
            first_use_at=after(1),
            first_success_at=after(3),
            last_use_at=after(9),
        ),
        ProductUser(
            user="u-7",
            roles=("end_user",),
            use=UseClass.CASUAL,
            signed_up_at=DAY,
            first_use_at=after(1),
            last_use_at=after(9),
            misses=USERS_DO,
        ),
        ProductUser(user="cora@acme.example", name="Cora", roles=("champion",), misses=NOT_SEEN),
    )


def test_what_was_done_in_the_trial_counts_on_and_is_marked() -> None:
    state = people(technical_admin=["tom"], end_user=["eva"])
    tried = [
        TrialUse("tom@acme.example", after(-20), after(-15)),
        TrialUse("eva@acme.example", after(-9)),
        TrialUse("u-7", after(-8), after(-8)),
    ]
    found = product_users([use("tom@acme.example", key=3), use("u-9")], state, PLAYBOOK, tried)
    told = [(one.user, one.trial_since, one.first_success_at, one.success_in_trial, one.misses) for one in found]
    assert told == [
        ("tom@acme.example", after(-20), after(-15), True, ""),
        ("u-9", None, None, False, USERS_DO),
        ("eva@acme.example", after(-9), None, False, NOT_SEEN),
        ("u-7", after(-8), after(-8), True, ""),
    ]
    roles = {one.role: (one.seen, one.activated) for one in by_role(found, state)}
    assert roles == {"end_user": (1, 0), "technical_admin": (1, 1)}


def test_who_only_signed_up_has_not_been_in_the_product() -> None:
    (found,) = product_users([use("u-7", used=None, days=0)], people(), PLAYBOOK)
    assert (found.signed_up_at, found.first_use_at, found.last_use_at, found.misses) == (DAY, None, None, NOT_SEEN)


def test_by_role_it_is_told_what_those_miss_who_are_not_activated() -> None:
    state = people(technical_admin=["tom"], end_user=["eva", "edo", "eli"], executive_sponsor=["sam"])
    seen = [use("tom@acme.example"), use("eva@acme.example", key=2), use("edo@acme.example"), use("u-9", role="guest")]
    roles = by_role(product_users(seen, state, PLAYBOOK), state)
    told = {one.role: (one.people, one.seen, one.activated, one.missing) for one in roles}
    assert told == {
        "end_user": (3, 2, 1, ((USERS_DO, 1), (NOT_SEEN, 1))),
        "executive_sponsor": (1, 0, 0, ()),
        "guest": (1, 1, 0, ((USERS_DO, 1),)),
        "technical_admin": (1, 1, 0, ((ADMINS_DO, 1),)),
    }
    assert list(role_sentences(roles)) == [
        f"End user: 1 of 3 activated; next for 1: {USERS_DO}.",
        f"Guest: 0 of 1 activated; next for 1: {USERS_DO}.",
        f"Technical admin: 0 of 1 activated; next for 1: {ADMINS_DO}.",
    ]
