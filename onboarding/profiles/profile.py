"""What matters to each of the customer's people: priorities, concerns, pain points, what success is to them. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from onboarding.model.case import Case, Fact
from onboarding.model.parties import ItemSaid, ProfileItem
from onboarding.model.reports import known
from onboarding.model.vocabulary import FactKind
from onboarding.people.stakeholders import person_named
from onboarding.stages.handoff import is_answer

IN_CRM = "crm"
"""The source of what a field of the contact says."""
BY_CRM = "the CRM"


def read_profiles(case: Case, facts: Iterable[Fact], now: datetime) -> Mapping[str, Mapping[ProfileItem, ItemSaid]]:
    """Return what is known of each person by ``now`` (UTC), by the person's id and item (SH-1, SX-5).

    What was said last comes before the contact's own field, also what was said in another onboarding of the account:
    nobody is asked it a second time (HO-8). ``facts`` are those of this onboarding. What was said of a person before
    the CRM knew them follows them to their contact. The same for any order and repetition.
    """
    found: dict[str, dict[ProfileItem, ItemSaid]] = {}
    for person in case.people:
        told = {item: text.strip() for item, text in person.profile.items() if is_answer(text)}
        if told:
            found[person.id] = {item: ItemSaid(text, BY_CRM, IN_CRM, None) for item, text in told.items()}
    own = [fact for fact in facts if fact.kind is FactKind.PROFILE]
    if not own and not case.said_elsewhere:
        return found
    ids, here = ids_by_name(case), {fact.key for fact in own}
    for fact in known((*own, *case.said_elsewhere), now):
        name, text = str(fact.value.get("person") or ""), str(fact.value.get("text") or "")
        if name and is_answer(text) and fact.name in set(ProfileItem):
            mine = found.setdefault(ids.get(name, name), {})
            mine[ProfileItem(fact.name)] = ItemSaid(text, fact.by, fact.source, fact.at, fact.key not in here)
    return found


def ids_by_name(case: Case) -> Mapping[str, str]:
    """Return the contact's id for each id that the same person had before the CRM knew them."""
    return {person_named(person.email): person.id for person in case.people if person.email}
