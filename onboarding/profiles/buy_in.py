"""Where the customer's decision makers stand, by what is recorded and by what they answered (SH-9). Pure.

A call that was held says nothing of anybody's support, nor does a mail that was answered: neither counts here.
"""

from collections.abc import Iterable, Iterator, Mapping

from onboarding.model.case import Case, Fact
from onboarding.model.parties import BuyIn, Person, Position
from onboarding.model.state import OnboardingState, SurveyAnswer
from onboarding.model.vocabulary import CustomerRole, FactKind
from onboarding.profiles.profile import ids_by_name

DECISION_MAKERS = (CustomerRole.EXECUTIVE_SPONSOR, CustomerRole.ECONOMIC_BUYER)
"""Roles whose buy-in is shown as unknown while it is; department heads come in by what is recorded of them."""
WELL = 0.75
"""Share of a survey's scale from which an answer counts as support. This project's choice."""


def read_positions(case: Case, facts: Iterable[Fact], answers: Iterable[SurveyAnswer]) -> Mapping[str, Position]:
    """Return where each person stands, by the person's id; who is missing is unknown.

    The last word holds. What a person answered never lifts an opposition that one of us recorded, and is itself never
    taken for one: who is unhappy with a training is not against the project. ``facts`` and ``answers`` are in the order
    of time.
    """
    told = [*_recorded(facts), *_confirmed(facts), *_answered(answers)]
    if not told:
        return {}
    ids, found = ids_by_name(case), dict[str, Position]()
    for name, position in sorted(told, key=lambda one: (one[1].at, not one[1].derived)):
        person = ids.get(name, name)
        before = found.get(person)
        if position.derived and before is not None and before.buy_in is BuyIn.OPPOSED:
            continue
        found[person] = position
    return {person: one for person, one in found.items() if one.buy_in is not BuyIn.UNKNOWN}


def buy_in_of(state: OnboardingState, person_id: str) -> BuyIn:
    """Return where a person stands."""
    position = state.positions.get(person_id)
    return position.buy_in if position is not None else BuyIn.UNKNOWN


def holders_of(state: OnboardingState, roles: Iterable[CustomerRole]) -> Mapping[str, tuple[Person, CustomerRole]]:
    """Return the people with one of these roles by id, each once, with the first of the roles that they hold."""
    found: dict[str, tuple[Person, CustomerRole]] = {}
    for role in roles:
        for person in state.holders.get(role, ()):
            found.setdefault(person.id, (person, role))
    return found


def _recorded(facts: Iterable[Fact]) -> Iterator[tuple[str, Position]]:
    for fact in facts:
        if fact.kind is FactKind.BUY_IN and fact.name in set(BuyIn):
            why = str(fact.value.get("why") or "")
            yield str(fact.value.get("person") or ""), Position(BuyIn(fact.name), fact.at, fact.by, why)


def _confirmed(facts: Iterable[Fact]) -> Iterator[tuple[str, Position]]:
    """Who confirms the figures by which the project is measured stands behind it."""
    for fact in facts:
        person = str(fact.value.get("person") or "")
        if fact.kind is FactKind.GOAL_CONFIRMED and person:
            why = f"confirmed the goal {fact.name}"
            yield person, Position(BuyIn.SUPPORTIVE, fact.at, fact.by, why, derived=True)


def _answered(answers: Iterable[SurveyAnswer]) -> Iterator[tuple[str, Position]]:
    for one in answers:
        if one.person:
            buy_in = BuyIn.SUPPORTIVE if one.share >= WELL else BuyIn.NEUTRAL
            why = f"answered {one.score:g} of {one.high:g} ({one.kind})"
            yield one.person, Position(buy_in, one.at, "their answer", why, derived=True)
