"""Goals in words: what they serve, how far each has come, what that is worth, and what of it is still assumed."""

from collections.abc import Iterable
from enum import StrEnum

from onboarding.facts.goal_values import gain, way_words
from onboarding.model.case import Fact
from onboarding.model.phrases import day_words, number_words
from onboarding.model.state import Goal
from onboarding.model.vocabulary import FactKind


class Aim(StrEnum):
    """What stands above the goals of a customer."""

    OBJECTIVE = "objective"
    """The broader objective of their business (SX-7)."""
    CAPABILITY = "capability"
    """The one capability that makes them say that this is why they bought, the fastest path to value (GO-8)."""


AIM_WORDS = {Aim.OBJECTIVE: "What it serves", Aim.CAPABILITY: "Why they bought it"}


def aim_sentences(facts: Iterable[Fact]) -> tuple[str, ...]:
    """Return what stands above the goals, a sentence each, without its full stop; of each kind the last report of
    ``facts``, which are in the order of time."""
    found = {
        Aim(fact.name): f"{AIM_WORDS[Aim(fact.name)]}: {fact.value.get('text')}"
        for fact in facts
        if fact.kind is FactKind.NOTE and fact.name in set(Aim)
    }
    return tuple(found[aim] for aim in Aim if aim in found)


def goal_sentence(goal: Goal) -> str:
    """Return a measurable goal in one sentence, without its full stop."""
    stands = "nobody has said where it stands"
    if goal.values and goal.value is not None:
        stands = f"{number_words(goal.value)} {goal.unit} on {day_words(goal.values[-1].on)}, {way_words(goal)}"
    worth = gain(goal)
    said = f"{goal}; {stands}" + (f", worth {worth} to them" if worth else "")
    return said if goal.confirmed else f"{said} (assumed: the customer's side has not confirmed it)"
