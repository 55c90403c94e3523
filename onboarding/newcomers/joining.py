"""When people joined the stakeholder map: by the first reading of the CRM, or by the first report that named them."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from onboarding.model.case import LONG_AGO, Case
from onboarding.model.identity import one_spelling
from onboarding.model.reports import known
from onboarding.model.vocabulary import FactKind
from onboarding.people.stakeholders import person_meant, person_named


def earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the earlier of two first readings; None, which is from the start, is before every other."""
    return None if one is None or other is None else min(one, other)


def first_seen(seen: Iterable[tuple[str, datetime | None]]) -> Mapping[str, datetime | None]:
    """Return for each person the earliest of their first readings."""
    found: dict[str, datetime | None] = {}
    for person_id, at in seen:
        found[person_id] = earlier(at, found.get(person_id, at))
    return found


def first_named(case: Case, now: datetime) -> Mapping[str, datetime]:
    """Return when each person who has or had a role was first read or heard of (UTC), by id; ``LONG_AGO`` of those who
    were there from the start.

    A report counts from when it was received, whatever day it tells of: until then nobody could have written to the
    person. Who left and came back joined the first time. The same for any order and repetition of the facts.
    """
    parts = (*case.stakeholders, *case.former)
    found = {name: at or LONG_AGO for name, at in first_seen((p.person_id, p.since) for p in parts).items()}
    people = {person.id: person for person in case.people}
    for fact in known((one for one in case.facts if one.kind is FactKind.STAKEHOLDER), now):
        person_id = person_meant(fact, people)
        if person_id and not fact.value.get("left"):
            found[person_id] = min(found.get(person_id, fact.learned_at), fact.learned_at)
    return found


def joined_at(case: Case, now: datetime) -> Mapping[str, datetime]:
    """Return when each person with a role joined (UTC), by id: a record with the address of another one, or of one
    that is gone, is of the same person, who joined when the first of them did."""
    found = dict(first_named(case, now))
    ids: dict[str, set[str]] = {}
    for person in case.people:
        if person.id in found and person.email:
            address = one_spelling(person.email)
            ids.setdefault(address, {person_named(address)} & found.keys()).add(person.id)
    for same in ids.values():
        earliest = min(found[person_id] for person_id in same)
        found |= dict.fromkeys(same, earliest)
    return found
