"""What a person is still asked: what neither the handoff nor the CRM nor anybody has said (HO-8). Pure."""

from collections.abc import Mapping

from onboarding.model.case import Case
from onboarding.model.parties import ProfileItem
from onboarding.model.state import OnboardingState
from onboarding.model.vocabulary import HandoffItem
from onboarding.people.buying import took_part
from onboarding.stages.handoff import is_answer

PAIN_POINTS = "pain_points"
"""The name of the deal's field, under ``fields`` of the mapping, in which sales writes what hurts the customer."""
SOLD: Mapping[ProfileItem, HandoffItem] = {
    ProfileItem.PRIORITIES: HandoffItem.GOALS,
    ProfileItem.SUCCESS: HandoffItem.SUCCESS_METRICS,
}
"""The item of the handoff that answers for those who took part in buying: sales has asked them."""


def asked_items(case: Case, state: OnboardingState, person_id: str) -> tuple[ProfileItem, ...]:
    """Return what this person is still asked, in order; empty once everything is known, whoever said it and where."""
    known = state.profiles.get(person_id, {})
    person = case.person(person_id)
    sold = _sold(case, state) if person is not None and took_part(case, person) else frozenset()
    return tuple(item for item in ProfileItem if item not in known and item not in sold)


def pain_points_of(case: Case) -> tuple[str, ...]:
    """Return what hurts the customer as sales wrote it, once for each deal that says it."""
    told = (deal.fields.get(PAIN_POINTS, "") for deal in case.deals if deal.won)
    return tuple(dict.fromkeys(text.strip() for text in told if is_answer(text)))


def _sold(case: Case, state: OnboardingState) -> frozenset[ProfileItem]:
    told = {item for item, answer in SOLD.items() if answer in state.handoff}
    return frozenset(told | ({ProfileItem.PAIN_POINTS} if pain_points_of(case) else set()))
