"""The stakeholder map: which contact holds which role, and who has left (SH-1, SH-2)."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from onboarding.dates.working_time import zone_of
from onboarding.model.case import Case, Fact
from onboarding.model.identity import one_spelling
from onboarding.model.parties import Person
from onboarding.model.vocabulary import CustomerRole, FactKind
from onboarding.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleHolders:
    """The roles with their current holders, and the people who left with the role they had."""

    holders: dict[CustomerRole, tuple[Person, ...]]
    left: tuple[tuple[Person, CustomerRole], ...]
    unreadable: tuple[tuple[Person, CustomerRole | None], ...] = ()
    """People named for a role (None: a role unknown here) whose record cannot be read now."""


def read_map(case: Case, facts: Sequence[Fact], now: datetime) -> RoleHolders:
    """Return the stakeholder map from the CRM's roles and the ``stakeholder`` facts, which come before them.

    Of several facts on one person and role the last holds; a fact without a role that says a person left applies to
    all roles of that person. A person who left by the CRM's date (a day in the person's zone) has left whatever
    the facts say. ``facts`` are in the order of ``reports.known``.
    """
    people = {person.id: person for person in case.people}
    gone: dict[tuple[str, CustomerRole], bool] = {}
    for stakeholder in case.stakeholders:
        if stakeholder.role is not None:
            gone[stakeholder.person_id, stakeholder.role] = stakeholder.left
    for fact in facts:
        if fact.kind != FactKind.STAKEHOLDER:
            continue
        person = _person(case, fact, people)
        role = str(fact.value.get("role") or "")
        left = bool(fact.value.get("left", False))
        if person is None:
            continue
        if role in set(CustomerRole):
            gone[person.id, CustomerRole(role)] = left
        elif left:
            gone.update({part: True for part in gone if part[0] == person.id})
    gone = {
        (person_id, role): left or has_left(people[person_id], now)
        for (person_id, role), left in gone.items()
        if person_id in people
    }
    hidden = tuple(
        (people[person_id], role)
        for (person_id, role), left in sorted(gone.items())
        if not left and people[person_id].unreadable
    )
    order = {person_id: number for number, person_id in enumerate(people)}
    parts = sorted(
        (
            (person_id, role, left)
            for (person_id, role), left in gone.items()
            if left or not people[person_id].unreadable
        ),
        key=lambda part: (order[part[0]], part[1].value),
    )
    return RoleHolders(
        holders={
            role: tuple(people[person_id] for person_id, held, left in parts if held is role and not left)
            for role in CustomerRole
            if any(held is role and not left for _, held, left in parts)
        },
        left=tuple((people[person_id], role) for person_id, role, left in parts if left),
        unreadable=(*hidden, *_unplaced(case, people, gone)),
    )


def _unplaced(
    case: Case, people: Mapping[str, Person], placed: Collection[tuple[str, CustomerRole]]
) -> Iterator[tuple[Person, None]]:
    """Yield the people named in a deal for an unknown role whose record cannot be read; they may hold any role."""
    known = {person_id for person_id, _ in placed}
    for person_id in dict.fromkeys(part.person_id for part in case.stakeholders if not part.left):
        if person_id in people and people[person_id].unreadable and person_id not in known:
            yield people[person_id], None


def has_left(person: Person, now: datetime) -> bool:
    """Return whether the day on which the person left has come in the person's zone."""
    return person.left_on is not None and person.left_on <= now.astimezone(zone_of(person.zone)).date()


def person_named(address: str) -> str:
    """Return the id of a person known only from a report: ids appear in keys and logs, addresses never do."""
    return f"p{sha256(one_spelling(address).encode()).hexdigest()[:17]}"


def person_meant(fact: Fact, people: Mapping[str, Person]) -> str:
    """Return the id of the person that a fact is about: by id, or the one of ``people`` with the address, else that of
    a person known from a report only. Empty if it names nobody."""
    email = str(fact.value.get("email") or "").strip()
    given = str(fact.value.get("person_id") or "")
    if given or not email:
        return given
    known = (person.id for person in people.values() if one_spelling(person.email or "") == one_spelling(email))
    return next(known, person_named(email))


def _person(case: Case, fact: Fact, people: dict[str, Person]) -> Person | None:
    """Return the person that a fact is about; a person known only from the fact is added to ``people``."""
    person_id = person_meant(fact, people)
    email = str(fact.value.get("email") or "").strip()
    if not person_id:
        return None
    if person_id not in people:
        people[person_id] = Person(
            id=person_id,
            name=str(fact.value.get("name") or name_in(email) or person_id),
            called=None if fact.value.get("name") else "",
            email=email or None,
            zone=case.account.zone or "UTC",
            country=case.account.country,
        )
    return people[person_id]


def name_in(address: str) -> str:
    """Return the name that an address suggests: ``ana.lopez@acme.example`` is Ana Lopez. The journal gets no
    address."""
    words = re.split(r"[._+-]+|\d+", address.partition("@")[0])
    return " ".join(word.capitalize() for word in words if word)
