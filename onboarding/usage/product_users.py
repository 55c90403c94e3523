"""Each user of the product: role, class of use, a timeline, and the step that comes next (US-1 to US-5)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from onboarding.model.identity import one_spelling
from onboarding.model.parties import Person
from onboarding.model.playbook import MilestonePlan, Playbook
from onboarding.model.state import OnboardingState
from onboarding.model.usage import UseClass
from onboarding.model.vocabulary import CustomerRole, Side
from onboarding.usage.use import ACTIVATION, TrialUse, UserUse
from onboarding.values import dataclass

NOT_SEEN = "the first use of the product"
AT_WORK = (CustomerRole.END_USER, CustomerRole.TECHNICAL_ADMIN, CustomerRole.MANAGER, CustomerRole.CHAMPION)
"""The roles whose people are expected in the product: they are listed although they were never seen there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUser:
    """One user, or one of the customer's people who should be one. Instants are in UTC."""

    user: str
    """As the product names the user; the address of one who was never seen."""
    name: str = ""
    """The name of the contact with this address; empty if the CRM knows none."""
    roles: tuple[str, ...] = ()
    """By the stakeholder map; else the role that the product gives."""
    use: UseClass = UseClass.NONE
    signed_up_at: datetime | None = None
    first_use_at: datetime | None = None
    first_success_at: datetime | None = None
    """The first key action: usage that proves one of the customer's milestones."""
    last_use_at: datetime | None = None
    trial_since: datetime | None = None
    """When the user was first seen in a trial, before the signature; None if not."""
    success_in_trial: bool = False
    """Whether the first success was in the trial; it counts on."""
    minutes: int = 0
    """The time spent in the product in the last thirty days, where the product tells it."""
    misses: str = ""
    """The step that comes next; empty after the first of the steps that tell activation."""


def product_users(
    uses: Iterable[UserUse], state: OnboardingState, playbook: Playbook, trial: Iterable[TrialUse] = ()
) -> tuple[ProductUser, ...]:
    """Return the users since the signature in the order of their first event, then those of the ``trial`` alone, then
    the people who should be in the product and are not. What a user did in the trial counts on, marked as such."""
    known = _by_address(state)
    tried = {one.user: one for one in trial}
    seen = set()
    found = []
    for use in sorted(uses, key=lambda one: (one.first_at, one.user)):
        before = tried.pop(use.user, None)
        in_trial = before.key_at if before else None
        person, roles = known.get(one_spelling(use.user), (None, ()))
        seen.add(one_spelling(use.user))
        roles = roles or ((use.role,) if use.role else ())
        found.append(
            ProductUser(
                user=use.user,
                name=person.name if person else "",
                roles=roles,
                use=playbook.users.use_class(use.days),
                signed_up_at=use.signed_up_at,
                first_use_at=use.used_at,
                first_success_at=in_trial or use.key_at,
                last_use_at=use.last_at if use.used_at else None,
                minutes=use.minutes,
                misses="" if in_trial else _next_step(use, roles, playbook),
                trial_since=before.first_at if before else None,
                success_in_trial=in_trial is not None,
            )
        )
    for one in sorted(tried.values(), key=lambda one: (one.first_at, one.user)):
        person, roles = known.get(one_spelling(one.user), (None, ()))
        seen.add(one_spelling(one.user))
        found.append(
            ProductUser(
                user=one.user,
                name=person.name if person else "",
                roles=roles,
                first_success_at=one.key_at,
                misses="" if one.key_at else NOT_SEEN,
                trial_since=one.first_at,
                success_in_trial=one.key_at is not None,
            )
        )
    for address, (person, roles) in sorted(known.items()):
        if address not in seen and set(roles) & {role.value for role in AT_WORK}:
            found.append(ProductUser(user=person.email or "", name=person.name, roles=roles, misses=NOT_SEEN))
    return tuple(found)


def _by_address(state: OnboardingState) -> Mapping[str, tuple[Person, tuple[str, ...]]]:
    """Return the people of the stakeholder map with their roles, by address."""
    found: dict[str, tuple[Person, tuple[str, ...]]] = {}
    for role, people in sorted(state.holders.items(), key=lambda held: held[0].value):
        for person in people:
            if address := one_spelling(person.email or ""):
                found[address] = (person, (*found.get(address, (person, ()))[1], role.value))
    return found


def _next_step(use: UserUse, roles: tuple[str, ...], playbook: Playbook) -> str:
    """Return what a user without a key action should do next: the first step of their role; "" for others."""
    if use.key_at is not None:
        return ""
    if use.used_at is None:
        return NOT_SEEN
    mine = [plan for plan in _steps(playbook) if plan.needs_role is not None and plan.needs_role.value in roles]
    rest = [plan for plan in _steps(playbook) if plan.needs_role is None]
    return next((plan.title for plan in (*mine, *rest)), "")


def _steps(playbook: Playbook) -> list[MilestonePlan]:
    """Return the customer's milestones that usage proves, in the order of the playbook."""
    plans = [plan for plan in playbook.milestones() if plan.signals]
    return [plan for plan in plans if plan.side is Side.CUSTOMER or plan.name == ACTIVATION]
