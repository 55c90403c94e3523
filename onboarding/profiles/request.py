"""What may be recorded of a person, and what is refused. Pure."""

from onboarding.model.case import Case
from onboarding.model.identity import many_lines, one_spelling
from onboarding.model.parties import Person, ProfileItem
from onboarding.model.state import OnboardingState
from onboarding.stages.handoff import is_answer

LONGEST_ITEM = 500
"""Characters of one item, as on the plan page. This project's choice."""


class ProfileRefused(ValueError):
    """What was said cannot be kept as asked; the message says how to mend it."""


def checked_item(item: ProfileItem, text: str) -> str:
    """Return the text of an item as it is kept. Raises ProfileRefused."""
    said = many_lines(text)
    if not is_answer(said):
        raise ProfileRefused(f"{said!r} says nothing about {item.value.replace('_', ' ')}; say it in a line")
    if len(said) > LONGEST_ITEM:
        raise ProfileRefused(f"it is longer than {LONGEST_ITEM} characters; shorten it")
    return said


def person_at(case: Case, state: OnboardingState, address: str) -> Person:
    """Return the customer's person with this mail address: a contact, or one known from a report. Raises
    ProfileRefused."""
    held = {person.id: person for people in state.holders.values() for person in people}
    everybody = {person.id: person for person in case.people} | held
    spelt = one_spelling(address)
    person = next((one for one in everybody.values() if one_spelling(one.email or "") == spelt), None)
    if person is None:
        raise ProfileRefused(
            f"nobody at {case.account.name} has this address; add them first: first90 record KEY stakeholder EMAIL "
            "--role ROLE"
        )
    return person
