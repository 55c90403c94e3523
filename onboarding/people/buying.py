"""Who took part in buying, by the contact roles of the deals (SH-1, SH-6)."""

from onboarding.model.case import Case
from onboarding.model.vocabulary import CustomerRole


def bought_as(role: CustomerRole | None) -> bool:
    """Return whether a contact role of a deal means a part in buying. Sales names end users as those who will work with
    the product; every other role of a deal, also one without a meaning here, took part."""
    return role is not CustomerRole.END_USER


def took_part(case: Case, person_id: str) -> bool:
    """Return whether a person took part in buying: in any of the deals, in any role that did.

    Who has no contact role in them, because they were named later, did not. Where no deal has a contact role nothing is
    known, and nobody is told that they were left out.
    """
    held = [part for part in case.stakeholders if part.person_id == person_id]
    return any(part.buyer for part in held) if held else not case.stakeholders
