"""The brief for a call: who is there, where they stand, what matters to them, and what is to be asked. Pure."""

from collections.abc import Iterator

from onboarding.model.case import Case
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import CustomerRole
from onboarding.profiles.asking import asked_items, pain_points_of
from onboarding.profiles.buy_in_words import short_sentences
from onboarding.profiles.words import items_words
from onboarding.sentences.sentence import joined, pattern, sentence
from onboarding.sentences.terms import role_name

MOST_PEOPLE = 12
"""People in one brief; further ones are only counted. This project's choice."""


def brief_lines(case: Case, state: OnboardingState) -> Iterator[str]:
    """Yield what hurts the customer, then each person with a role, those who decide first. What is known is not asked
    again (HO-8)."""
    for text in pain_points_of(case):
        yield sentence("said.pain", text=" ".join(text.split()))
    people = {person.id: person for role in CustomerRole for person in state.holders.get(role, ())}
    for person_id in list(people)[:MOST_PEOPLE]:
        person = people[person_id]
        roles = tuple(role_name(role) for role in CustomerRole if person in state.holders.get(role, ()))
        asked = asked_items(case, state, person_id)
        asks = [sentence("said.ask_for", items=items_words(asked))] if asked else []
        if told := [*short_sentences(state, person_id), *asks]:
            yield pattern("• {person}, {roles}: {told}", person=person.name, roles=roles, told=joined("; ", told))
        else:
            yield pattern("• {person}, {roles}", person=person.name, roles=roles)
    if len(people) > MOST_PEOPLE:
        yield sentence("posts.and_more", count=len(people) - MOST_PEOPLE)
