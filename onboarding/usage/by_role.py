"""Activation by role, and which step those miss who are not activated (SX-10)."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from onboarding.model.phrases import role_words
from onboarding.model.state import OnboardingState
from onboarding.usage.product_users import ProductUser
from onboarding.usage.use import RoleUse

FEW = 0.5
"""Below this share of a role's people few are activated. This project's choice."""


def by_role(users: Iterable[ProductUser], state: OnboardingState) -> tuple[RoleUse, ...]:
    """Return for each role how many of its people were seen and did a key action, and what the others miss.

    The people of a role are those of the stakeholder map, with or without an address, and users to whom the product
    gives it.
    """
    found: defaultdict[str, list[ProductUser]] = defaultdict(list)
    for one in users:
        for role in one.roles:
            found[role].append(one)
    held = {role.value: len(people) for role, people in state.holders.items()}
    return tuple(_counted(role, found[role], held.get(role, 0)) for role in sorted({*found, *held}))


def _counted(role: str, users: list[ProductUser], held: int) -> RoleUse:
    missing = Counter(one.misses for one in users if one.first_success_at is None and one.misses)
    return RoleUse(
        role=role,
        people=max(held, len(users)),
        seen=sum(1 for one in users if one.first_use_at or one.signed_up_at or one.trial_since),
        activated=sum(1 for one in users if one.first_success_at is not None),
        missing=in_order(missing),
    )


def in_order(missing: Counter[str]) -> tuple[tuple[str, int], ...]:
    """Return what is missed, the most frequent first."""
    return tuple(sorted(missing.items(), key=lambda one: (-one[1], one[0])))


def few(role: RoleUse) -> bool:
    """Return whether few of a role's people are activated, of those of whom something is known."""
    return bool(role.missing) and role.activated < FEW * role.people


def role_sentences(roles: Iterable[RoleUse]) -> Iterable[str]:
    """Yield for each role of which few are activated how many are, and the step that most of the others miss."""
    for one in roles:
        if few(one):
            step, number = one.missing[0]
            role = role_words(one.role)
            yield (
                f"{role[:1].upper()}{role[1:]}: {one.activated} of {one.people} activated; next for {number}: {step}."
            )
