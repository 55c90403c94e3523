"""Who took part in buying: by a field of the contact, by a list in each deal, else by its contact roles (SH-6)."""

import re
from collections.abc import Iterator, Sequence

from onboarding.model.case import Case
from onboarding.model.parties import Deal, Person
from onboarding.model.vocabulary import CustomerRole
from onboarding.people.placeholders import is_placeholder

BUYERS = "buyers"
"""The name, among the further fields of a deal in the mapping, of the one that lists who took part in buying."""


def bought_as(role: CustomerRole | None) -> bool:
    """Return whether a contact role of a deal means a part in buying. Sales names end users as those who will work with
    the product; every other role of a deal, also one without a meaning here, took part."""
    return role is not CustomerRole.END_USER


def took_part(case: Case, person: Person, role: CustomerRole | None = None) -> bool | None:
    """Return whether a person took part in buying; None if that is not known, and then nobody is told that they did
    not.

    The contact's own field decides. Without it each won deal is asked: its list of buyers if that names any contact
    that is known here, else its contact roles. One deal that says yes is enough; no deal may say yes and at least one
    must say no before a person counts as without a part. Where no deal says anything of a person, who was named by a
    report, only an end user (``role``) is known to have had none: a champion named by hand may well have chosen the
    product.
    """
    if person.buyer is not None:
        return person.buyer
    said = {_said_by(deal, case, person) for deal in case.deals if deal.won}
    if True in said:
        return True
    return False if False in said or not bought_as(role) else None


def _said_by(deal: Deal, case: Case, person: Person) -> bool | None:
    """Return what one deal says of a person; None if it says nothing of them."""
    text = deal.fields.get(BUYERS, "")
    if text and (named := _named(text, (*case.people, person))):
        return person.id in named
    parts = [part for part in case.stakeholders if part.person_id == person.id]
    held = [part.buyer for part in parts if not part.deals or deal.id in part.deals]
    return any(held) if held else None


def _named(text: str, people: Sequence[Person]) -> frozenset[str]:
    """Return the ids of those whom a list in the CRM names.

    An entry ends at a semicolon, a comma or a line. It names whom it equals as a whole, in any case and with any blanks
    between words: a mail address, a contact id (15 or 18 characters), a full name, or ``name <address>``.
    """
    known: dict[str, set[str]] = {}
    for one in people:
        for spelling in (one.email or "", one.id, one.id[:15], "" if is_placeholder(one.name) else one.name):
            if spelling:
                known.setdefault(_plain(spelling), set()).add(one.id)
    return frozenset(found for part in re.split(r"[;\n]", text) for entry in _entries(part, known) for found in entry)


def _entries(part: str, known: dict[str, set[str]]) -> Iterator[set[str]]:
    """Yield whom each entry between commas names. Two that make one known name are one entry: ``Lee, Ann``."""
    words = part.split(",")
    while words:
        first, second = words[0], words[1] if len(words) > 1 else ""
        pairs = (f"{first} {second}", f"{second} {first}") if second.strip() else ()
        joined = next((known[_plain(pair)] for pair in pairs if _plain(pair) in known), None)
        yield joined or known.get(_plain(first)) or _beside_address(first, known)
        words = words[2:] if joined else words[1:]


def _beside_address(entry: str, known: dict[str, set[str]]) -> set[str]:
    """Return whom ``Ann Lee <ann@kunde.example>`` names: by the address, else by the name before it."""
    found = re.fullmatch(r"([^<>]*)<([^<>]+)>", entry.strip())
    return (known.get(_plain(found[2])) or known.get(_plain(found[1])) or set()) if found else set()


def _plain(text: str) -> str:
    return " ".join(text.replace(",", " ").split()).casefold()
