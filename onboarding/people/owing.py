"""Who has the move, by side, role and name (RO-9). Pure."""

from onboarding.model.phrases import list_words, role_words, side_words
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import CustomerRole, Side, VendorRole
from onboarding.people.owners import responsible


def owing_words(state: OnboardingState, side: str, role: str) -> str:
    """Return the side in words with the person who owes it there: ``us: Ida Moor (implementation engineer)``, ``the
    customer: Tom Adler (technical admin)``. A role of the customer's that nobody holds is named as such; the side alone
    where no role is known."""
    said = side_words(side)
    if side == Side.CUSTOMER:
        if role not in set(CustomerRole):
            return said
        people = state.holders.get(CustomerRole(role), ())
        names = f"{list_words(one.name for one in people)} ({role_words(role)})" if people else ""
        return f"{said}: {names or f'{role_words(role)}, whom nobody is yet'}"
    owner = responsible(state.team, role) if role in set(VendorRole) else None
    if owner is None:
        return said
    holds = VendorRole(role) in state.team and VendorRole(role) not in state.stood_in
    named = f"{owner.name} ({role_words(role)})" if holds else owner.name
    return f"{said}: {named}" if side == Side.VENDOR else f"{said}; {named} follows it up"
