"""Who took part in buying: by a field of the contact, by a list in the deal, else by its contact roles (SH-6)."""

import re

from onboarding.model.case import Case
from onboarding.model.parties import Person
from onboarding.model.vocabulary import CustomerRole

BUYERS = "buyers"
"""The name, among the further fields of a deal in the mapping, of the one that lists who took part in buying."""


def bought_as(role: CustomerRole | None) -> bool:
    """Return whether a contact role of a deal means a part in buying. Sales names end users as those who will work with
    the product; every other role of a deal, also one without a meaning here, took part."""
    return role is not CustomerRole.END_USER


def took_part(case: Case, person: Person, role: CustomerRole | None = None) -> bool | None:
    """Return whether a person took part in buying; None if that is not known, and then nobody is told that they did
    not.

    The contact's own field decides; without it the deals' lists of buyers, where there are any; without them the
    contact roles of any of the deals. Of a person without a contact role, who was named by a report, only an end user
    (``role``) is known to have had no part: a champion named by hand may well have chosen the product.
    """
    if person.buyer is not None:
        return person.buyer
    lists = [text for deal in case.deals if (text := deal.fields.get(BUYERS, ""))]
    if lists:
        return any(_names(text, person) for text in lists)
    held = [part for part in case.stakeholders if part.person_id == person.id]
    return any(part.buyer for part in held) if held else None if bought_as(role) else False


def _names(text: str, person: Person) -> bool:
    """Return whether a list in the CRM names a person: by mail address, contact id (15 or 18 characters) or full
    name, in any case and however its entries are separated."""
    known = (person.email or "", person.id, person.id[:15], person.name)
    return any(one and re.search(rf"(?<![\w@.+-]){re.escape(one)}(?![\w@-])", text, re.IGNORECASE) for one in known)
